import { beforeEach, describe, expect, test } from 'vitest'
import { inEveryWorld, type TestApp } from '../support/app.ts'
import { CLIENTS, DEVICES, IDS, PASSWORDS, type PersonName } from '../support/people.ts'

const CLIENT = CLIENTS['Manage All'].id
const WRONG = 'surely-not-the-password'

/** What an event tells, without its id, time and request. */
async function eventsOf(app: TestApp, work: () => Promise<unknown>) {
  const first =
    (await app.ctx.db.selectFrom('events').select('id').orderBy('id', 'desc').executeTakeFirst())?.id ?? 0
  await work()
  const rows = await app.ctx.db
    .selectFrom('events')
    .selectAll()
    .where('id', '>', first)
    .orderBy('id')
    .execute()
  for (const { requestId, createdAt } of rows) {
    expect(requestId).toMatch(/^[0-9a-f]{16}$/)
    expect(createdAt).toBe(app.clock.now())
  }
  return rows.map((row) => ({
    type: row.eventTypeId,
    user: row.userId,
    name: row.userName,
    app: row.appName,
    device: row.otpDeviceId,
    client: row.clientId,
    address: row.ipaddr,
    error: row.errorDescription,
  }))
}

const quiet = {
  user: null,
  name: null,
  app: null,
  device: null,
  client: null,
  address: '127.0.0.1',
  error: null,
}
const bob = { ...quiet, user: IDS.bob, name: 'Bob Noyce' }
const ada = { ...quiet, user: IDS.ada, name: 'Ada Byron' }

describe('events of signing in', () => {
  inEveryWorld(
    (app) => {
      let token = ''
      beforeEach(async () => {
        await app().advance(25 * 3600)
        token = await app().token()
        app().sink.learn(WRONG)
      })

      const login = (name: string, password: string) =>
        app().post('/api/1/login/auth', { username_or_email: name, password, subdomain: 'acme' }, token)
      const saml = (name: PersonName, app_id: number) => {
        const body = { username_or_email: name, password: PASSWORDS[name], subdomain: 'acme', app_id }
        return app().post('/api/1/saml_assertion', body, token)
      }
      const verify = async (state_token: string, otp_token: string) =>
        app().post(
          '/api/1/login/verify_factor',
          { device_id: DEVICES.adaTotp, state_token, otp_token },
          token,
        )
      const page = async (name: string, password: string) => {
        const tab = app().browser().tab()
        await tab.open(`${app().url}/login`)
        return { tab, page: await tab.page.form().fill({ login: name, password }).submit() }
      }

      test('by API: who signed in and which client asked (122, 515)', async () => {
        const events = await eventsOf(app(), () => login('bob', PASSWORDS.bob))
        const asked = { ...bob, client: CLIENT }
        expect(events).toEqual([
          { ...asked, type: 122 },
          { ...asked, type: 515 },
        ])
      })

      test('by API: whose password was wrong, and nothing of a name that nobody has (123, 522)', async () => {
        const asked = { client: CLIENT, error: 'wrong password' }
        expect(await eventsOf(app(), () => login('bob', WRONG))).toEqual([
          { ...bob, ...asked, type: 123 },
          { ...bob, ...asked, type: 522 },
        ])
        expect(await eventsOf(app(), () => login('a-password-typed-in-the-wrong-field', WRONG))).toEqual([
          { ...quiet, ...asked, type: 123 },
          { ...quiet, ...asked, type: 522 },
        ])
      })

      test('by API: why a right password was not enough', async () => {
        const events = await eventsOf(app(), () => login('eve', PASSWORDS.eve))
        expect(events.map(({ type, user, error }) => [type, user, error])).toEqual([
          [123, IDS.eve, 'suspended'],
          [522, IDS.eve, 'suspended'],
        ])
      })

      test('a lock and its end (19, 12)', async () => {
        await login('bob', WRONG)
        const locked = await eventsOf(app(), () => login('bob', WRONG))
        expect(locked.map(({ type }) => type)).toEqual([19, 123, 522])
        expect(locked[0]).toEqual({ ...bob, client: CLIENT, type: 19 })
        await app().advance(31 * 60)
        const unlocked = await eventsOf(app(), () => login('bob', PASSWORDS.bob))
        expect(unlocked.map(({ type }) => type)).toEqual([12, 122, 515])
        expect(unlocked[0]).toEqual({ ...bob, client: CLIENT, type: 12 })
      })

      test('a factor that was wrong and one that was right (527, 528)', async () => {
        const { json } = await login('ada', PASSWORDS.ada)
        const state = json.data[0].state_token as string
        const wrong = ['000000', '111111', '222222', '333333'].find(
          (code) => ![-1, 0, 1].some((steps) => app().totp('ada', steps) === code),
        )!
        const failed = await eventsOf(app(), () => verify(state, wrong))
        const asked = { ...ada, client: CLIENT, device: DEVICES.adaTotp }
        expect(failed).toEqual([{ ...asked, type: 527, error: 'wrong code' }])
        const done = await eventsOf(app(), () => verify(state, app().totp('ada')))
        expect(done).toEqual([
          { ...asked, type: 528 },
          { ...asked, device: null, type: 122 },
          { ...asked, device: null, type: 515 },
        ])
      })

      test('a samlAssertion by API: into which app (122, 8)', async () => {
        const events = await eventsOf(app(), () => saml('bob', 500))
        const asked = { ...bob, client: CLIENT }
        expect(events).toEqual([
          { ...asked, type: 122 },
          { ...asked, type: 8, app: 'AWS' },
        ])
      })

      test('the pages: in, wrong, into an app and out (5, 6, 8, 7), without a client', async () => {
        expect(await eventsOf(app(), () => page('bob', WRONG))).toEqual([
          { ...bob, type: 6, error: 'wrong password' },
        ])
        const browser = app().browser()
        const tab = browser.tab()
        const walk = async () => {
          await tab.open(`${app().url}/login`)
          await tab.page.form().fill({ login: 'bob', password: PASSWORDS.bob }).submit()
          await tab.open(`${app().url}/apps/501/launch`)
          await tab.open(`${app().url}/logout`)
          await tab.page.form('main form').submit()
        }
        expect(await eventsOf(app(), walk)).toEqual([
          { ...bob, type: 5 },
          { ...bob, type: 8, app: 'Wiki' },
          { ...bob, type: 7 },
        ])
      })

      test('a session token that becomes a browser session (5)', async () => {
        const { json } = await login('bob', PASSWORDS.bob)
        const { session_token } = json.data[0]
        app().sink.learn(session_token)
        const events = await eventsOf(app(), () => app().post('/session_via_api_token', { session_token }))
        expect(events).toEqual([{ ...bob, type: 5 }])
      })

      test('looking at pages and asking for a code is no event', async () => {
        const { json } = await login('ada', PASSWORDS.ada)
        const poll = {
          device_id: DEVICES.adaTotp,
          state_token: json.data[0].state_token,
          do_not_notify: true,
        }
        const looking = async () => {
          await app().call('GET', '/login')
          await app().call('GET', '/healthz')
          await app().post('/api/1/login/verify_factor', poll, token)
        }
        expect(await eventsOf(app(), looking)).toEqual([])
      })
    },
    { policy: { max_invalid_attempts: 2 } },
  )
})
