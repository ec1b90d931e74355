import { describe, expect, test } from 'vitest'
import { inEveryWorld, type TestApp } from '../support/app.ts'
import { browser as plainBrowser, type Browser, type Page } from '../support/html.ts'
import { DEVICES, IDS, PASSWORDS } from '../support/people.ts'
import {
  attemptOn,
  CODE_FORM,
  csrfOn,
  enterPassword,
  freshTotp,
  openLogin,
  sendForm,
  toFactor,
} from './portal.ts'

const DAYS = 30
const POLICY = { mfa: 'enrolled', remember_browser_days: DAYS } as const
const DAY = 24 * 3600
const COOKIE = `doorward_remember_${IDS.ada}`

/** Ada signs in with her code and has the browser remembered. */
async function rememberAda(app: TestApp, browser = app.browser()): Promise<Browser> {
  const page = await toFactor(app, 'ada', browser)
  const code = await freshTotp(app, 'ada')
  const there = await page.form(CODE_FORM).fill({ code, remember: true }).submit('Continue')
  expect(there.url.pathname).toBe('/')
  const kept = browser.cookies.get(app.url, COOKIE)
  app.sink.learn(kept!)
  return browser
}

/** Her sign-in in this browser, signed out before: where her password alone leads. */
async function passwordLeadsTo(app: TestApp, browser: Browser, query = ''): Promise<Page> {
  browser.cookies.receive(new URL(app.url), ['doorward=; Path=/; Max-Age=0'])
  const page = await enterPassword(await openLogin(app, browser, query), 'ada')
  if (page.url.pathname === '/login') app.sink.learn(attemptOn(page))
  return page
}
const isAsked = (page: Page): boolean => page.text.includes('Enter your code')

const setPolicy = async (app: TestApp, policy: object): Promise<void> => {
  const { policy: before } = await app.ctx.account.account()
  await app.ctx.db
    .updateTable('account')
    .set({ policy: JSON.stringify({ ...before, ...policy }) })
    .execute()
  await app.advance(6)
}

