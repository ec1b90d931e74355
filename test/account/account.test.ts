import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  csrfOn,
  freshTotp,
  openLogin,
  sendForm,
  sessionCookie,
  signIn,
  enterPassword,
} from '../signin/portal.ts'
import { inEveryWorld, startApp, type TestApp } from '../support/app.ts'
import type { Browser, Page } from '../support/html.ts'
import { DEVICES, IDS, PASSWORDS } from '../support/people.ts'

type Name = 'ada' | 'bob' | 'cy' | 'gus'

/** Signs in in a browser of their own and opens their account. */
async function atAccount(app: TestApp, who: Name): Promise<{ browser: Browser; page: Page }> {
  const browser = app.browser()
  await signIn(app, who, browser)
  return { browser, page: await openAccount(app, browser) }
}

const openAccount = (app: TestApp, browser: Browser, path = ''): Promise<Page> =>
  browser.tab().open(`${app.url}/account${path}`)

const sessionIds = (page: Page): string[] =>
  page
    .$('button[name=session]')
    .toArray()
    .map((button) => String(page.$(button).attr('value')))

const post = async (app: TestApp, browser: Browser, path: string, fields: Record<string, string>) =>
  sendForm(app, browser, path, { _csrf: csrfOn(await openAccount(app, browser)), ...fields })

const plain = (letter: string) => letter.replaceAll(/=\r?\n/g, '').replaceAll('=3D', '=')

describe('sessions', () => {
  inEveryWorld((app) => {
    test('are listed, and the one that is ended is over at once, at every server', async () => {
      const here = await atAccount(app(), 'bob')
      const there = await atAccount(app(), 'bob')
      const page = await openAccount(app(), here.browser)
      expect(page.$('#sessions .rows > li').length).toBe(2)
      expect(page.$('#sessions .badge').text()).toBe('This browser')
      const [id] = sessionIds(page)
      const after = await page.form('form[action="/account/sessions/end"]').submit()
      expect(after.text).toContain('Signed out there')
      for (let i = 0; i < 3; i++) {
        expect((await openAccount(app(), there.browser)).url.pathname).toBe('/login')
        expect((await openAccount(app(), here.browser)).url.pathname).toBe('/account')
      }
      const again = await post(app(), here.browser, '/account/sessions/end', { session: id! })
      expect(again.headers.get('location')).toContain('notice=session_gone')
    })

    test('end everywhere else, and the one that is left goes on under a new id', async () => {
      const others = [await atAccount(app(), 'gus'), await atAccount(app(), 'gus')]
      const here = await atAccount(app(), 'gus')
      const before = sessionCookie(app(), here.browser)
      const page = await openAccount(app(), here.browser)
      await page.form('form[action="/account/sessions/end-others"]').submit()
      const after = sessionCookie(app(), here.browser)
      expect(after).not.toBe(before)
      expect((await openAccount(app(), here.browser)).$('#sessions .rows > li').length).toBe(1)
      for (const { browser } of others)
        expect((await openAccount(app(), browser)).url.pathname).toBe('/login')
      here.browser.cookies.set(app().url, 'doorward', before!)
      expect((await openAccount(app(), here.browser)).url.pathname).toBe('/login')
    })

    test('of somebody else are neither shown nor ended', async () => {
      const [bob, gus] = [await atAccount(app(), 'bob'), await atAccount(app(), 'gus')]
      await atAccount(app(), 'bob')
      const [bobs] = sessionIds(await openAccount(app(), bob.browser))
      const page = await openAccount(app(), gus.browser)
      expect(page.body).not.toContain(bobs)
      const reply = await post(app(), gus.browser, '/account/sessions/end', { session: bobs! })
      expect(reply.headers.get('location')).toContain('notice=session_gone')
      expect(sessionIds(await openAccount(app(), bob.browser))).toContain(bobs)
    })
  })
})

