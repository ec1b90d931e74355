import { beforeEach, describe, expect, test } from 'vitest'
import { inEveryWorld, type TestApp } from '../support/app.ts'
import type { Page } from '../support/html.ts'
import { DEVICES, IDS, PASSWORDS } from '../support/people.ts'
import { until } from '../support/server-process.ts'
import { follow, forget, FORGOT_PAGE, inviteLink, mailedLinks, resetLink, tokenIn } from './links.ts'
import {
  attemptOn,
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

const CHOOSE = 'Choose a new password – Acme'
const OVER = 'Error: This link does not work any more – Acme'
const LOGIN = 'Sign in – Acme'
const HOME = 'Your apps – Acme'
const FACTOR = 'Enter your code – Acme'

let made = 0
function freshPassword(app: TestApp): string {
  const password = `tawny-harbour-window-${++made}`
  app.sink.learn(password)
  return password
}

const row = (app: TestApp, id: number) =>
  app.ctx.db.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirstOrThrow()

/** What is left once it is taken away what may differ. */
function comparable(page: Page, login: string) {
  const headers = [...new Headers(page.headers)].filter(
    ([name]) => !['x-request-id', 'date', 'set-cookie', 'content-length'].includes(name),
  )
  const body = page.body.replaceAll(login, 'LOGIN').replace(/(name="_csrf" value=")[^"]*/g, '$1CSRF')
  return { status: page.status, headers: Object.fromEntries(headers), body }
}

describe('a forgotten password', () => {
  inEveryWorld(
    (app) => {
      beforeEach(async () => {
        for (const who of ['gus', 'ada', 'dee', 'cy'] as const) {
          const passwordHash = await app().ctx.hasher.hash(PASSWORDS[who])
          const fresh = { passwordHash, status: 1, lockedUntil: null, lockReason: null }
          await app().ctx.db.updateTable('users').set(fresh).where('id', '=', IDS[who]).execute()
        }
        await app().advance(3601) // counts of letters and codes begin anew
      })

      test('is asked about on the sign-in page, and answered by a letter with a link', async () => {
        const browser = app().browser()
        const asked = await (await openLogin(app(), browser)).click('Forgot your password?')
        expect(asked.title).toBe(FORGOT_PAGE)
        const before = (await app().events()).length
        const link = await resetLink(app(), 'gus@acme.test')
        expect(link.startsWith(`${app().url}/reset/dw_reset_`)).toBe(true)
        expect((await app().letters()).some((text) => text.includes('To: gus@acme.test'))).toBe(true)
        expect(await eventsSince(app(), before)).toEqual([[10, null]])
      })

      test('is replaced in any browser; the person signs in with the new one and every session ends', async () => {
        const [old, half, any] = [app().browser(), app().browser(), app().browser()]
        await enterPassword(await openLogin(app(), old), 'gus')
        const link = await resetLink(app(), 'gus')
        const page = await follow(app(), link, any)
        expect(page.title).toBe(CHOOSE)
        expect(page.url.href).toBe(`${app().url}/reset`)
        await changeUser(app(), 'gus', { status: 4 })
        const other = await enterPassword(await openLogin(app(), half), 'gus')
        const before = (await app().events()).length
        const password = freshPassword(app())
        const done = await choosePassword(page, password)
        expect([done.status, done.title, done.text.includes('Your password is changed')]).toEqual([
          200,
          LOGIN,
          true,
        ])
        expect(sessionCookie(app(), any)).toBeUndefined()
        expect((await eventsSince(app(), before)).map(([type]) => type)).toEqual([11])
        expect((await old.tab().open(app().url)).title).toBe(LOGIN)
        expect((await choosePassword(other, freshPassword(app()))).status).toBe(401)
        expect((await enterPassword(await openLogin(app()), 'gus', password)).title).toBe(HOME)
        expect((await follow(app(), link)).title).toBe(OVER)
      })

      test('is not replaced before the second factor of who has one', async () => {
        const browser = app().browser()
        const page = await follow(app(), await resetLink(app(), 'ada'), browser)
        expect(page.title).toBe(FACTOR)
        app().sink.learn(attemptOn(page))
        const skipped = await sendForm(app(), browser, '/login/change-password', {
          _csrf: csrfOn(page),
          attempt: attemptOn(page),
          password: freshPassword(app()),
        })
        expect([skipped.status, skipped.text.includes('Enter your code')]).toEqual([200, true])
        const choose = await enterCode(page, await freshTotp(app(), 'ada'))
        expect(choose.title).toBe(CHOOSE)
        const password = freshPassword(app())
        expect((await choosePassword(choose, password)).title).toBe(LOGIN)
        const again = await enterPassword(await openLogin(app()), 'ada', password)
        expect(again.title).toBe(FACTOR)
      })

      test('takes no code by mail for a second factor: the link came by mail already', async () => {
        const browser = app().browser()
        const page = await follow(app(), await resetLink(app(), 'cy'), browser)
        app().sink.learn(attemptOn(page))
        expect([page.title, page.text.includes('Get a code by e-mail')]).toEqual([FACTOR, false])
        const before = (await app().letters()).length
        const forced = await sendForm(app(), browser, '/login/factor', {
          _csrf: csrfOn(page),
          attempt: attemptOn(page),
          device_id: String(DEVICES.cyEmail),
          action: 'send',
        })
        expect([forced.status, (await app().letters()).length]).toEqual([401, before])
        expect((await follow(app(), await resetLink(app(), 'dee'))).title).toBe(OVER)
      })

      test('wrong codes behind a link count as those of a sign-in', async () => {
        const link = await resetLink(app(), 'ada')
        let used = 0
        for (let opened = 0; opened < 4; opened++) {
          let page = await follow(app(), link)
          for (let i = 0; i < 5; i++, used++) page = await enterCode(page, '000000')
          expect(page.title).toBe(LOGIN)
        }
        expect(used).toBe(20)
        const page = await follow(app(), link)
        expect((await enterCode(page, await freshTotp(app(), 'ada'))).title).toBe(LOGIN)
        const signIn = await toFactor(app(), 'ada')
        expect((await enterCode(signIn, await freshTotp(app(), 'ada'))).status).toBe(401)
      })

      test('GET uses no link up, however often a scanner of mail looks', async () => {
        const link = await resetLink(app(), 'gus')
        const before = (await app().events()).length
        for (const method of ['GET', 'HEAD', 'GET', 'GET']) {
          const reply = await app().call(method, new URL(link).pathname)
          expect([
            reply.status,
            reply.headers.get('referrer-policy'),
            reply.headers.get('cache-control'),
          ]).toEqual([200, 'no-referrer', 'no-store'])
        }
        expect(await eventsSince(app(), before)).toEqual([])
        expect((await follow(app(), link)).title).toBe(CHOOSE)
      })

      test('a link is used by one of twenty at once', async () => {
        const link = await resetLink(app(), 'gus')
        const pages = []
        for (let i = 0; i < 20; i++) pages.push(await follow(app(), link))
        const passwords = pages.map(() => freshPassword(app()))
        const done = await Promise.all(pages.map((page, i) => choosePassword(page, passwords[i]!)))
        const winners = done.flatMap((page, i) => (page.status === 200 ? [i] : []))
        expect(winners).toHaveLength(1)
        const { passwordHash } = await row(app(), IDS.gus)
        expect(await app().ctx.hasher.verify(passwordHash, passwords[winners[0]!]!)).toBe(true)
      })

      test('a link that is unknown, used, replaced, too old, of another kind or overtaken gets one and the same answer', async () => {
        const unknown = `${app().url}/reset/dw_reset_${'A'.repeat(43)}`
        const used = await resetLink(app(), 'gus')
        await choosePassword(await follow(app(), used), freshPassword(app()))
        const replaced = await resetLink(app(), 'gus')
        const old = await resetLink(app(), 'gus')
        await app().advance(30 * 60)
        const overtaken = await resetLink(app(), 'gus')
        await app().ctx.users.endSessions(IDS.gus)
        const invitation = await inviteLink(app(), 'gus@acme.test')
        const wrongKind = invitation.replace('/invite/', '/reset/')
        const answers = []
        for (const link of [unknown, used, replaced, old, overtaken, wrongKind, `${app().url}/reset/%20`])
          answers.push(comparable(await follow(app(), link), tokenIn(link)))
        expect(answers[0]).toMatchObject({
          status: 410,
          body: expect.stringContaining('does not work any more'),
        })
        for (const answer of answers) expect(answer).toEqual(answers[0])
      })

      test('a link lives half an hour, to the second', async () => {
        const link = await resetLink(app(), 'gus')
        await app().advance(30 * 60 - 1)
        const page = await follow(app(), link)
        expect(page.title).toBe(CHOOSE)
        await app().advance(1)
        expect((await follow(app(), link)).title).toBe(OVER)
        expect((await choosePassword(page, freshPassword(app()))).status).toBe(401)
      })

      test.each([
        ['locked', { status: 3, lockedUntil: Date.UTC(2100, 0, 1) }],
        ['suspended', { status: 2 }],
        ['not activated', { status: 0 }],
        ['without a password', { status: 7 }],
      ])(
        'of a person who is %s brings a letter without a link, and a link from before no way in',
        async (_, change) => {
          const link = await resetLink(app(), 'gus')
          const open = await follow(app(), link)
          await changeUser(app(), 'gus', change)
          const before = [(await mailedLinks(app(), 'reset')).length, (await app().letters()).length]
          await app().advance(1)
          const page = await forget(app(), 'gus')
          expect(page.title).toBe('Check your e-mail – Acme')
          await until('a letter is there', async () => (await app().letters()).length > before[1]!)
          expect((await mailedLinks(app(), 'reset')).length).toBe(before[0])
          const told = async () => (await app().letters()).filter((text) => text.includes('cannot be reset'))
          await until('it says why', async () => (await told()).length > 0)
          expect((await follow(app(), link)).title).toBe(OVER)
          expect((await choosePassword(open, freshPassword(app()))).status).toBe(401)
          expect((await row(app(), IDS.gus)).status).toBe(change.status)
        },
      )

      test('an expired one is replaced by link too, and the person is active then', async () => {
        await changeUser(app(), 'gus', { status: 4 })
        const done = await choosePassword(
          await follow(app(), await resetLink(app(), 'gus')),
          freshPassword(app()),
        )
        expect([done.title, (await row(app(), IDS.gus)).status]).toEqual([LOGIN, 1])
      })

      test('an attempt that a link began belongs to its browser', async () => {
        const [gus, thief] = [app().browser(), app().browser()]
        const page = await follow(app(), await resetLink(app(), 'gus'), gus)
        const own = await openLogin(app(), thief)
        const fields = {
          _csrf: csrfOn(own),
          attempt: page.form().fields.attempt!,
          password: freshPassword(app()),
        }
        const stolen = await sendForm(app(), thief, '/login/change-password', fields)
        expect([stolen.status, sessionCookie(app(), thief)]).toEqual([401, undefined])
        expect((await choosePassword(page, freshPassword(app()))).status).toBe(401)
      })

      test("one person's link and another's attempt do not mix", async () => {
        const browser = app().browser()
        const gus = await follow(app(), await resetLink(app(), 'gus'), browser)
        const ada = await toFactor(app(), 'ada', browser)
        const password = freshPassword(app())
        const token = tokenIn(await resetLink(app(), 'gus'))
        const mixed = await sendForm(app(), browser, '/login/change-password', {
          _csrf: csrfOn(gus),
          attempt: attemptOn(ada),
          token,
          password,
        })
        expect([mixed.status, mixed.text.includes('Enter your code')]).toEqual([200, true])
        const { passwordHash } = await row(app(), IDS.ada)
        expect(await app().ctx.hasher.verify(passwordHash, password)).toBe(false)
      })

      test.each(['evil.test', 'login.northwind.test', 'evil.test:80', 'localhost.evil.test'])(
        'a request for the host %s puts no other address into the letter',
        async (host) => {
          const before = (await mailedLinks(app(), 'reset')).length
          await app().advance(1)
          const browser = app().browser()
          const page = await browser.tab().open(`${app().url}/forgot`)
          await sendForm(
            app(),
            browser,
            '/forgot',
            { _csrf: csrfOn(page), login: 'gus' },
            { host, 'x-forwarded-host': host, forwarded: `host=${host}` },
          )
          await until('the letter is there', async () => (await mailedLinks(app(), 'reset')).length > before)
          expect((await mailedLinks(app(), 'reset')).at(-1)!.startsWith(`${app().url}/reset/`)).toBe(true)
        },
      )

      test('fills no mailbox: after five letters within an hour the page is the same and nothing is sent', async () => {
        for (let i = 0; i < 5; i++) await resetLink(app(), 'gus')
        const before = (await app().letters()).length
        const answers = [
          await forget(app(), 'gus'),
          await forget(app(), 'gus@acme.test'),
          await forget(app(), 'nobody'),
        ]
        expect(answers.map((page) => page.status)).toEqual([200, 200, 200])
        await resetLink(app(), 'cy') // written after the others, if these were
        expect((await app().letters()).length).toBe(before + 1)
      })

      test('is asked about twenty times in ten minutes by one address, whomever it is about', async () => {
        const browser = app().browser()
        const statuses = []
        for (let i = 0; i < 22; i++) statuses.push((await forget(app(), `nobody-${i}`, browser)).status)
        expect(statuses).toEqual([...Array<number>(20).fill(200), 429, 429])
        await app().advance(601)
        expect((await forget(app(), 'nobody', browser)).status).toBe(200)
      })

      test('looks the same for everybody', async () => {
        const first = comparable(await forget(app(), 'nobody@acme.test'), 'nobody@acme.test')
        expect(first.status).toBe(200)
        for (const login of [
          'gus@acme.test',
          'ada',
          'eve@acme.test',
          'nobody-else',
          ' gus ',
          'GUS@ACME.TEST',
        ])
          expect(comparable(await forget(app(), login), login.trim())).toEqual(first)
      })

      test('needs a name: an empty one is said, and nothing is counted', async () => {
        const page = await forget(app(), '  ')
        expect([page.status, page.text.includes('Enter your e-mail or username')]).toEqual([400, true])
      })
    },
    { policy: { max_factor_failures_per_hour: 20, max_failures_per_address: 1_000_000 } },
  )
})