describe('a browser that is remembered', () => {
  inEveryWorld(
    (app) => {
      test('is asked for a password only, for as many days as the rules say, and says so honestly', async () => {
        const browser = await rememberAda(app())
        expect((await passwordLeadsTo(app(), browser)).url.pathname).toBe('/')
        await app().advance(DAYS * DAY - 3600)
        expect(isAsked(await passwordLeadsTo(app(), browser))).toBe(false)
        await app().advance(3600)
        expect(isAsked(await passwordLeadsTo(app(), browser))).toBe(true)
      })

      test('is one whose person ticked the box, and no other', async () => {
        const browser = app().browser()
        const page = await toFactor(app(), 'ada', browser)
        await page
          .form(CODE_FORM)
          .fill({ code: await freshTotp(app(), 'ada') })
          .submit('Continue')
        expect(browser.cookies.get(app().url, COOKIE)).toBeUndefined()
        expect(isAsked(await passwordLeadsTo(app(), browser))).toBe(true)
      })

      test('keeps its tick through a wrong code', async () => {
        const page = await toFactor(app(), 'ada')
        const wrong = await page.form(CODE_FORM).fill({ code: '000000', remember: true }).submit('Continue')
        expect(wrong.form(CODE_FORM).fields.remember).toBe('on')
      })

      test('remembers one person: its cookie says nothing of another, under any name', async () => {
        const browser = await rememberAda(app())
        const token = browser.cookies.get(app().url, COOKIE)!
        const other = app().browser()
        other.cookies.receive(new URL(app().url), [`doorward_remember_${IDS.cy}=${token}; Path=/`])
        const page = await enterPassword(await openLogin(app(), other), 'cy')
        app().sink.learn(attemptOn(page))
        expect(page.text).toContain('Enter your code')
      })

      test.each([
        ['a forged cookie', 'dw_rb_' + 'A'.repeat(43)],
        ['an empty cookie', ''],
        ['a cookie of 4,000 signs', 'x'.repeat(4000)],
      ])('is not made by %s', async (_what, value) => {
        const browser = app().browser()
        browser.cookies.receive(new URL(app().url), [`${COOKIE}=${value}; Path=/`])
        expect(isAsked(await passwordLeadsTo(app(), browser))).toBe(true)
      })

      test.each<[string, (app: TestApp) => Promise<unknown>]>([
        ['the password changes', (a) => a.ctx.transact(({ users }) => users.endSessions(IDS.ada))],
        [
          'an administrator signs the person out',
          async (a) => a.call('PUT', `/api/1/users/${IDS.ada}/logout`, { token: await a.token() }),
        ],
        ['the rules change', (a) => setPolicy(a, { remember_browser_days: DAYS - 1 })],
        ['remembering is switched off', (a) => setPolicy(a, { remember_browser_days: 0 })],
        ['only passkeys count from now on', (a) => setPolicy(a, { mfa: 'phishing_resistant' })],
      ])('is asked again once %s', async (_what, change) => {
        const browser = await rememberAda(app())
        await change(app())
        expect((await passwordLeadsTo(app(), browser)).url.pathname).toBe('/login')
        await setPolicy(app(), POLICY)
      })

      test('does not let the person change their factors without one', async () => {
        const browser = await rememberAda(app())
        await passwordLeadsTo(app(), browser)
        const anew = await browser.tab().open(`${app().url}/account/factors/${DEVICES.adaTotp}`)
        expect(anew.url.pathname).toBe('/login')
        const asked = await anew.form().fill({ login: 'ada', password: PASSWORDS.ada }).submit('Sign in')
        expect(isAsked(asked)).toBe(true)
        app().sink.learn(attemptOn(asked))
        const code = await freshTotp(app(), 'ada')
        const there = await asked.form(CODE_FORM).fill({ code }).submit('Continue')
        expect(there.url.pathname).toBe(`/account/factors/${DEVICES.adaTotp}`)
      })

      test('is not let into the account’s factors by leaving out that the sign-in is anew', async () => {
        const browser = await rememberAda(app())
        await passwordLeadsTo(app(), browser)
        const anew = await browser.tab().open(`${app().url}/account/factors/new`)
        const form = anew.form().fill({ login: 'ada', password: PASSWORDS.ada }).forge('fresh', undefined)
        expect((await form.submit('Sign in')).url.pathname).toBe('/login')
      })

      test('is listed with its device, and asked again when its person says so, once and for good', async () => {
        const browser = await rememberAda(app())
        const account = await browser.tab().open(`${app().url}/account`)
        expect(account.text).toContain('Browsers in which we do not ask')
        const rows = account.$('#remembered li').length
        const id = String(account.$('#remembered button[name=browser]').first().attr('value'))
        const fields = { _csrf: csrfOn(account), browser: id }
        const racing = await Promise.all(
          Array.from({ length: 5 }, () => sendForm(app(), browser, '/account/remembered/forget', fields)),
        )
        const notices = racing.map(({ headers }) => headers.get('location'))
        expect(notices.filter((to) => to?.includes('browser_forgotten'))).toHaveLength(1)
        expect((await browser.tab().open(`${app().url}/account`)).$('#remembered li').length).toBe(rows - 1)
        expect(isAsked(await passwordLeadsTo(app(), browser))).toBe(true)
      })

      test('of somebody else cannot be ended', async () => {
        const [adas, others] = [await rememberAda(app()), app().browser()]
        const page = await enterPassword(await openLogin(app(), others), 'bob')
        expect(page.url.pathname).toBe('/')
        const [row] = await app().ctx.remembered.list(
          IDS.ada,
          (await app().ctx.users.find(IDS.ada))!.sessionEpoch,
          0,
        )
        const account = await others.tab().open(`${app().url}/account`)
        const fields = { _csrf: csrfOn(account), browser: String(row!.id) }
        await sendForm(app(), others, '/account/remembered/forget', fields)
        expect(isAsked(await passwordLeadsTo(app(), adas))).toBe(false)
      })

      test('is no matter of programs', async () => {
        await rememberAda(app())
        const { json } = await app().post(
          '/api/1/login/auth',
          { username_or_email: 'ada', password: PASSWORDS.ada, subdomain: 'acme' },
          await app().token(),
        )
        expect(json.data[0].devices.length).toBeGreaterThan(0)
        app().sink.learn(json.data[0].state_token)
      })
    },
    { policy: POLICY },
  )
})

describe('a browser on the move', () => {
  inEveryWorld(
    (app) => {
      test('is asked again in another network, and not in its own', async () => {
        const from = (address: string) =>
          plainBrowser({ now: app().clock.now, headers: { 'x-forwarded-for': address } })
        const home = from('203.0.113.7')
        await rememberAda(app(), home)
        const token = home.cookies.get(app().url, COOKIE)!
        for (const [address, asked] of [
          ['203.0.113.99', false],
          ['198.51.100.7', true],
          ['2001:db8::1', true],
        ] as const) {
          const browser = from(address)
          browser.cookies.receive(new URL(app().url), [`${COOKIE}=${token}; Path=/`])
          expect([address, isAsked(await passwordLeadsTo(app(), browser))]).toEqual([address, asked])
        }
      })
    },
    { env: { TRUST_PROXY: 'loopback' }, policy: { ...POLICY, remember_same_network: true } },
  )
})

describe('an open session', () => {
  inEveryWorld(
    (app) => {
      test('proves a factor again before it enters an app, once the hours are over, and then not at once again', async () => {
        const browser = app().browser()
        const page = await toFactor(app(), 'ada', browser)
        await page
          .form(CODE_FORM)
          .fill({ code: await freshTotp(app(), 'ada') })
          .submit('Continue')
        const sso = `${app().url}/apps/500/launch`
        expect((await browser.tab().open(sso)).text).not.toContain('Enter your code')
        await app().advance(2 * 3600)
        const asked = await browser.tab().open(sso)
        expect(isAsked(asked)).toBe(true)
        app().sink.learn(attemptOn(asked))
        await asked
          .form(CODE_FORM)
          .fill({ code: await freshTotp(app(), 'ada') })
          .submit('Continue')
        expect((await browser.tab().open(sso)).text).not.toContain('Enter your code')
      })
    },
    { policy: { mfa: 'enrolled', ask_again_hours: 2 } },
  )
})
