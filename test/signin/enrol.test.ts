import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inEveryWorld, startApp, type TestApp } from '../support/app.ts'
import type { Page } from '../support/html.ts'
import { IDS, PASSWORDS, type PersonName } from '../support/people.ts'
import {
  attemptOn,
  CODE_FORM,
  csrfOn,
  enterCode,
  enterPassword,
  openLogin,
  sendForm,
  sessionCookie,
} from './portal.ts'

const seedOn = (app: TestApp, page: Page): string => {
  const seed = page.$('.seed').text().replace(/\s/g, '')
  app.sink.learn(seed)
  return seed
}
const codeFor = (app: TestApp, seed: string): string =>
  new TOTP({ secret: Secret.fromBase32(seed) }).generate({ timestamp: app.clock.now() })
const otherThan = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

/** Up to the page that offers what may be set up. */
async function toEnrol(app: TestApp, who: PersonName, browser = app.browser()): Promise<Page> {
  const page = await enterPassword(await openLogin(app, browser), who)
  app.sink.learn(attemptOn(page))
  return page
}
const choose = (page: Page, offer: string): Promise<Page> => page.form(CODE_FORM).submit(offer)

/** As if they had never set anything up. */
async function forget(app: TestApp, who: PersonName): Promise<void> {
  await app.ctx.db.deleteFrom('authenticators').where('userId', '=', IDS[who]).execute()
  await app.advance(3700)
}
const enrolled = async (app: TestApp, who: PersonName) =>
  (await app.ctx.authenticators.listAllForUser(IDS[who])).map(({ factor, active }) => [factor, active])

describe('setting up a second factor while signing in', () => {
  inEveryWorld(
    (app) => {
      test('ends, after a wrong code and a right one of the new app, on the way the person was going', async () => {
        await forget(app(), 'gus')
        const browser = app().browser()
        const page = await enterPassword(await openLogin(app(), browser, '?return_to=/logout'), 'gus')
        app().sink.learn(attemptOn(page))
        const setUp = await choose(page, 'totp')
        const code = codeFor(app(), seedOn(app(), setUp))
        const wrong = await enterCode(setUp, otherThan(code))
        expect([wrong.status, wrong.text]).toEqual([401, expect.stringContaining('That code is not right')])
        expect(sessionCookie(app(), browser)).toBeUndefined()
        const end = await enterCode(wrong, code)
        expect(end.url.pathname).toBe('/logout')
        expect(await enrolled(app(), 'gus')).toEqual([['totp', true]])
      })

      test('lets nobody on who skips it, whatever address they call', async () => {
        await forget(app(), 'gus')
        const browser = app().browser()
        const page = await toEnrol(app(), 'gus', browser)
        const fields = { _csrf: csrfOn(page), attempt: attemptOn(page) }
        const replies = [
          await sendForm(app(), browser, '/login/factor', { ...fields, device_id: '70', code: '000000' }),
          await sendForm(app(), browser, '/login/factor', { ...fields, device_id: '0', code: '' }),
          await sendForm(app(), browser, '/login/enrol', { ...fields, code: '000000', action: 'verify' }),
          await sendForm(app(), browser, '/login/enrol', { ...fields, kind: 'telepathy' }),
          await sendForm(app(), browser, '/login/enrol', { ...fields, action: 'send' }),
        ]
        for (const reply of replies) {
          expect([reply.status, reply.headers.getSetCookie()]).toEqual([200, []])
          expect(reply.text).toContain('Add a second way')
        }
        expect((await browser.tab().open(app().url)).url.pathname).toBe('/login')
      })

      test('lets one of twenty racing proofs in', async () => {
        await forget(app(), 'bob')
        const browser = app().browser()
        const setUp = await choose(await toEnrol(app(), 'bob', browser), 'totp')
        const fields = {
          _csrf: csrfOn(setUp),
          attempt: attemptOn(setUp),
          code: codeFor(app(), seedOn(app(), setUp)),
          action: 'verify',
        }
        const racing = Array.from({ length: 20 }, () => sendForm(app(), browser, '/login/enrol', fields))
        const statuses = (await Promise.all(racing)).map(({ status }) => status)
        expect(statuses.filter((status) => status === 303)).toHaveLength(1)
      })

      test('keeps what was proved, so that the next sign-in asks for it', async () => {
        await forget(app(), 'gus')
        const offers = await toEnrol(app(), 'gus')
        const setUp = await choose(offers, 'email')
        const end = await enterCode(setUp, await app().mailedCode())
        expect(end.url.pathname).toBe('/')
        const next = await enterPassword(await openLogin(app()), 'gus')
        expect(next.title).toContain('Get a code by e-mail')
      })
    },
    { policy: { mfa: 'required' } },
  )
})

