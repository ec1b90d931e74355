import { createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inEveryWorld, startApp, type TestApp } from '../support/app.ts'
import type { Page } from '../support/html.ts'
import { IDS, PASSWORDS } from '../support/people.ts'
import { attemptOn, CODE_FORM, enterCode, enterPassword, openLogin, signIn } from '../signin/portal.ts'

const SECRET = 'a-secret-of-the-gateway-that-is-long-enough'
const NUMBER = '+4915112345678'

interface Sent {
  message: Record<string, string>
  signature: string
  raw: string
}

/** A gateway for texts and calls: keeps what it gets, and fails on a wish. */
async function startGateway() {
  const sent: Sent[] = []
  let answer = 200
  const body = async (request: IncomingMessage) => {
    let text = ''
    for await (const piece of request) text += String(piece)
    return text
  }
  const server: Server = createServer((request, response) => {
    void body(request).then((raw) => {
      const signature = String(request.headers['doorward-signature'])
      sent.push({ message: JSON.parse(raw) as Record<string, string>, signature, raw })
      response.writeHead(answer, answer === 302 ? { location: 'http://127.0.0.1:1/' } : {}).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`,
    sent,
    answerWith: (status: number) => (answer = status),
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}
type Gateway = Awaited<ReturnType<typeof startGateway>>

const forget = (app: TestApp, who: 'bob' | 'gus') =>
  app.ctx.db.deleteFrom('authenticators').where('userId', '=', IDS[who]).execute()

/** Enrols a phone by API as proved, and gives its id. */
async function enrolled(app: TestApp, kind: 7 | 8, number = NUMBER): Promise<number> {
  await forget(app, 'bob')
  await app.advance(3700)
  const wish = { factor_id: kind, display_name: 'Phone', number, verified: true }
  const { json } = await app.post(`/api/1/users/${IDS.bob}/otp_devices`, wish, await app.token())
  expect(json.data[0]).toMatchObject({ active: true, phone_number: number, needs_trigger: true })
  return json.data[0].id as number
}
async function toPhone(app: TestApp): Promise<Page> {
  const page = await enterPassword(await openLogin(app), 'bob')
  app.sink.learn(attemptOn(page))
  return page
}

const world = (tests: (app: () => TestApp, gateway: () => Gateway) => void) => {
  for (const where of ['in-process', 'PostgreSQL and Redis'] as const)
    describe(where, () => {
      let app: TestApp
      let gateway: Gateway
      beforeAll(async () => {
        gateway = await startGateway()
        const env = { SMS_URL: gateway.url, VOICE_URL: gateway.url, GATEWAY_SECRET: SECRET }
        app = await startApp({ world: where, env })
      })
      afterAll(async () => {
        await app.close()
        await gateway.stop()
      })
      tests(
        () => app,
        () => gateway,
      )
    })
}

const codeIn = (app: TestApp, { message }: Sent): string => {
  const code = /(\d(?:, )?){6}/.exec(message.body ?? message.say ?? '')![0].replace(/\D/g, '')
  app.sink.learn(code)
  return code
}

describe('a code to a phone', () => {
  world((app, gateway) => {
    test.each([
      [7, 'Send the text', 'body'],
      [8, 'Call me', 'say'],
    ] as const)(
      'of kind %i is sent signed, masked on the page, and signs in once',
      async (kind, button, key) => {
        await enrolled(app(), kind)
        const page = await toPhone(app())
        expect([page.text.includes('•••••78'), page.text.includes(NUMBER)]).toEqual([true, false])
        const asked = await page.form(CODE_FORM).submit(button)
        const last = gateway().sent.at(-1)!
        expect([last.message.to, typeof last.message[key]]).toEqual([NUMBER, 'string'])
        const [, at, mark] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(last.signature)!
        expect(mark).toBe(createHmac('sha256', SECRET).update(`${at}.${last.raw}`).digest('hex'))
        const code = codeIn(app(), last)
        expect((await enterCode(asked, code)).url.pathname).toBe('/')
        const again = await toPhone(app())
        expect((await enterCode(await again.form(CODE_FORM).submit(button), code)).status).toBe(401)
      },
    )

    test('is good for its own attempt and five minutes', async () => {
      await enrolled(app(), 7)
      const [first, second] = [await toPhone(app()), await toPhone(app())]
      const asked = await first.form(CODE_FORM).submit('Send the text')
      const code = codeIn(app(), gateway().sent.at(-1)!)
      const other = await second.form(CODE_FORM).submit('Send the text')
      expect((await enterCode(other, code)).status).toBe(401)
      await app().advance(301)
      expect((await enterCode(asked, code)).status).toBe(401)
    })

    test('is sent again after half a minute, and five times an hour', async () => {
      await enrolled(app(), 7)
      const before = gateway().sent.length
      let page = await (await toPhone(app())).form(CODE_FORM).submit('Send the text')
      page = await page.form(CODE_FORM).submit('Send a new text')
      expect([page.text.includes('Please wait a moment'), gateway().sent.length - before]).toEqual([true, 1])
      for (let i = 0; i < 4; i++) {
        await app().advance(31)
        page = await page.form(CODE_FORM).submit('Send a new text')
      }
      expect(gateway().sent.length - before).toBe(5)
      await app().advance(31)
      const refused = await page.form(CODE_FORM).submit('Send a new text')
      expect([refused.status, gateway().sent.length - before]).toEqual([429, 5])
    })

    test.each([500, 302])(
      'that the gateway answers with %i is told as our fault, and not that it was sent',
      async (status) => {
        await enrolled(app(), 7)
        gateway().answerWith(status)
        const page = await (await toPhone(app())).form(CODE_FORM).submit('Send the text')
        gateway().answerWith(200)
        expect(page.status).toBe(503)
      },
    )

    test.each([
      ['no number', 'call me'],
      ['a number without its country', '015112345678'],
      ['an impossible number', '+49123'],
      ['a number that costs extra', '+4990012345678'],
    ])('goes to no phone for %s, which loses nothing that was typed', async (_what, number) => {
      await forget(app(), 'gus')
      await app().advance(3700)
      const browser = app().browser()
      await signIn(app(), 'gus', browser)
      const offers = await browser.tab().open(`${app().url}/account/factors/new`)
      const where = await offers.form(CODE_FORM).submit('sms')
      const wrong = await where.form(CODE_FORM).fill({ number }).submit('Continue')
      expect([wrong.status, wrong.form(CODE_FORM).fields.number]).toEqual([400, number])
    })

    test('is set up at the account by the code that arrives there', async () => {
      await forget(app(), 'gus')
      await app().advance(3700)
      const browser = app().browser()
      await signIn(app(), 'gus', browser)
      const offers = await browser.tab().open(`${app().url}/account/factors/new`)
      const where = await offers.form(CODE_FORM).submit('sms')
      const asked = await where.form(CODE_FORM).fill({ number: '+49 151 12345678' }).submit('Continue')
      const there = await enterCode(asked, codeIn(app(), gateway().sent.at(-1)!))
      expect(there.text).toContain('Second factor added')
    })

    test('is asked and answered by a program as OneLogin’s', async () => {
      await enrolled(app(), 7)
      const token = await app().token()
      const body = { username_or_email: 'bob', password: PASSWORDS.bob, subdomain: 'acme' }
      const { json } = await app().post('/api/1/login/auth', body, token)
      const [{ state_token, devices }] = json.data
      app().sink.learn(state_token)
      expect(devices[0].device_type).toBe('OneLogin SMS')
      const verify = { device_id: devices[0].device_id, state_token }
      const pending = await app().post('/api/1/login/verify_factor', verify, token)
      expect(pending.json.status).toMatchObject({
        type: 'pending',
        message: 'SMS token sent to your mobile device. Authentication pending.',
      })
      const otp_token = codeIn(app(), gateway().sent.at(-1)!)
      const done = await app().post('/api/1/login/verify_factor', { ...verify, otp_token }, token)
      expect(done.status).toBe(200)
      app().sink.learn(done.json.data[0].session_token)
    })
  })
})

describe('countries', () => {
  inEveryWorld(
    (app) => {
      test('that are not allowed get nothing', async () => {
        const wish = { factor_id: 7, display_name: 'Phone', number: '+33612345678', verified: true }
        const reply = await app().post(`/api/1/users/${IDS.bob}/otp_devices`, wish, await app().token())
        expect([reply.status, reply.text.includes('not allowed')]).toEqual([400, true])
      })
    },
    { policy: { phone_countries: ['DE'] } },
  )
})
