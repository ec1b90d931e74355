import { createECDH, randomBytes } from 'node:crypto'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { importJWK, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { csrfOn, sendForm } from '../signin/portal.ts'
import { startApp, type TestApp } from '../support/app.ts'
import type { Browser } from '../support/html.ts'
import {
  approve,
  approverOf,
  checkNow,
  forgetApprovers,
  numberOn,
  openApprove,
  sendRequest,
  toPush,
} from './approving.ts'

/** A push service that takes what it is sent, and answers as it is told. */
async function pushService() {
  const received: { headers: IncomingHttpHeaders; body: Buffer }[] = []
  const answer = { status: 201, headers: {} as Record<string, string> }
  const server: Server = createServer((req, res) => {
    const parts: Buffer[] = []
    req.on('data', (part: Buffer) => parts.push(part))
    req.on('end', () => {
      received.push({ headers: req.headers, body: Buffer.concat(parts) })
      res.writeHead(answer.status, answer.headers).end()
    })
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { origin, received, answer, close: () => server.close() }
}

/** What a browser gives a page that may notify. */
const subscriptionAt = (endpoint: string) => {
  const pair = createECDH('prime256v1')
  return { endpoint, p256dh: pair.generateKeys('base64url'), auth: randomBytes(16).toString('base64url') }
}

let service: Awaited<ReturnType<typeof pushService>>
let app: TestApp
let laptop: Browser
beforeAll(async () => {
  service = await pushService()
  app = await startApp({ env: { WEB_PUSH_SERVICES: service.origin } })
})
afterAll(async () => {
  await app.close()
  service.close()
})

const subscribe = async (endpoint: string, more: object = {}) => {
  const page = await openApprove(app, laptop)
  const fields = { _csrf: csrfOn(page), ...subscriptionAt(endpoint), ...more }
  return sendForm(app, laptop, '/approve/knock', fields)
}
const fresh = async () => {
  await forgetApprovers(app, 'ada')
  laptop = await approverOf(app, 'ada')
  Object.assign(service.answer, { status: 201, headers: {} })
  service.received.length = 0
}
const knocked = async () => {
  await app.ctx.background.settled()
  return service.received.length
}

describe('a browser that may notify', () => {
  test('is knocked at once a request, by this server and for a minute, without a word of it', async () => {
    await fresh()
    expect((await subscribe(`${service.origin}/send/1`)).headers.get('location')).toBe('/approve')
    const waiting = await sendRequest(await toPush(app, 'ada'))
    await checkNow(waiting)
    expect(await knocked()).toBe(1)
    const { headers, body } = service.received[0]!
    expect([headers.ttl, headers.urgency, headers['content-encoding']]).toEqual(['60', 'high', 'aes128gcm'])
    expect(body.includes('Doorward')).toBe(false)
    const [, token = '', key = ''] = /^vapid t=([^,]+), k=(.+)$/.exec(headers.authorization!)!
    expect(key).toBe(app.ctx.webPush.publicKey)
    const point = Buffer.from(key, 'base64url')
    const [x, y] = [point.subarray(1, 33), point.subarray(33)].map((half) => half.toString('base64url'))
    const jwk = await importJWK({ kty: 'EC', crv: 'P-256', x: x!, y: y! }, 'ES256')
    const { payload } = await jwtVerify(token, jwk, { audience: service.origin })
    expect(payload.sub).toBe('mailto:doorward@localhost')
    expect((await approve(await openApprove(app, laptop), numberOn(waiting))).text).toContain('Approved')
  })

  test('is asked on its page all the same when the service fails, and is not tried again once it is gone', async () => {
    await fresh()
    await subscribe(`${service.origin}/send/2`)
    service.answer.status = 500
    const waiting = await sendRequest(await toPush(app, 'ada'))
    expect(await knocked()).toBe(1)
    await approve(await openApprove(app, laptop), numberOn(waiting))
    service.answer.status = 410
    expect((await checkNow(waiting)).url.pathname).toBe('/')
    for (const seconds of [61, 61]) {
      await sendRequest(await toPush(app, 'ada'))
      expect(await knocked()).toBe(2)
      await app.advance(seconds)
    }
  })

  test('is never followed to where the service sends us', async () => {
    await fresh()
    await subscribe(`${service.origin}/send/3`)
    Object.assign(service.answer, { status: 307, headers: { location: `${service.origin}/admin` } })
    await sendRequest(await toPush(app, 'ada'))
    expect(await knocked()).toBe(1)
  })

  test.each([
    ['http://127.0.0.1:1/send'],
    ['https://127.0.0.1/send'],
    ['https://169.254.169.254/latest/meta-data'],
    ['https://[::1]/send'],
    ['http://fcm.googleapis.com/send'],
    ['https://fcm.googleapis.com:8443/send'],
    ['https://fcm.googleapis.com.evil.test/send'],
    ['https://evil.test/fcm.googleapis.com'],
    ['https://user@fcm.googleapis.com/send'],
    ['https://evilpush.apple.com.test/'],
    ['file:///etc/passwd'],
    ['javascript:alert(1)'],
    ['not an address'],
  ])('is not reached at %s', async (endpoint) => {
    await fresh()
    expect((await subscribe(endpoint)).status).toBe(400)
    await sendRequest(await toPush(app, 'ada'))
    expect(await knocked()).toBe(0)
  })

  test('says with whole keys how it is reached, and can take it back', async () => {
    await fresh()
    const address = `${service.origin}/send/4`
    for (const broken of [{ p256dh: 'short' }, { auth: '' }, { p256dh: '!'.repeat(87) }])
      expect((await subscribe(address, broken)).status).toBe(400)
    await subscribe('https://updates.push.services.mozilla.com/wpush/v2/abc')
    await subscribe('')
    await sendRequest(await toPush(app, 'ada'))
    expect(await knocked()).toBe(0)
  })

  test('runs a worker that may serve its page and no more', async () => {
    const worker = await app.call('GET', '/approve/worker.js')
    expect([
      worker.status,
      worker.headers.get('content-type'),
      worker.headers.get('service-worker-allowed'),
    ]).toEqual([200, 'text/javascript; charset=utf-8', '/approve'])
  })
})