describe('an authenticator that is being set up', () => {
  let running: TestApp
  const app = () => running
  beforeAll(async () => {
    running = await startApp({ policy: { mfa: 'required' } })
  })
  afterAll(() => running.close())

  test('counts for nothing before it is proved, and one that was begun instead is forgotten', async () => {
    await forget(app(), 'gus')
    const first = await choose(await toEnrol(app(), 'gus'), 'totp')
    const seed = seedOn(app(), first)
    const again = await choose(await first.form('.others').submit('Choose another way'), 'totp')
    const wrong = await enterCode(again, codeFor(app(), seed))
    expect(wrong.status).toBe(401)
    expect(await enrolled(app(), 'gus')).toEqual([['totp', false]])
    expect((await toEnrol(app(), 'gus')).text).toContain('Add a second way')
  })

  test('is proved in its own attempt only, and another browser ends the attempt', async () => {
    await forget(app(), 'gus')
    const [mine, theirs] = [app().browser(), app().browser()]
    const setUp = await choose(await toEnrol(app(), 'gus', mine), 'totp')
    const code = codeFor(app(), seedOn(app(), setUp))
    const other = await toEnrol(app(), 'gus', mine)
    const elsewhere = { _csrf: csrfOn(other), attempt: attemptOn(other), code, action: 'verify' }
    expect((await sendForm(app(), mine, '/login/enrol', elsewhere)).text).toContain('Add a second way')
    const foreign = await openLogin(app(), theirs)
    const stolen = { _csrf: csrfOn(foreign), attempt: attemptOn(setUp), code, action: 'verify' }
    const reply = await sendForm(app(), theirs, '/login/enrol', stolen)
    expect([reply.status, reply.headers.getSetCookie()]).toEqual([401, []])
    expect((await enterCode(setUp, code)).title).toContain('Sign in')
    expect(await enrolled(app(), 'gus')).toEqual([['totp', false]])
  })

  test('has five tries, like every question', async () => {
    await forget(app(), 'gus')
    let page = await choose(await toEnrol(app(), 'gus'), 'totp')
    const code = codeFor(app(), seedOn(app(), page))
    for (let i = 0; i < 4; i++) page = await enterCode(page, otherThan(code))
    expect(page.text).toContain('You have one try left')
    await enterCode(page, otherThan(code))
    expect((await enterCode(page, code)).title).toContain('Sign in')
    expect(await enrolled(app(), 'gus')).toEqual([['totp', false]])
  })

  test('can be neither begun nor proved by the login API, and is by the MFA API', async () => {
    await forget(app(), 'gus')
    const token = await app().token()
    const login = { username_or_email: 'gus', password: PASSWORDS.gus, subdomain: 'acme' }
    const refused = await app().post('/api/1/login/auth', login, token)
    expect([refused.status, refused.json.status.message]).toEqual([
      401,
      'MFA is required and the user has no factor. Access is unauthorized',
    ])
    const wish = { factor_id: 1, display_name: 'Phone' }
    const device = (await app().post(`/api/1/users/${IDS.gus}/otp_devices`, wish, token)).json.data[0]
    app().sink.learn(device.factor_data.seed)
    const otp_token = codeFor(app(), device.factor_data.seed)
    const path = `/api/1/users/${IDS.gus}/otp_devices/${device.id}/verify`
    expect((await app().post(path, { otp_token }, token)).status).toBe(200)
    const asked = await app().post('/api/1/login/auth', login, token)
    expect([asked.status, asked.json.data[0].devices]).toEqual([
      200,
      [{ device_type: 'Google Authenticator', device_id: device.id }],
    ])
  })

  test('is asked of nobody who has a factor, not even for more', async () => {
    const page = await enterPassword(await openLogin(app()), 'ada')
    app().sink.learn(attemptOn(page))
    const browser = app().browser()
    expect(page.title).toContain('Enter your code')
    const own = await toEnrol(app(), 'ada', browser)
    const fields = { _csrf: csrfOn(own), attempt: attemptOn(own), kind: 'email' }
    expect((await sendForm(app(), browser, '/login/enrol', fields)).text).toContain('Enter your code')
    expect(await enrolled(app(), 'ada')).toEqual([['totp', true]])
  })
})
