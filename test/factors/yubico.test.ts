import { createHmac } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import type { Page } from '../support/html.ts'
import { attemptOn, CODE_FORM, enterPassword, openLogin, signIn } from '../signin/portal.ts'

const KEY = Buffer.from('the-secret-of-the-validation-server').toString('base64')
const OURS = 'cccccccccccb'
const THEIRS = 'cccccccccccd'
const MODHEX = 'cbdefghijklnrtuv'
let made = 0
/** What a key types: its public name and 16 bytes that are never the same. */
const touch = (name: string): string =>
  name +
  Array.from((++made).toString(16).padStart(32, '0'))
    .map((digit) => MODHEX[parseInt(digit, 16)])
    .join('')

const signed = (pairs: Record<string, string>): string =>
  createHmac('sha1', Buffer.from(KEY, 'base64'))
    .update(
      Object.keys(pairs)
        .sort()
        .map((key) => `${key}=${pairs[key]!}`)
        .join('&'),
    )
    .digest('base64')

type Lie = 'unsigned' | 'other nonce' | 'other otp' | 'replayed' | 'backend' | 'down' | undefined

/** A validation server as Yubico describes it: checks the signature of the question, and calls each OTP good once. */
async function startValidation() {
  const seen = new Set<string>()
  const asked: string[] = []
  let lie: Lie
  const server = createServer((request, response) => {
    const query = Object.fromEntries(new URL(request.url ?? '', 'http://x').searchParams)
    const { h, ...pairs } = query
    asked.push(pairs.otp ?? '')
    if (lie === 'down') return response.destroy()
    const status =
      h !== signed(pairs)
        ? 'BAD_SIGNATURE'
        : lie === 'backend'
          ? 'BACKEND_ERROR'
          : seen.has(pairs.otp!) || lie === 'replayed'
            ? 'REPLAYED_OTP'
            : 'OK'
    seen.add(pairs.otp!)
    const said = {
      t: '2026-01-01T00:00:00Z0000',
      otp: lie === 'other otp' ? touch(OURS) : pairs.otp!,
      nonce: lie === 'other nonce' ? 'f'.repeat(32) : pairs.nonce!,
      status,
    }
    const mark = lie === 'unsigned' ? 'AAAA' : signed(said)
    response.end(
      [`h=${mark}`, ...Object.entries(said).map(([key, value]) => `${key}=${value}`), ''].join('\r\n'),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/wsapi/2.0/verify`,
    asked,
    lieBy: (how: Lie) => (lie = how),
    stop: () => new Promise((resolve) => server.close(resolve)),
  }
}

describe.each(['in-process', 'PostgreSQL and Redis'] as const)('a YubiKey, %s', (world) => {
  let app: TestApp
  let first: Awaited<ReturnType<typeof startValidation>>
  let second: typeof first
  beforeAll(async () => {
    ;[first, second] = [await startValidation(), await startValidation()]
    const env = {
      YUBICO_URLS: `${first.url}, ${second.url}`,
      YUBICO_CLIENT_ID: '12345',
      YUBICO_SECRET_KEY: KEY,
    }
    app = await startApp({ world, env })
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    const offers = await browser.tab().open(`${app.url}/account/factors/new`)
    const setUp = await offers.form(CODE_FORM).submit('yubikey')
    const there = await answer(setUp, touch(OURS))
    expect(there.text).toContain('Second factor added')
  })
  afterAll(async () => {
    await app.close()
    await first.stop()
    await second.stop()
  })
  const answer = (page: Page, otp: string): Promise<Page> => {
    app.sink.learn(otp)
    return page.form(CODE_FORM).fill({ code: otp }).submit('Continue')
  }
  async function asked(): Promise<Page> {
    await app.advance(3700)
    const page = await enterPassword(await openLogin(app), 'bob')
    app.sink.learn(attemptOn(page))
    return page
  }

  test('signs in with a password of its own, in capitals too', async () => {
    expect((await answer(await asked(), touch(OURS))).url.pathname).toBe('/')
    expect((await answer(await asked(), touch(OURS).toUpperCase())).url.pathname).toBe('/')
  })

  test('types a password that works once', async () => {
    const otp = touch(OURS)
    expect((await answer(await asked(), otp)).url.pathname).toBe('/')
    expect((await answer(await asked(), otp)).status).toBe(401)
  })

  test('of somebody else is refused without asking anybody, so that its password stays good', async () => {
    const before = first.asked.length
    expect((await answer(await asked(), touch(THEIRS))).status).toBe(401)
    expect(first.asked.length).toBe(before)
  })

  test.each(['123456', 'c'.repeat(43), 'c'.repeat(45), `${OURS}${'x'.repeat(32)}`, `${OURS}&status=OK`])(
    'does not type %s',
    async (text) => {
      const before = first.asked.length
      expect((await answer(await asked(), text)).status).toBe(401)
      expect(first.asked.length).toBe(before)
    },
  )

  test.each<Lie>(['unsigned', 'other nonce', 'other otp'])(
    'is not believed when the answer about it is %s, from any server',
    async (lie) => {
      for (const server of [first, second]) server.lieBy(lie)
      const page = await answer(await asked(), touch(OURS))
      for (const server of [first, second]) server.lieBy(undefined)
      expect([page.status, app.log().includes('no validation server answered')]).toEqual([503, true])
    },
  )

  test('that was seen before is refused, and no other server is asked for a better answer', async () => {
    first.lieBy('replayed')
    const before = second.asked.length
    expect((await answer(await asked(), touch(OURS))).status).toBe(401)
    first.lieBy(undefined)
    expect(second.asked.length).toBe(before)
  })

  test.each<Lie>(['down', 'backend'])('is validated by the next server when one is %s', async (lie) => {
    first.lieBy(lie)
    expect((await answer(await asked(), touch(OURS))).url.pathname).toBe('/')
    first.lieBy(undefined)
  })
})

test('nobody is offered a YubiKey where no server validates it', async () => {
  const app = await startApp()
  try {
    const browser = app.browser()
    await signIn(app, 'gus', browser)
    const offers = await browser.tab().open(`${app.url}/account/factors/new`)
    expect(offers.text).not.toContain('YubiKey')
  } finally {
    await app.close()
  }
})