describe('on the account page', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(() => app.close())

  test('last use is noted at most once a minute', async () => {
    const other = await atAccount(app, 'bob')
    const { browser } = await atAccount(app, 'bob')
    const lastUsed = async () => (await openAccount(app, browser)).$('#sessions').text()
    await app.advance(59)
    await openAccount(app, other.browser)
    expect(await lastUsed()).toContain('Last used 59 seconds ago')
    await app.advance(1)
    await openAccount(app, other.browser)
    expect(await lastUsed()).toContain('Last used 1 second ago')
  })

  test('a tab that was still at work cannot bring an ended session back', async () => {
    const { browser } = await atAccount(app, 'bob')
    const cookie = browser.cookies.header({ url: new URL(app.url), method: 'GET', sameSite: true })
    const other = await atAccount(app, 'bob')
    const races = Array.from({ length: 10 }, () => app.call('GET', '/account', { headers: { cookie } }))
    const page = await openAccount(app, other.browser)
    await page.form('form[action="/account/sessions/end-others"]').submit()
    await Promise.all(races)
    expect((await openAccount(app, browser)).url.pathname).toBe('/login')
  })

  test('the language that is chosen is kept, and pages and letters use it', async () => {
    const { browser, page } = await atAccount(app, 'gus')
    const german = await page.form('form[action="/account/language"]').fill({ locale: 'de' }).submit()
    expect([german.text.includes('Sprache gespeichert'), german.$('html').attr('lang')]).toEqual([true, 'de'])
    const { preferredLocaleCode } = (await app.ctx.users.find(IDS.gus))!
    expect(preferredLocaleCode).toBe('de')
    await post(app, browser, '/account/language', { locale: 'xx' })
    expect((await app.ctx.users.find(IDS.gus))!.preferredLocaleCode).toBeNull()
  })

  test('what happened is told in words, page by page', async () => {
    const { browser } = await atAccount(app, 'bob')
    const first = await openAccount(app, browser, '/activity')
    expect(first.text).toContain('Signed in')
    for (let i = 0; i < 30; i++)
      await app.ctx.events.append({
        typeId: 8,
        origin: { address: '192.0.2.1', requestId: 'r' },
        user: { id: IDS.bob, name: 'Bob' },
        app: { id: 501, name: `App ${i}` },
      })
    const newest = await openAccount(app, browser, '/activity')
    expect([newest.$('.rows > li').length, newest.text.includes('Opened App 29')]).toEqual([25, true])
    const older = await newest.click('Older')
    expect([older.text.includes('Opened App 4'), older.text.includes('Opened App 5 ')]).toEqual([true, false])
    const { browser: ada } = await atAccount(app, 'ada')
    expect((await openAccount(app, ada, '/activity')).text).not.toContain('Opened App')
  })
})

describe('a password', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(() => app.close())

  const change = async (browser: Browser, current: string, password: string): Promise<Page> =>
    (await openAccount(app, browser, '/password'))
      .form('form[action="/account/password"]')
      .fill({ current, password })
      .submit('Change the password')

  test('is changed by who knows it: others are signed out, a letter tells it, and the session has a new id', async () => {
    const other = await atAccount(app, 'bob')
    const { browser } = await atAccount(app, 'bob')
    const before = sessionCookie(app, browser)
    const next = 'bob-amber-kettle-77'
    app.sink.learn(next)
    const letters = (await app.letters()).length
    const done = await change(browser, PASSWORDS.bob, next)
    expect(done.text).toContain('Password changed')
    expect(sessionCookie(app, browser)).not.toBe(before)
    expect((await openAccount(app, other.browser)).url.pathname).toBe('/login')
    await app.ctx.post.settled()
    expect((await app.letters()).slice(letters).join()).toContain('Your password was changed')
    expect((await enterPassword(await openLogin(app), 'bob', next)).url.pathname).toBe('/')
    expect((await app.events()).map((e) => e.eventTypeId)).toContain(11)
  })

  test('is not changed without the right one, nor to a bad one', async () => {
    const { browser } = await atAccount(app, 'gus')
    const good = 'gus-amber-kettle-78'
    app.sink.learn(good)
    expect((await change(browser, 'wrong', good)).text).toContain('This is not your current password')
    expect((await change(browser, PASSWORDS.gus, 'short')).text).toContain('Use at least 12 characters')
    expect((await change(browser, PASSWORDS.gus, PASSWORDS.gus)).text).toContain(
      'This is the password you have',
    )
    expect((await change(browser, '', '')).status).toBe(400)
    expect((await enterPassword(await openLogin(app), 'gus')).url.pathname).toBe('/')
  })

  test('cannot be guessed by a session that was stolen: wrong ones count as at the sign-in', async () => {
    const { browser } = await atAccount(app, 'gus')
    for (let i = 0; i < 5; i++) await change(browser, `wrong ${i}`, 'gus-amber-kettle-78')
    const { lockedUntil } = (await app.ctx.users.find(IDS.gus))!
    expect(lockedUntil).toBeGreaterThan(app.clock.now())
  })
})

