import { beforeEach, describe, expect, test } from 'vitest'
import { inEveryWorld, type TestApp } from '../support/app.ts'
import type { Browser, Page } from '../support/html.ts'
import { DEVICES, IDS, PASSWORDS, type PersonName } from '../support/people.ts'
import { until } from '../support/server-process.ts'
import {
  changeUser,
  choosePassword,
  csrfOn,
  enterCode,
  enterPassword,
  eventsSince,
  freshTotp,
  openLogin,
  sendForm,
  sessionCookie,
  toFactor,
} from './portal.ts'

const CHANGE = 'Choose a new password – Acme'
const HOME = 'Your apps – Acme'
const LOGIN = 'Sign in – Acme'
const EXPIRED = 4

let made = 0
/** A password that nobody has had. */
export function freshPassword(app: TestApp): string {
  const password = `copper-harbour-meadow-${++made}`
  app.sink.learn(password)
  return password
}

const attemptOf = (page: Page): string => page.form().fields.attempt!

/** Up to the page that asks for the new password, for somebody without a factor. */
async function toChange(app: TestApp, who: PersonName, status: number, browser?: Browser): Promise<Page> {
  await changeUser(app, who, { status })
  const page = await enterPassword(await openLogin(app, browser), who)
  app.sink.learn(attemptOf(page))
  return page
}

const userRow = (app: TestApp, who: PersonName) =>
  app.ctx.db.selectFrom('users').selectAll().where('id', '=', IDS[who]).executeTakeFirstOrThrow()

async function restore(app: TestApp, who: PersonName): Promise<void> {
  const passwordHash = await app.ctx.hasher.hash(PASSWORDS[who])
  await app.ctx.db
    .updateTable('users')
    .set({ passwordHash, status: 1, lockedUntil: null, passwordChangedAt: app.clock.now() })
    .where('id', '=', IDS[who])
    .execute()
}

