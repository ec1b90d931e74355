import { beforeEach, describe, expect, test } from 'vitest'
import { raw } from '../http/raw-request.ts'
import { inEveryWorld } from '../support/app.ts'
import { DEVICES, IDS, PASSWORDS, type PersonName } from '../support/people.ts'
import {
  answer,
  badRequest,
  begin,
  credentials,
  learned,
  LOGIN,
  signIn,
  TEXT,
  unauthorized,
  VERIFY,
} from './api-calls.ts'

const NAMES: Partial<Record<PersonName, [string, string]>> = {
  ada: ['Ada', 'Byron'],
  bob: ['Bob', 'Noyce'],
  cy: ['Cy', 'Ross'],
  dee: ['Dee', 'Hock'],
}
const userOf = (who: PersonName) => ({
  id: IDS[who],
  username: who,
  email: `${who}@acme.test`,
  firstname: NAMES[who]![0],
  lastname: NAMES[who]![1],
})
const SUCCESS = { type: 'success', message: 'Success', code: 200, error: false }
const TOKEN = expect.stringMatching(/^[0-9a-f]{40}$/)

/** `yyyy/MM/dd HH:mm:ss +0000`, written another way than the server does. */
const sdkTime = (ms: number) =>
  new Date(ms)
    .toISOString()
    .replace(/-/g, '/')
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' +0000')

