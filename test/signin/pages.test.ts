import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { inEveryWorld, startApp, type TestApp } from '../support/app.ts'
import { DEVICES, IDS, PASSWORDS } from '../support/people.ts'
import {
  attemptOn,
  changeUser,
  CODE_FORM,
  enterCode,
  enterPassword,
  eventsSince,
  freshTotp,
  openLogin,
  sendCode,
  sessionCookie,
  signIn,
  toFactor,
} from './portal.ts'

const HOME = 'Your apps – Acme'
const LOGIN = 'Sign in – Acme'
const count = async (app: TestApp) => (await app.events()).length

describe('the sign-in pages', () => {
  inEveryWorld((app) => {
    test('a person without a factor signs in with the password alone', async () => {
      const before = await count(app())
      const page = await signIn(app(), 'bob')
      expect([page.title, page.hops.map((hop) => new URL(hop).pathname)]).toEqual([HOME, ['/login', '/']])
      expect(page.text).toContain('Welcome, Bob')
      expect(await eventsSince(app(), before)).toEqual([[5, null]])
    })

    test('a person is known by e-mail, in any case and with space around it', async () => {
      const page = await openLogin(app())
      const home = await page.form().fill({ login: '  BOB@Acme.Test ', password: PASSWORDS.bob }).submit()
      expect(home.title).toBe(HOME)
    })

    test('a person with TOTP comes in with password and code', async () => {
      const before = await count(app())
      const factor = await toFactor(app(), 'ada')
      expect([factor.status, factor.url.pathname, factor.url.search]).toEqual([200, '/login', ''])
      expect(factor.text).toContain('Phone')
      const home = await enterCode(factor, await freshTotp(app(), 'ada'))
      expect(home.title).toBe(HOME)
      expect(await eventsSince(app(), before)).toEqual([
        [528, null],
        [5, null],
      ])
    })

    test('a code may be typed with a space in it', async () => {
      const factor = await toFactor(app(), 'ada')
      const code = await freshTotp(app(), 'ada')
      expect((await enterCode(factor, `${code.slice(0, 3)} ${code.slice(3)} `)).title).toBe(HOME)
    })

    test('a person with e-mail is sent a code on request, and not again too soon', async () => {
      const letters = (await app().letters()).length
      const unsent = await toFactor(app(), 'dee')
      expect(unsent.text).toContain('d•••e@acme.test')
      expect(unsent.$('input[name=code]')).toHaveLength(0)
      const [sent, code] = await sendCode(app(), unsent)
      expect((await app().letters()).length).toBe(letters + 1)
      const again = await sent.form(CODE_FORM).submit('Send a new code')
      expect(again.text).toContain('Please wait a moment')
      expect((await app().letters()).length).toBe(letters + 1)
      const wrong = await enterCode(again, '000000')
      expect([wrong.status, wrong.title]).toEqual([401, 'Error: Check your e-mail – Acme'])
      expect(wrong.text).toContain('You have 4 tries left.')
      expect((await enterCode(wrong, code)).title).toBe(HOME)
    })

    test('a new code by e-mail takes the place of the one before', async () => {
      const [sent, first] = await sendCode(app(), await toFactor(app(), 'dee'))
      await app().advance(30)
      const [again, second] = await sendCode(app(), sent, 'Send a new code')
      if (first === second) return // one time in a million
      expect((await enterCode(again, first)).status).toBe(401)
      expect((await enterCode(again, second)).title).toBe(HOME)
    })

    test('a code by e-mail is good for the attempt that asked for it and no other', async () => {
      const [one, code] = await sendCode(app(), await toFactor(app(), 'dee'))
      const [other, newer] = await sendCode(app(), await toFactor(app(), 'dee'))
      if (code === newer) return
      expect((await enterCode(other, code)).status).toBe(401)
      expect((await enterCode(one, code)).title).toBe(HOME)
    })

    test('a person with several factors tries another way and comes back', async () => {
      const totp = await toFactor(app(), 'cy')
      expect(totp.$('h1').text()).toBe('Enter your code')
      const email = await totp.form('.others').submit(`Get a code by e-mail c•••@acme.test`)
      expect([email.$('h1').text(), attemptOn(email)]).toEqual(['Get a code by e-mail', attemptOn(totp)])
      const back = await email.form('.others').submit('Use your authenticator app Tablet')
      expect(back.form(CODE_FORM).fields.device_id).toBe(String(DEVICES.cyTotp))
      expect((await enterCode(back, await freshTotp(app(), 'cy'))).title).toBe(HOME)
    })

    test('a wrong password is told neutrally, keeps the login and forgets the password', async () => {
      const guess = 'wrong-lantern-guess-77'
      app().sink.learn(guess)
      const before = await count(app())
      const page = await enterPassword(await openLogin(app()), 'bob', guess)
      expect([page.status, page.title]).toEqual([401, 'Error: Sign in – Acme'])
      expect(page.text).toContain('Check your e-mail or username and your password.')
      expect(page.form().fields).toMatchObject({ login: 'bob', password: '' })
      expect(page.body).not.toContain(guess)
      expect(await eventsSince(app(), before)).toEqual([[6, 'wrong password']])
      expect((await enterPassword(page, 'bob')).title).toBe(HOME)
    })

    test('an unknown person and a wrong password get the same page', async () => {
      const same = (body: string) => body.replaceAll(/(name="_csrf" value=")[^"]*/g, '$1')
      const wrong = await enterPassword(await openLogin(app()), 'gus', 'wrong-lantern-guess-78')
      const page = await openLogin(app())
      const unknown = await page.form().fill({ login: 'nobody', password: 'wrong-lantern-guess-78' }).submit()
      expect(same(unknown.body)).toBe(same(wrong.body).replace('value="gus"', 'value="nobody"'))
      expect(unknown.status).toBe(wrong.status)
      expect([...unknown.headers.keys()]).toEqual([...wrong.headers.keys()])
    })

    test.each([
      [{}, ['Enter your e-mail or username', 'Enter your password']],
      [{ login: 'bob' }, ['Enter your password']],
      [{ password: PASSWORDS.bob }, ['Enter your e-mail or username']],
      [{ login: '   ', password: '  ' }, ['Enter your e-mail or username', 'Enter your password']],
    ])('empty fields are named: %j', async (filled, errors) => {
      const page = await (await openLogin(app())).form().fill(filled).submit()
      expect(page.status).toBe(400)
      expect(
        page
          .$('.field-error')
          .toArray()
          .map((e) => page.$(e).text()),
      ).toEqual(errors.map((text) => `Error: ${text}`))
      expect(page.form().fields.password).toBe('')
    })

    test.each([
      [0, 'Your account is not active yet'],
      [2, 'Your account is suspended'],
      [3, 'We could not sign you in'],
      [8, 'One step of your set-up is missing'],
    ])('a person of status %i is refused with the right password, and told why', async (status, title) => {
      const browser = app().browser()
      await changeUser(app(), 'gus', { status })
      const page = await enterPassword(await openLogin(app(), browser), 'gus')
      const wrong = await enterPassword(await openLogin(app()), 'gus', 'wrong-lantern-guess-79')
      await changeUser(app(), 'gus', { status: 1, lockedUntil: null })
      await app().ctx.users.clearPasswordTries(IDS.gus, app().clock.now())
      expect([page.status, page.$('#summary-title').text()]).toEqual([401, title])
      expect(sessionCookie(app(), browser)).toBeUndefined()
      expect(wrong.$('#summary-title').text()).toBe('We could not sign you in')
    })

    test('an attempt ends after ten minutes, and not before', async () => {
      const [late, inTime] = [await toFactor(app(), 'ada'), await toFactor(app(), 'ada')]
      await app().advance(9 * 60)
      expect((await enterCode(inTime, '000000')).text).toContain('You have 4 tries left')
      const code = await freshTotp(app(), 'ada')
      const page = await enterCode(late, code)
      expect([page.status, page.title]).toEqual([401, LOGIN])
      expect(page.text).toContain('That took a little too long')
    })

    test('five wrong codes end an attempt, also for the right one', async () => {
      const before = await count(app())
      let page = await toFactor(app(), 'cy')
      for (const left of [4, 3, 2, 1]) {
        page = await enterCode(page, '000000')
        expect(page.text).toContain(left === 1 ? 'one try left' : `${left} tries left`)
      }
      const last = page
      const ended = await enterCode(last, '000000')
      expect([ended.status, ended.url.pathname]).toEqual([401, '/login/factor'])
      expect((await enterCode(last, await freshTotp(app(), 'cy'))).status).toBe(401)
      expect(await eventsSince(app(), before)).toEqual(Array(5).fill([527, 'wrong code']))
    })

    test('an empty code is no try', async () => {
      const page = await enterCode(await toFactor(app(), 'ada'), '')
      expect([page.status, page.$('.field-error').text()]).toEqual([400, 'Error: Enter the 6-digit code'])
      expect((await enterCode(page, '000000')).text).toContain('4 tries left')
    })

    test('a person is brought to where they were going, past a wrong password and the factor', async () => {
      const browser = app().browser()
      const start = await browser.tab().open(`${app().url}/logout?from=mail`)
      expect(start.url.pathname).toBe('/login')
      const first = await browser.tab().open(`${app().url}/apps/500/launch?RelayState=deep%2Flink`)
      expect(first.url.search).toBe(
        `?return_to=${encodeURIComponent('/apps/500/launch?RelayState=deep%2Flink')}`,
      )
      const wrong = await enterPassword(first, 'ada', 'wrong-lantern-guess-80')
      const factor = await enterPassword(wrong, 'ada')
      const page = await enterCode(factor, await freshTotp(app(), 'ada'))
      expect(page.hops.at(-1)).toBe(`${app().url}/apps/500/launch?RelayState=deep%2Flink`)
      expect(page.form().fields.RelayState).toBe('deep/link')
    })

    test('a person who is signed in moves on from the sign-in page', async () => {
      const browser = app().browser()
      await signIn(app(), 'bob', browser)
      expect((await openLogin(app(), browser)).title).toBe(HOME)
      const page = await openLogin(app(), browser, '?return_to=%2Flogout')
      expect(page.title).toBe('Sign out? – Acme')
      expect((await browser.tab().open(`${app().url}/login/factor`)).title).toBe(HOME)
      expect((await openLogin(app(), browser, '?return_to=%2Flogin')).title).toBe(HOME)
    })

    test('two tabs with an attempt each finish both', async () => {
      const browser = app().browser()
      const [one, two] = [await toFactor(app(), 'ada', browser), await toFactor(app(), 'ada', browser)]
      expect(attemptOn(one)).not.toBe(attemptOn(two))
      expect((await enterCode(one, await freshTotp(app(), 'ada'))).title).toBe(HOME)
      const first = sessionCookie(app(), browser)
      expect((await enterCode(two, await freshTotp(app(), 'ada'))).title).toBe(HOME)
      expect(sessionCookie(app(), browser)).not.toBe(first)
    })

    test('a sign-in page that was open in another tab still works', async () => {
      const browser = app().browser()
      const other = await openLogin(app(), browser)
      await signIn(app(), 'bob', browser)
      expect((await enterPassword(other, 'gus')).text).toContain('Welcome, Gus')
    })

    test('a tab that finds its attempt done moves on, and one without a person starts again', async () => {
      const browser = app().browser()
      const factor = await toFactor(app(), 'ada', browser)
      await enterCode(factor, await freshTotp(app(), 'ada'))
      const events = await count(app())
      const session = sessionCookie(app(), browser)
      const reloaded = await enterCode(factor, app().totp('ada'))
      expect([reloaded.title, reloaded.hops.length]).toEqual([HOME, 2])
      expect([await count(app()), sessionCookie(app(), browser)]).toEqual([events, session])
      browser.cookies.receive(new URL(app().url), ['doorward=; Max-Age=0; Path=/'])
      expect((await enterCode(factor, app().totp('ada'))).status).toBe(401)
    })

    test('a TOTP code is right once, in another attempt too', async () => {
      const code = await freshTotp(app(), 'ada')
      const [one, two] = [await toFactor(app(), 'ada'), await toFactor(app(), 'ada')]
      expect((await enterCode(one, code)).title).toBe(HOME)
      expect((await enterCode(two, code)).status).toBe(401)
    })

    test('of twenty right answers at once one signs in', async () => {
      const code = await freshTotp(app(), 'ada')
      const factor = await toFactor(app(), 'ada')
      const before = await count(app())
      const all = await Promise.all(Array.from({ length: 20 }, () => enterCode(factor, code)))
      expect(all.filter((page) => page.hops.length === 2 && page.title === HOME).length).toBeGreaterThan(0)
      const events = await eventsSince(app(), before)
      expect(events.filter(([kind]) => kind === 5)).toHaveLength(1)
      await app().advance(3600)
    })

    test('signing out asks on GET and needs the token on POST', async () => {
      const browser = app().browser()
      await signIn(app(), 'bob', browser)
      const session = sessionCookie(app(), browser)!
      const ask = await browser.tab().open(`${app().url}/logout`)
      expect([ask.title, sessionCookie(app(), browser)]).toEqual(['Sign out? – Acme', session])
      const refused = await ask.form().forge('_csrf', undefined).submit()
      expect([refused.status, sessionCookie(app(), browser)]).toEqual([403, session])
      const before = await count(app())
      const out = await (await browser.tab().open(`${app().url}/logout`)).form().submit('Sign out')
      expect([out.url.pathname + out.url.search, out.text.includes('You are signed out')]).toEqual([
        '/login?notice=signed_out',
        true,
      ])
      expect(sessionCookie(app(), browser)).toBeUndefined()
      expect(await eventsSince(app(), before)).toEqual([[7, null]])
      browser.cookies.set(app().url, 'doorward', session)
      expect((await browser.tab().open(app().url)).title).toBe(LOGIN)
      expect((await browser.tab().open(`${app().url}/logout`)).title).toBe(LOGIN)
    })

    test('a session id from before sign-in is worth nothing after it', async () => {
      const browser = app().browser()
      browser.cookies.set(app().url, 'doorward', 's%3Aplanted.c2lnbmF0dXJl')
      await signIn(app(), 'bob', browser)
      expect(sessionCookie(app(), browser)).not.toContain('planted')
      browser.cookies.set(app().url, 'doorward', 's%3Aplanted.c2lnbmF0dXJl')
      expect((await browser.tab().open(app().url)).title).toBe(LOGIN)
    })

    test('signing in over a session gives a new id and kills the old one', async () => {
      const browser = app().browser()
      const waiting = await openLogin(app(), browser)
      await signIn(app(), 'bob', browser)
      const old = sessionCookie(app(), browser)!
      await enterPassword(waiting, 'bob')
      const now = sessionCookie(app(), browser)!
      expect(now).not.toBe(old)
      const thief = app().browser()
      thief.cookies.set(app().url, 'doorward', old)
      expect((await thief.tab().open(app().url)).title).toBe(LOGIN)
      expect((await browser.tab().open(app().url)).title).toBe(HOME)
    })

    test('a notice that is not ours is ignored', async () => {
      for (const query of ['?notice=hacked', '?notice=signed_out&notice=x', '?notice=password_changed'])
        expect((await openLogin(app(), app().browser(), query)).$('[role=status]')).toHaveLength(0)
    })
  })
})

