import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enterCode, enterPassword, freshTotp, openLogin, toFactor } from '../signin/portal.ts'
import { startApp, type ApiReply, type TestApp } from '../support/app.ts'
import { DEVICES, IDS, PASSWORDS, type PersonName } from '../support/people.ts'

const ENDED = 'State token is invalid or expired'
const message = ({ json }: ApiReply): string => json.status.message
const isIn = ({ json }: ApiReply) => json.data?.[0]?.status === 'Authenticated'

/** The administrator's token at the factor step of a sign-in. */
const scenes = (app: () => TestApp) => {
  const issued = async (who: PersonName, body: object = {}) => {
    const { json } = await app().post(`/api/1/users/${IDS[who]}/mfa_token`, body, await app().token())
    app().sink.learn(json.mfa_token)
    return json.mfa_token as string
  }
  const login = async (who: PersonName) => {
    await app().advance(1)
    const body = { username_or_email: who, password: PASSWORDS[who], subdomain: 'acme' }
    const reply = await app().post('/api/1/login/auth', body, await app().token())
    const found = reply.json.data?.[0]
    for (const secret of [found?.state_token, found?.session_token])
      if (secret !== undefined) app().sink.learn(secret)
    return reply
  }
  const begun = async (who: PersonName): Promise<string> => (await login(who)).json.data[0].state_token
  const answer = async (state_token: string, otp_token: string, device_id = 0): Promise<ApiReply> => {
    const body = { device_id, state_token, otp_token }
    const reply = await app().post('/api/1/login/verify_factor', body, await app().token())
    if (isIn(reply)) app().sink.learn(reply.json.data[0].session_token)
    return reply
  }
  const toToken = async (who: PersonName) => (await toFactor(app(), who)).form('form.others').submit('0')
  return { issued, login, begun, answer, toToken }
}

describe('a temporary token', () => {
  let app: TestApp
  const { issued, login, begun, answer, toToken } = scenes(() => app)
  beforeAll(async () => {
    app = await startApp({ policy: { max_failures_per_address: 1_000_000 } })
  })
  afterAll(() => app.close())

  test('lets its person in on the pages, once', async () => {
    const code = await issued('ada')
    const done = await enterCode(await toToken('ada'), code.replace(/(....)/, '$1 '))
    expect(done.url.pathname).toBe('/')
    const next = await toFactor(app, 'ada')
    expect(next.text).not.toContain('code from your administrator')
    await enterCode(next, await freshTotp(app, 'ada'))
  })

  test('is device 0 of the API while there is one', async () => {
    const code = await issued('ada')
    const started = await login('ada')
    const { devices, state_token } = started.json.data[0]
    expect(devices).toEqual([
      { device_type: 'Google Authenticator', device_id: DEVICES.adaTotp },
      { device_type: 'Temporary Token', device_id: 0 },
    ])
    expect(isIn(await answer(state_token, code))).toBe(true)
    const without = await login('ada')
    expect(without.json.data[0].devices).toHaveLength(1)
    expect(isIn(await answer(without.json.data[0].state_token, code))).toBe(false)
  })

  test('answers saml_assertion as well', async () => {
    const code = await issued('ada')
    const token = await app.token()
    const body = { username_or_email: 'ada', password: PASSWORDS.ada, subdomain: 'acme', app_id: 500 }
    const { state_token } = (await app.post('/api/1/saml_assertion', body, token)).json.data[0]
    app.sink.learn(state_token)
    const verify = { app_id: 500, device_id: '0', state_token, otp_token: code }
    expect((await app.post('/api/1/saml_assertion/verify_factor', verify, token)).status).toBe(200)
  })

  test('that is reusable works until it ends, and not after', async () => {
    const code = await issued('ada', { reusable: true, expires_in: 600 })
    for (let i = 0; i < 2; i++) expect(isIn(await answer(await begun('ada'), code))).toBe(true)
    const state = await begun('ada')
    await app.advance(601)
    expect(isIn(await answer(state, code))).toBe(false)
    expect((await login('ada')).json.data[0].devices).toHaveLength(1)
  })

  test('used twenty times at once lets one in', async () => {
    const code = await issued('ada')
    const states = await Promise.all(Array.from({ length: 5 }, () => begun('ada')))
    const replies = await Promise.all(Array.from({ length: 20 }, (_, i) => answer(states[i % 5]!, code)))
    expect(replies.filter(isIn)).toHaveLength(1)
  })

  test('of somebody else, or that a newer one replaced, is worth nothing', async () => {
    const [old, cys] = [await issued('ada'), await issued('cy')]
    await issued('ada')
    const state = await begun('ada')
    for (const code of [old, cys]) expect(isIn(await answer(state, code))).toBe(false)
    expect(isIn(await answer(await begun('cy'), cys))).toBe(true)
  })

  test('does not answer for another device, nor another device for it', async () => {
    const code = await issued('ada')
    await app.advance(60)
    const state = await begun('ada')
    expect(isIn(await answer(state, code, DEVICES.adaTotp))).toBe(false)
    expect(isIn(await answer(state, app.totp('ada'), 0))).toBe(false)
    expect(isIn(await answer(state, code))).toBe(true)
  })

  test('twenty guesses at once: five are looked at, and the right one behind them does not get in', async () => {
    await app.advance(3700)
    const code = await issued('ada')
    const state = await begun('ada')
    const before = (await app.events()).length
    const wrong = code === '12345678' ? '87654321' : '12345678'
    await Promise.all(Array.from({ length: 20 }, () => answer(state, wrong)))
    const looked = (await app.events()).slice(before).filter((e) => e.errorDescription === 'wrong code')
    expect(looked.length).toBeLessThanOrEqual(5)
    expect(message(await answer(state, code))).toBe(ENDED)
  })

  test('makes nobody need a second factor who needs none', async () => {
    await issued('gus')
    expect(isIn(await login('gus'))).toBe(true)
  })
})

describe('where a second factor is required', () => {
  let app: TestApp
  const { issued, login, begun, answer } = scenes(() => app)
  beforeAll(async () => {
    app = await startApp({ policy: { mfa: 'required', allowed_factors: ['totp'] } })
  })
  afterAll(() => app.close())

  test('a temporary token lets somebody in by API who has none', async () => {
    expect((await login('gus')).status).toBe(401)
    const code = await issued('gus')
    expect(isIn(await answer(await begun('gus'), code))).toBe(true)
  })

  test('and is asked for on the pages before anything is set up', async () => {
    const code = await issued('gus')
    const page = await enterPassword(await openLogin(app), 'gus')
    expect(page.text).toContain('Enter the code from your administrator')
    expect((await enterCode(page, code)).url.pathname).toBe('/')
  })
})