describe('second factors', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(() => app.close())

  test('are touched only after a sign-in that is fresh, which leads back', async () => {
    const { browser } = await atAccount(app, 'ada')
    await app.advance(15 * 60)
    for (const path of ['/factors/new', `/factors/${DEVICES.adaTotp}`]) {
      const asked = await openAccount(app, browser, path)
      expect(asked.url.pathname + asked.url.search).toBe(
        `/login?fresh=1&return_to=${encodeURIComponent(`/account${path}`)}`,
      )
    }
    const actions: [string, Record<string, string>][] = [
      ['/account/factors/new', { kind: 'email' }],
      ...['rename', 'default', 'remove'].map((action): [string, Record<string, string>] => [
        `/account/factors/${DEVICES.adaTotp}`,
        { action, label: 'Mine' },
      ]),
    ]
    for (const [path, fields] of actions)
      expect((await post(app, browser, path, fields)).headers.get('location')).toContain('/login?fresh=1')
    expect(await app.ctx.authenticators.listAllForUser(IDS.ada)).toMatchObject([{ label: 'Phone' }])
    const login = await openAccount(app, browser, '/factors/new')
    const factor = await enterPassword(login, 'ada')
    const back = await factor
      .form('form:not(.others)')
      .fill({ code: await freshTotp(app, 'ada') })
      .submit('Continue')
    expect([back.url.pathname, back.text.includes('Authenticator app')]).toEqual([
      '/account/factors/new',
      true,
    ])
  })

  test('are added, proved, named, asked first and removed, each with an event and a letter', async () => {
    const { browser } = await atAccount(app, 'gus')
    const before = sessionCookie(app, browser)
    const offers = await openAccount(app, browser, '/factors/new')
    const waiting = await offers.form('form.offers').submit('email')
    expect(waiting.text).toContain('Check your e-mail')
    const code = await app.mailedCode()
    const wrong = await waiting.form('form:not(.others)').fill({ code: '000000' }).submit('Continue')
    expect(wrong.status).toBe(401)
    const done = await wrong.form('form:not(.others)').fill({ code }).submit('Continue')
    expect(done.text).toContain('Second factor added')
    expect(sessionCookie(app, browser)).not.toBe(before)
    const { id } = (await app.ctx.authenticators.listForUser(IDS.gus))[0]!
    const one = await done.click('Manage E-mail')
    const named = await one.form('form:has([name=label])').fill({ label: 'Work mail' }).submit()
    expect(named.text).toContain('Work mail')
    const removed = await (
      await openAccount(app, browser, `/factors/${id}`)
    )
      .form('form:has([value=remove])')
      .submit()
    expect(removed.text).toContain('Second factor removed')
    expect(await app.ctx.authenticators.listAllForUser(IDS.gus)).toEqual([])
    await app.ctx.post.settled()
    const letters = (await app.letters()).map(plain).join()
    expect(letters).toContain('Subject: A second factor was added to your account')
    expect(letters).toContain('Subject: A second factor was removed from your account')
    const kinds = (await app.events()).filter((e) => e.userId === IDS.gus).map((e) => e.eventTypeId)
    expect(kinds).toEqual(expect.arrayContaining([22, 527, 24]))
  })

  test('of somebody else are not there: shown, renamed, asked first, removed or proved', async () => {
    const { browser } = await atAccount(app, 'bob')
    const id = String(DEVICES.cyTotp)
    expect((await openAccount(app, browser, `/factors/${id}`)).status).toBe(404)
    for (const action of ['rename', 'default', 'remove', '']) {
      const reply = await post(app, browser, `/account/factors/${id}`, { action, label: 'Mine' })
      expect([action, reply.status]).toEqual([action, 404])
    }
    const proof = await post(app, browser, '/account/factors/new', { attempt: id, code: app.totp('cy') })
    expect(proof.text).toContain('Add a second way')
    expect((await app.ctx.authenticators.listForUser(IDS.cy)).map(({ label }) => label)).toEqual([
      'Tablet',
      'E-mail',
    ])
  })

  test('recovery codes are shown once, to a fresh sign-in only, and new ones end the old', async () => {
    const { browser, page } = await atAccount(app, 'ada')
    const form = 'form[action="/account/recovery-codes"]'
    const codesOn = (shown: Page) =>
      shown
        .$('.code-list code')
        .toArray()
        .map((one) => shown.$(one).text())
    const first = codesOn(await page.form(form).submit())
    expect(new Set(first).size).toBe(10)
    const again = await openAccount(app, browser)
    expect(again.text).toContain('You have 10 recovery codes left.')
    const second = codesOn(await again.form(form).submit())
    for (const code of [...first, ...second]) app.sink.learn(code)
    expect(second.filter((code) => first.includes(code))).toEqual([])
    await app.advance(15 * 60)
    const stale = await post(app, browser, '/account/recovery-codes', {})
    expect(stale.headers.get('location')).toBe('/login?fresh=1&return_to=%2Faccount')
    await app.ctx.post.settled()
    expect((await app.letters()).join()).toContain('Subject: New recovery was set up for your account')
  })

  test('there is nothing to recover for who has no factor', async () => {
    const { browser, page } = await atAccount(app, 'bob')
    expect(page.$('form[action="/account/recovery-codes"]').length).toBe(0)
    expect((await post(app, browser, '/account/recovery-codes', {})).status).toBe(400)
  })

  test('the one that is to be asked first is asked first', async () => {
    const { browser } = await atAccount(app, 'cy')
    const page = await openAccount(app, browser, `/factors/${DEVICES.cyEmail}`)
    const after = await page.form('form:has([value=default])').submit()
    expect(after.$('#factors .rows > li').first().text()).toContain('E-mail')
    expect((await enterPassword(await openLogin(app), 'cy')).text).toContain('Get a code by e-mail')
  })
})