describe('a browser session', () => {
  inEveryWorld(
    (app) => {
      test('ends when session_hours are over, whatever happens in between', async () => {
        const browser = app().browser()
        await signIn(app(), 'bob', browser)
        await app().advance(3600 - 1)
        expect((await browser.tab().open(app().url)).title).toBe(HOME)
        await app().advance(1)
        const page = await browser.tab().open(app().url)
        expect([page.title, page.url.pathname]).toEqual([LOGIN, '/login'])
      })

      test('ends when the person is suspended', async () => {
        const browser = app().browser()
        await signIn(app(), 'bob', browser)
        await changeUser(app(), 'bob', { status: 2 })
        const page = await browser.tab().open(`${app().url}/apps/500/launch`)
        await changeUser(app(), 'bob', { status: 1 })
        expect([page.title, page.text.includes('Please sign in again')]).toEqual([LOGIN, true])
      })

      test("ends for good when the person's sessions were ended", async () => {
        const browser = app().browser()
        await signIn(app(), 'gus', browser)
        await changeUser(app(), 'gus', { sessionEpoch: 1 })
        expect((await browser.tab().open(app().url)).title).toBe(LOGIN)
        expect((await signIn(app(), 'gus', browser)).title).toBe(HOME)
      })

      test('does not begin for an attempt from before', async () => {
        const factor = await toFactor(app(), 'ada')
        await changeUser(app(), 'ada', { sessionEpoch: 1 })
        const page = await enterCode(factor, await freshTotp(app(), 'ada'))
        expect([page.status, page.url.pathname]).toEqual([401, '/login/factor'])
        const other = await toFactor(app(), 'ada')
        await changeUser(app(), 'ada', { status: 2 })
        const code = await freshTotp(app(), 'ada')
        const refused = await enterCode(other, code)
        await changeUser(app(), 'ada', { status: 1 })
        expect(refused.status).toBe(401)
        expect((await enterCode(other, code)).status).toBe(401)
      })
    },
    { policy: { session_hours: 1 } },
  )
})