describe('a password that has to be changed', () => {
  inEveryWorld((app) => {
    beforeEach(async () => {
      for (const who of ['gus', 'ada'] as const) await restore(app(), who)
    })

    test.each([
      [EXPIRED, CHANGE, 'too old'],
      [5, CHANGE, 'Your administrator has asked you'],
      [7, 'Welcome, Gus – Acme', 'Choose a password for your Acme account'],
    ])('of a person of status %i is chosen after the right one, and lets in', async (status, title, text) => {
      const browser = app().browser()
      const page = await toChange(app(), 'gus', status, browser)
      expect([page.status, page.title, page.text.includes(text)]).toEqual([200, title, true])
      expect(sessionCookie(app(), browser)).toBeUndefined()
      const before = (await app().events()).length
      const [password, { sessionEpoch }] = [freshPassword(app()), await userRow(app(), 'gus')]
      const home = await choosePassword(page, password)
      expect([home.title, sessionCookie(app(), browser) !== undefined]).toEqual([HOME, true])
      const changed = await userRow(app(), 'gus')
      expect([changed.status, changed.passwordChangedAt]).toEqual([1, app().clock.now()])
      expect(changed.sessionEpoch).toBe(sessionEpoch + 1)
      expect((await eventsSince(app(), before)).map(([type]) => type)).toEqual(
        expect.arrayContaining([11, 5]),
      )
      expect((await enterPassword(await openLogin(app()), 'gus', password)).title).toBe(HOME)
      expect((await enterPassword(await openLogin(app()), 'gus')).status).toBe(401)
    })

    test('is asked for after the second factor, never before', async () => {
      await changeUser(app(), 'ada', { status: EXPIRED })
      const browser = app().browser()
      const factor = await toFactor(app(), 'ada', browser)
      const skipped = await sendForm(app(), browser, '/login/change-password', {
        _csrf: csrfOn(factor),
        attempt: attemptOf(factor),
        password: freshPassword(app()),
      })
      expect([skipped.status, skipped.text.includes('Enter your code')]).toEqual([200, true])
      const page = await enterCode(factor, await freshTotp(app(), 'ada'))
      expect(page.title).toBe(CHANGE)
      expect(attemptOf(page)).not.toBe(attemptOf(factor))
      expect((await choosePassword(page, freshPassword(app()))).title).toBe(HOME)
    })

    test('keeps asking until one is chosen: no address leads around it', async () => {
      const browser = app().browser()
      const page = await toChange(app(), 'gus', EXPIRED, browser)
      for (const path of ['/', '/login/factor', '/login/change-password', '/apps/501/launch'])
        expect((await browser.tab().open(app().url + path)).title).toBe(LOGIN)
      const form = {
        _csrf: csrfOn(page),
        attempt: attemptOf(page),
        device_id: String(DEVICES.cyTotp),
        code: '1',
      }
      const factor = await sendForm(app(), browser, '/login/factor', form)
      expect([factor.status, factor.text.includes('Choose a new password')]).toEqual([200, true])
      expect(sessionCookie(app(), browser)).toBeUndefined()
    })

    test.each([
      ['', 'Enter a new password'],
      ['short', 'Use at least 12 characters'],
      ['password1234', 'Too many people use this password'],
      ['gus-grissom-12', 'made of your name'],
      ['x'.repeat(1100), 'Use a shorter password'],
      [PASSWORDS.gus, 'This is the password you have'],
    ])('is not %j: the page says why, and the attempt goes on', async (password, text) => {
      const page = await toChange(app(), 'gus', EXPIRED)
      const again = await choosePassword(page, password)
      expect([again.status, again.text.includes(text)]).toEqual([400, true])
      expect(again.form().fields.password).toBe('')
      expect((await choosePassword(again, freshPassword(app()))).title).toBe(HOME)
    })

    test('is taken as it was typed: with spaces around it, and in one Unicode form', async () => {
      const typed = `  Ädnan’s copper meadow ${++made} `
      app().sink.learn(typed)
      const home = await choosePassword(await toChange(app(), 'gus', EXPIRED), typed.normalize('NFD'))
      expect(home.title).toBe(HOME)
      const tries = [typed, typed.trim(), typed.toLowerCase()]
      const titles = []
      for (const text of tries) titles.push((await enterPassword(await openLogin(app()), 'gus', text)).title)
      expect(titles).toEqual([HOME, `Error: ${LOGIN}`, `Error: ${LOGIN}`])
    })

    test('ends every session and other attempt of the person', async () => {
      const [old, other] = [app().browser(), app().browser()]
      await enterPassword(await openLogin(app(), old), 'gus')
      const first = await toChange(app(), 'gus', EXPIRED, other)
      const second = await toChange(app(), 'gus', EXPIRED)
      expect((await choosePassword(first, freshPassword(app()))).title).toBe(HOME)
      expect((await old.tab().open(app().url)).title).toBe(LOGIN)
      expect((await choosePassword(second, freshPassword(app()))).status).toBe(401)
    })

    test('is changed once, by one of twenty at once', async () => {
      const browser = app().browser()
      const page = await toChange(app(), 'gus', EXPIRED, browser)
      const fields = { _csrf: csrfOn(page), attempt: attemptOf(page) }
      const passwords = Array.from({ length: 20 }, () => freshPassword(app()))
      const replies = await Promise.all(
        passwords.map((password) =>
          sendForm(app(), browser, '/login/change-password', { ...fields, password }),
        ),
      )
      const winners = replies.flatMap((reply, i) => (reply.status === 303 ? [i] : []))
      expect(winners).toHaveLength(1)
      const { passwordHash } = await userRow(app(), 'gus')
      expect(await app().ctx.hasher.verify(passwordHash, passwords[winners[0]!]!)).toBe(true)
    })

    test('belongs to the browser that proved the old one', async () => {
      const [gus, thief] = [app().browser(), app().browser()]
      const page = await toChange(app(), 'gus', EXPIRED, gus)
      const own = await openLogin(app(), thief)
      const stolen = await sendForm(app(), thief, '/login/change-password', {
        _csrf: csrfOn(own),
        attempt: attemptOf(page),
        password: freshPassword(app()),
      })
      expect([stolen.status, sessionCookie(app(), thief)]).toEqual([401, undefined])
      expect((await choosePassword(page, freshPassword(app()))).status).toBe(401)
      expect((await userRow(app(), 'gus')).status).toBe(EXPIRED)
    })

    test('is not changed by who was suspended meanwhile', async () => {
      const page = await toChange(app(), 'gus', EXPIRED)
      await changeUser(app(), 'gus', { status: 2 })
      expect((await choosePassword(page, freshPassword(app()))).status).toBe(401)
      expect((await userRow(app(), 'gus')).status).toBe(2)
    })

    test('is told to its owner by letter, after the answer', async () => {
      const told = async () =>
        (await app().letters()).filter(
          (text) => text.includes('To: gus@acme.test') && text.includes('Your password was changed'),
        ).length
      await app().ctx.background.settled() // letters of the tests before
      const before = await told()
      await choosePassword(await toChange(app(), 'gus', EXPIRED), freshPassword(app()))
      await until('the letter is there', async () => (await told()) === before + 1)
    })
  })
})

describe('a password that is too old for the policy', () => {
  inEveryWorld(
    (app) => {
      test('is changed on the pages, and refused by API in the words of an expired one', async () => {
        await restore(app(), 'gus')
        expect((await enterPassword(await openLogin(app()), 'gus')).title).toBe(HOME)
        await app().advance(90 * 24 * 3600)
        const body = { username_or_email: 'gus', password: PASSWORDS.gus, subdomain: 'acme' }
        const reply = await app().post('/api/1/login/auth', body, await app().token())
        expect([reply.status, reply.json.status.message]).toEqual([
          401,
          'Password has expired. Access is unauthorized',
        ])
        const page = await enterPassword(await openLogin(app()), 'gus')
        expect(page.title).toBe(CHANGE)
        expect((await choosePassword(page, freshPassword(app()))).title).toBe(HOME)
      })
    },
    { policy: { password_max_age_days: 90 } },
  )
})