describe('a sign-in in a browser that is not known', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp()
    await signIn(app, 'bob') // the first of all tells nobody anything
    await signIn(app, 'gus')
  })
  afterAll(() => app.close())

  const letters = async () => {
    await app.ctx.post.settled()
    return (await app.newBrowserLetters()).map(plain)
  }
  const linkIn = (letter: string): string => {
    const [link = '', token = ''] = /http:\/\/[^\s"]+\/not-me\/([\w-]+)/.exec(letter) ?? []
    app.sink.learn(token)
    return link
  }

  test('is told by letter, in a known browser it is not, and another person there is', async () => {
    expect(await letters()).toEqual([])
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    expect(await letters()).toHaveLength(1)
    const [letter] = await letters()
    expect(letter).toContain('To: bob@acme.test')
    expect(letter).toContain('from the address 127.0.0.1')
    await signIn(app, 'bob', browser, '?fresh=1')
    expect(await letters()).toHaveLength(1)
    await signIn(app, 'gus', browser, '?fresh=1')
    expect(await letters()).toHaveLength(2)
  })

  test('a known browser is a stranger again after a new password, and its cookie is no one else’s', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    const before = (await letters()).length
    const stranger = app.browser()
    const value = browser.cookies.get(app.url, 'doorward_known')!
    stranger.cookies.set(app.url, 'doorward_known', `${value.slice(0, -1)}${value.endsWith('A') ? 'B' : 'A'}`)
    await signIn(app, 'bob', stranger)
    expect(await letters()).toHaveLength(before + 1)
    await app.ctx.db
      .updateTable('users')
      .set({ passwordChangedAt: app.clock.now() + 1 })
      .where('id', '=', IDS.bob)
      .execute()
    await signIn(app, 'bob', browser, '?fresh=1')
    expect(await letters()).toHaveLength(before + 2)
  })

  test('its link asks first, works once, ends every session and the password, and leads to a new one', async () => {
    const { browser: owner } = await atAccount(app, 'gus')
    const { browser: thief } = await atAccount(app, 'gus')
    const link = linkIn((await letters()).findLast((letter) => letter.includes('To: gus@'))!)
    expect(link.startsWith(`${app.url}/not-me/`)).toBe(true)
    const asked = await app.browser().tab().open(link)
    expect((await openAccount(app, thief)).url.pathname).toBe('/account') // to look ends nothing
    const reset = await asked.form().submit()
    expect(reset.url.pathname).toMatch(/^\/reset\//)
    app.sink.learn(reset.url.pathname.slice('/reset/'.length))
    for (const browser of [owner, thief])
      expect((await openAccount(app, browser)).url.pathname).toBe('/login')
    expect((await enterPassword(await openLogin(app), 'gus')).status).toBe(401)
    expect((await app.browser().tab().open(link)).status).toBe(410)
    const choose = await reset.form().submit()
    const next = 'gus-amber-kettle-79'
    app.sink.learn(next)
    await choose.form().fill({ password: next }).submit()
    expect((await enterPassword(await openLogin(app), 'gus', next)).url.pathname).toBe('/')
  })

  test('the link begins with our own address, whatever Host a request names', async () => {
    const browser = app.browser()
    const page = await openLogin(app, browser)
    const before = await letters()
    const forged = { 'x-forwarded-host': 'evil.test', forwarded: 'host=evil.test' }
    const form = { _csrf: csrfOn(page), login: 'bob', password: PASSWORDS.bob }
    const reply = await sendForm(app, browser, '/login', form, forged)
    expect(reply.status).toBe(303)
    const [letter = ''] = (await letters()).filter((one) => !before.includes(one))
    expect(letter).toContain('/not-me/')
    expect(letter).not.toContain('evil.test')
    expect(linkIn(letter).startsWith(app.url)).toBe(true)
  })
})