describe('cookies', () => {
  const started = async (env: Record<string, string> = {}, more: object = {}) => {
    const app = await startApp({ env, ...more })
    onTestFinished(() => app.close())
    return app
  }

  test('are HttpOnly, Lax and for the whole host, and go with the browser', async () => {
    const app = await started()
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    const about = browser.cookies
      .list(app.url)
      .map(({ name, ...c }) => [name, c.path, c.httpOnly, c.sameSite])
    expect(about.sort()).toEqual([
      ['doorward', '/', true, 'lax'],
      ['doorward_csrf', '/', true, 'lax'],
      ['doorward_known', '/', true, 'lax'],
    ])
    const stays = browser.cookies.list(app.url).filter((c) => c.expiresAtMs !== Infinity)
    expect(stays.map(({ name }) => name)).toEqual(['doorward_known']) // it opens nothing
  })

  test('are Secure and bound to the host where PUBLIC_URL is https, and the host is always https', async () => {
    const app = await started({ PUBLIC_URL: 'https://login.acme.test' })
    const page = await app.call('GET', '/login')
    expect(page.headers.get('strict-transport-security')).toBe('max-age=63072000')
    const [line] = page.headers.getSetCookie()
    expect(line).toMatch(/^__Host-doorward_csrf=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    const csrf = /name="_csrf" value="([^"]+)"/.exec(page.text)![1]!
    const signedIn = await app.call('POST', '/login', {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        cookie: line!.split(';')[0]!,
        origin: 'https://login.acme.test',
      },
      body: new URLSearchParams({ _csrf: csrf, login: 'bob', password: PASSWORDS.bob }).toString(),
    })
    expect(signedIn.status).toBe(303)
    expect(signedIn.headers.getSetCookie()).toEqual([
      expect.stringMatching(
        /^__Host-doorward_known=[^;]+; Path=\/; Max-Age=34560000; HttpOnly; Secure; SameSite=Lax$/,
      ),
      expect.stringMatching(/^__Host-doorward=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ])
  })

  test('are not set by the pages for people who are not signed in, and nothing is kept of their visit', async () => {
    const app = await started({}, { world: 'PostgreSQL and Redis' })
    const redis = new Redis(app.ctx.config.REDIS_URL!)
    onTestFinished(() => redis.disconnect())
    const before = await redis.dbsize()
    for (const path of [
      '/',
      '/login',
      '/login/factor',
      '/logout',
      '/nowhere',
      '/saml/metadata/501',
      '/static/x',
    ])
      for (const tab of [app.browser().tab(), app.browser().tab()]) {
        const page = await tab.open(app.url + path)
        expect(page.headers.getSetCookie().filter((line) => line.startsWith('doorward='))).toEqual([])
      }
    expect(await redis.dbsize()).toBe(before)
    expect(app.log()).not.toContain('"level":50')
  })
})