inEveryWorld((app) => {
  // A day: what was counted, locked or used in one test means nothing to the next.
  beforeEach(() => app().advance(25 * 3600))

  describe('Signing in by API', () => {
    test('gives a session token to a person without a factor', async () => {
      const { status, json } = await signIn(app(), 'bob')
      expect(status).toBe(200)
      expect(json).toEqual({
        status: SUCCESS,
        data: [
          {
            status: 'Authenticated',
            user: userOf('bob'),
            return_to_url: null,
            expires_at: sdkTime(app().clock.now() + 120_000),
            session_token: TOKEN,
          },
        ],
      })
    })

    test('asks for the factor of a person who has one, and takes the code', async () => {
      const asked = await signIn(app(), 'ada')
      expect(asked.status).toBe(200)
      const { host } = new URL(app().url)
      expect(asked.json).toEqual({
        status: { ...SUCCESS, message: 'MFA is required for this user' },
        data: [
          {
            user: userOf('ada'),
            state_token: TOKEN,
            callback_url: `http://127.0.0.1:${host.split(':')[1]!}/api/1/login/verify_factor`,
            devices: [{ device_type: 'Google Authenticator', device_id: DEVICES.adaTotp }],
          },
        ],
      })
      const { state_token, callback_url } = asked.json.data[0]
      const path = new URL(callback_url as string).pathname
      const body = { device_id: String(DEVICES.adaTotp), state_token, otp_token: app().totp('ada') }
      const done = learned(app(), await app().post(path, body, await app().token()))
      expect(done.status).toBe(200)
      expect(done.json).toEqual({
        status: SUCCESS,
        data: [
          {
            status: 'Authenticated',
            user: userOf('ada'),
            return_to_url: null,
            expires_at: sdkTime(app().clock.now() + 120_000),
            session_token: TOKEN,
          },
        ],
      })
    })

    test('lists every device of a person by the names that clients look for', async () => {
      const { json } = await signIn(app(), 'cy')
      expect(json.data[0].devices).toEqual([
        { device_type: 'Google Authenticator', device_id: DEVICES.cyTotp },
        { device_type: 'OneLogin Email', device_id: DEVICES.cyEmail },
      ])
    })

    test.each(['bob', 'BOB', ' bob ', 'bob@acme.test', 'Bob@Acme.Test', '\tbob@acme.test\n', 'ｂｏｂ'])(
      'knows a person as %j',
      async (login) => {
        const reply = await app().post(LOGIN, credentials(login, PASSWORDS.bob), await app().token())
        expect(learned(app(), reply).json.data[0].user.id).toBe(IDS.bob)
      },
    )

    test('takes the subdomain in any case, and extra keys that it does not know', async () => {
      const more = { subdomain: 'ACME', ip_address: '10.0.0.1', browser_id: 'x', unknown: { a: [1] } }
      expect((await signIn(app(), 'bob', { body: more })).status).toBe(200)
    })

    test.each<[string, object, unknown]>([
      ['no subdomain', { subdomain: undefined }, 'Invalid subdomain'],
      ['an empty subdomain', { subdomain: '' }, 'Invalid subdomain'],
      ['another subdomain', { subdomain: 'acme2' }, 'Invalid subdomain'],
      ['a whole host as subdomain', { subdomain: 'acme.onelogin.com' }, 'Invalid subdomain'],
      ['no username', { username_or_email: undefined }, 'username is empty'],
      ['an empty username', { username_or_email: '' }, 'username is empty'],
      ['null as username', { username_or_email: null }, 'username is empty'],
      ['no password', { password: undefined }, 'password is empty'],
      ['an empty password', { password: '' }, 'password is empty'],
      [
        'a number as password',
        { password: 12345678 },
        { attribute: 'password', description: 'password has incorrect data type. It should be -> string' },
      ],
      [
        'a list as username',
        { username_or_email: ['bob'] },
        {
          attribute: 'username_or_email',
          description: 'username_or_email has incorrect data type. It should be -> string',
        },
      ],
      [
        'an object as return_to_url',
        { return_to_url: { $ne: 1 } },
        {
          attribute: 'return_to_url',
          description: 'return_to_url has incorrect data type. It should be -> string',
        },
      ],
    ])('answers 400 to %s', async (_what, more, message) => {
      const { status, json } = await signIn(app(), 'bob', { body: more })
      expect(status).toBe(400)
      expect(json).toEqual(badRequest(message))
    })

    test('answers unknown people and wrong passwords with the same bytes', async () => {
      const token = await app().token()
      const wrong = await app().post(LOGIN, credentials('bob', 'wrong-password-of-bob'), token)
      const unknown = await app().post(LOGIN, credentials('nobody', 'wrong-password-of-bob'), token)
      const blank = await app().post(LOGIN, credentials('   ', 'wrong-password-of-bob'), token)
      expect(wrong.status).toBe(401)
      expect(wrong.json).toEqual(unauthorized(TEXT.invalid))
      for (const reply of [unknown, blank]) {
        expect(reply.status).toBe(401)
        expect(reply.text).toBe(wrong.text)
      }
    })

    test('notes what happened, and never a code, a token or a password', async () => {
      const before = (await app().events()).length
      await app().post(LOGIN, credentials('bob', `${PASSWORDS.bob}x`), await app().token())
      await signIn(app(), 'bob')
      const state = await begin(app(), 'ada')
      const code = app().totp('ada')
      app().sink.learn(code)
      app().sink.learn(`${PASSWORDS.bob}x`)
      await answer(app(), { device: DEVICES.adaTotp, state, code: '000' })
      await answer(app(), { device: DEVICES.adaTotp, state, code })
      const events = (await app().events()).slice(before)
      expect(events.map((event) => [event.eventTypeId, event.userId])).toEqual([
        [123, IDS.bob], // authentication by API failed
        [522, IDS.bob], // no session token
        [122, IDS.bob], // authenticated by API
        [515, IDS.bob], // session token issued
        [527, IDS.ada], // factor failed
        [528, IDS.ada], // factor verified
        [122, IDS.ada],
        [515, IDS.ada],
      ])
    })
  })

  describe('What a caller asks to get back', () => {
    test('fields add attributes of the user to the answer, and only those that are no secret', async () => {
      await app()
        .ctx.db.updateTable('users')
        .set({ company: 'Acme Inc', department: null })
        .where('id', '=', IDS.bob)
        .execute()
      const fields =
        'email, company,department , status,role_id,custom_attributes,password_hash,passwordHash,constructor'
      const { json } = await signIn(app(), 'bob', { body: { fields } })
      expect(json.data[0].user).toEqual({
        ...userOf('bob'),
        company: 'Acme Inc',
        department: null,
        status: 1,
        role_id: [10, 12],
        custom_attributes: {},
      })
    })

    test('fields are kept over the second factor, and not told before it', async () => {
      const asked = await signIn(app(), 'ada', { body: { fields: 'status' } })
      expect(asked.json.data[0].user).toEqual(userOf('ada'))
      const { state_token: state } = asked.json.data[0]
      const done = await answer(app(), { device: DEVICES.adaTotp, state, code: app().totp('ada') })
      expect(done.json.data[0].user).toEqual({ ...userOf('ada'), status: 1 })
    })

    test('return_to_url comes back as it was sent, with and without a factor', async () => {
      const return_to_url = 'https://wiki.acme.test/start?page=1&x=%20#top'
      const { json } = await signIn(app(), 'bob', { body: { return_to_url } })
      expect(json.data[0].return_to_url).toBe(return_to_url)
      const state = await begin(app(), 'ada', { body: { return_to_url } })
      const done = await answer(app(), { device: DEVICES.adaTotp, state, code: app().totp('ada') })
      expect(done.json.data[0].return_to_url).toBe(return_to_url)
    })

    test.each<[string, (host: string) => Record<string, string>, (url: URL) => string]>([
      ['the public address', (host) => ({ host }), (url) => url.origin],
      ['a host of a brand', () => ({ host: 'login.northwind.test' }), () => 'http://login.northwind.test'],
      ['a host of a brand in capitals', () => ({ host: 'LOGIN.Acme.Test' }), () => 'http://login.acme.test'],
      ['a forged host', () => ({ host: 'evil.test' }), (url) => url.origin],
      [
        'a host that only begins like ours',
        () => ({ host: 'login.acme.test.evil.test' }),
        (url) => url.origin,
      ],
      ['a host with a name before it', () => ({ host: 'evil@login.acme.test' }), (url) => url.origin],
      ['another port of this machine', () => ({ host: 'localhost:1' }), (url) => url.origin],
      [
        'a forged X-Forwarded-Host',
        (host) => ({
          host,
          'x-forwarded-host': 'evil.test',
          forwarded: 'host=evil.test',
          'x-forwarded-proto': 'https',
        }),
        (url) => url.origin,
      ],
    ])('callback_url names us when the Host is %s', async (_what, headers, origin) => {
      const url = new URL(app().url)
      const answered = await raw(app(), {
        path: LOGIN,
        headers: {
          'content-type': 'application/json',
          authorization: `bearer:${await app().token()}`,
          ...headers(url.host),
        },
        body: JSON.stringify(credentials('ada', PASSWORDS.ada)),
      })
      const [item] = JSON.parse(answered.text).data
      app().sink.learn(item.state_token as string)
      expect(item.callback_url).toBe(`${origin(url)}${VERIFY}`)
    })
  })

  describe('Custom-Allowed-Origin-Header', () => {
    const named = (value: string, n = 1) => ({ [`Custom-Allowed-Origin-Header-${n}`]: value })

    /** What a browser script of this origin gets for a session token. */
    const redeem = async (token: string, origin: string) => {
      const reply = await app().post('/session_via_api_token', { session_token: token }, undefined, {
        origin,
      })
      return { status: reply.status, origin: reply.headers.get('access-control-allow-origin') }
    }

    test.each<[string, Record<string, string>, string]>([
      ['one origin', named('https://login.example.com'), 'https://login.example.com'],
      ['an origin with a port', named('http://localhost:8080'), 'http://localhost:8080'],
      [
        'the port that its scheme has anyway',
        named('https://login.example.com:443'),
        'https://login.example.com',
      ],
      ['the second of a list', named('https://a.test,https://b.test'), 'https://b.test'],
      ['a list with spaces and empty places', named(' https://a.test , ,https://b.test '), 'https://b.test'],
      ['capitals and a slash at the end', named('HTTPS://Login.Example.COM/'), 'https://login.example.com'],
      ['the second header', { ...named('https://a.test'), ...named('https://c.test', 2) }, 'https://c.test'],
      ['the third header alone', named('https://d.test', 3), 'https://d.test'],
      ['an IPv6 address', named('http://[::1]:3000'), 'http://[::1]:3000'],
    ])('lets the session token be redeemed from %s', async (_what, headers, origin) => {
      const { json } = await signIn(app(), 'bob', { headers })
      const { session_token } = json.data[0]
      expect((await redeem(session_token as string, 'https://evil.test')).origin).toBeNull()
      expect(await redeem(session_token as string, origin)).toEqual({ status: 200, origin })
    })

    test('is kept over the second factor, and may also be given with the code', async () => {
      const state = await begin(app(), 'ada', { headers: named('https://a.test') })
      const token = await app().token()
      const body = { device_id: DEVICES.adaTotp, state_token: state, otp_token: app().totp('ada') }
      const done = learned(app(), await app().post(VERIFY, body, token, named('https://b.test', 2)))
      const { session_token } = done.json.data[0]
      expect((await redeem(session_token as string, 'https://c.test')).status).toBe(403)
      expect(await redeem(session_token as string, 'https://b.test')).toEqual({
        status: 200,
        origin: 'https://b.test',
      })
      await app().advance(60)
      const other = await begin(app(), 'ada', { headers: named('https://a.test') })
      const next = await answer(app(), { device: DEVICES.adaTotp, state: other, code: app().totp('ada') })
      expect((await redeem(next.json.data[0].session_token as string, 'https://a.test')).status).toBe(200)
    })

    test.each([
      'null',
      '*',
      'login.example.com',
      'ftp://login.example.com',
      'javascript:alert(1)',
      'https://',
      'https:login.example.com',
      'https://login.example.com/path',
      'https://login.example.com?x',
      'https://login.example.com#x',
      'https://user@login.example.com',
      'https://*.example.com',
      'https://login.example.com\\@evil.test',
      'https://login.example.com:99999',
      'https://good.test, https://evil.test/path',
    ])('%j is refused, at both calls and before the code is used up', async (value) => {
      const message = {
        attribute: 'Custom-Allowed-Origin-Header-1',
        description: 'Custom-Allowed-Origin-Header-1 must hold origins such as https://login.example.com',
      }
      const refused = await signIn(app(), 'bob', { headers: named(value) })
      expect(refused.status).toBe(400)
      expect(refused.json).toEqual(badRequest(message))
      const state = await begin(app(), 'ada')
      const body = { device_id: DEVICES.adaTotp, state_token: state, otp_token: app().totp('ada') }
      const token = await app().token()
      expect((await app().post(VERIFY, body, token, named(value))).json).toEqual(badRequest(message))
      expect(learned(app(), await app().post(VERIFY, body, token)).status).toBe(200)
    })

    test('takes 20 origins and not 21', async () => {
      const many = (n: number) => named(Array.from({ length: n }, (_, i) => `https://o${i}.test`).join(','))
      expect((await signIn(app(), 'bob', { headers: many(20) })).status).toBe(200)
      expect((await signIn(app(), 'bob', { headers: many(21) })).status).toBe(400)
    })
  })
})
