import { describe, expect, test } from 'vitest'
import { inEveryWorld, type ApiReply, type TestApp } from '../support/app.ts'
import { DEVICES, IDS, PASSWORDS } from '../support/people.ts'

const TRIES_PER_ATTEMPT = 5
const CEILING = 12
const HOUR = 3600

const times = <T>(n: number, make: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, i) => make(i)))

/** ada after her password, waiting for a code. */
async function begun(app: TestApp, token: string, who: 'ada' | 'dee' = 'ada'): Promise<string> {
  const login = { username_or_email: who, password: PASSWORDS[who], subdomain: 'acme' }
  const reply = await app.post('/api/1/login/auth', login, token)
  const stateToken = reply.json.data[0].state_token as string
  app.sink.learn(stateToken)
  return stateToken
}

const answer = (
  app: TestApp,
  token: string,
  state_token: string,
  otp_token: string,
  device_id = DEVICES.adaTotp,
) => app.post('/api/1/login/verify_factor', { device_id, state_token, otp_token }, token)

/** A code that is right in none of the periods around now. */
function wrongCode(app: TestApp): string {
  const right = [-2, -1, 0, 1, 2].map((steps) => app.totp('ada', steps))
  return ['000000', '111111', '222222', '333333', '444444', '555555'].find((code) => !right.includes(code))!
}

const FAILED = 'Failed authentication with this factor'
const ENDED = 'State token is invalid or expired'
const message = ({ json }: ApiReply): string => json.status.message
const isIn = ({ status, json }: ApiReply) => status === 200 && json.data?.[0]?.status === 'Authenticated'

/** Codes that were really looked at: what the events call a wrong code. */
async function looked(app: TestApp, from: number): Promise<number> {
  return (await app.events()).slice(from).filter(({ errorDescription }) => errorDescription === 'wrong code')
    .length
}

describe('guessing a code', () => {
  inEveryWorld(
    (app) => {
      const start = async () => {
        await app().advance(HOUR + 60)
        return app().token()
      }

      test('five wrong codes end an attempt; the right one is then too late', async () => {
        const token = await start()
        const state = await begun(app(), token)
        for (let i = 0; i < TRIES_PER_ATTEMPT; i++)
          expect(message(await answer(app(), token, state, wrongCode(app())))).toBe(FAILED)
        expect(message(await answer(app(), token, state, app().totp('ada')))).toBe(ENDED)
        const next = await begun(app(), token)
        expect(isIn(await answer(app(), token, next, app().totp('ada')))).toBe(true)
      })

      test('a hundred codes at once: five are looked at, and the right one behind them does not get in', async () => {
        const token = await start()
        const state = await begun(app(), token)
        const from = (await app().events()).length
        const replies = await times(100, () => answer(app(), token, state, wrongCode(app())))
        expect(replies.every(({ status }) => status === 401)).toBe(true)
        expect(await looked(app(), from)).toBeLessThanOrEqual(TRIES_PER_ATTEMPT)
        expect(isIn(await answer(app(), token, state, app().totp('ada')))).toBe(false)
      })

      test('a person has so many wrong codes an hour, over all attempts at once', async () => {
        const token = await start()
        const states: string[] = []
        for (let i = 0; i < 8; i++) states.push(await begun(app(), token))
        const from = (await app().events()).length
        await times(8 * 4, (i) => answer(app(), token, states[i % 8]!, wrongCode(app())))
        expect(await looked(app(), from)).toBe(CEILING)
        const fresh = await begun(app(), token)
        expect(message(await answer(app(), token, fresh, app().totp('ada')))).toBe(FAILED)
        await app().advance(HOUR + 60)
        const later = await app().token()
        expect(isIn(await answer(app(), later, await begun(app(), later), app().totp('ada')))).toBe(true)
      })

      test('right codes are not counted', async () => {
        const token = await start()
        for (let i = 0; i < CEILING + 5; i++) {
          await app().advance(60)
          const state = await begun(app(), token)
          expect(isIn(await answer(app(), token, state, app().totp('ada')))).toBe(true)
        }
      })

      test('codes by mail have the same limits', async () => {
        const token = await start()
        const state = await begun(app(), token, 'dee')
        await app().post(
          '/api/1/login/verify_factor',
          { device_id: DEVICES.deeEmail, state_token: state },
          token,
        )
        const code = await app().mailedCode()
        const wrong = code === '123456' ? '654321' : '123456'
        await times(20, () => answer(app(), token, state, wrong, DEVICES.deeEmail))
        expect(isIn(await answer(app(), token, state, code, DEVICES.deeEmail))).toBe(false)
      })

      test('asking for a hundred codes at once mails one', async () => {
        const token = await start()
        const state = await begun(app(), token, 'dee')
        const before = (await app().letters()).length
        const ask = () =>
          app().post('/api/1/login/verify_factor', { device_id: DEVICES.deeEmail, state_token: state }, token)
        const replies = await times(100, ask)
        expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]))
        expect(await app().letters()).toHaveLength(before + 1)
        expect(isIn(await answer(app(), token, state, await app().mailedCode(), DEVICES.deeEmail))).toBe(true)
      })

      test('ten codes an hour are mailed to one person, whatever the number of attempts', async () => {
        const token = await start()
        const before = (await app().letters()).length
        const replies: ApiReply[] = []
        for (let i = 0; i < 13; i++) {
          const state_token = await begun(app(), token, 'dee')
          const ask = { device_id: DEVICES.deeEmail, state_token }
          replies.push(await app().post('/api/1/login/verify_factor', ask, token))
        }
        expect(replies.map(({ status }) => status)).toEqual([...Array(10).fill(200), 429, 429, 429])
        expect(Number(replies[12]!.headers.get('retry-after'))).toBeGreaterThan(0)
        expect(await app().letters()).toHaveLength(before + 10)
      })

      test('a code that wins a race with itself lets one in', async () => {
        const token = await start()
        const states: string[] = []
        for (let i = 0; i < 6; i++) states.push(await begun(app(), token))
        const code = app().totp('ada')
        const replies = await times(12, (i) => answer(app(), token, states[i % 6]!, code))
        expect(replies.filter(isIn)).toHaveLength(1)
        for (const { json } of replies.filter(isIn)) app().sink.learn(json.data[0].session_token)
      })

      test('wrong codes lock nobody out of a password sign-in of somebody else', async () => {
        const token = await start()
        const state = await begun(app(), token)
        await times(30, () => answer(app(), token, state, wrongCode(app())))
        const dee = await begun(app(), token, 'dee')
        const ask = { device_id: DEVICES.deeEmail, state_token: dee }
        expect((await app().post('/api/1/login/verify_factor', ask, token)).status).toBe(200)
        expect((await app().ctx.users.find(IDS.ada))!.status).toBe(1)
      })
    },
    { policy: { max_factor_failures_per_hour: CEILING, max_failures_per_address: 1_000_000 } },
  )
})
