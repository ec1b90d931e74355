import { beforeAll, describe, expect, test } from 'vitest'
import { inEveryWorld, type TestApp } from '../support/app.ts'
import type { Browser } from '../support/html.ts'
import { DEVICES, PASSWORDS } from '../support/people.ts'
import {
  attemptOn,
  CODE_FORM,
  csrfOn,
  enterCode,
  eventsSince,
  freshTotp,
  openLogin,
  sendForm,
  sessionCookie,
  signIn,
  toFactor,
} from './portal.ts'

const LOGIN = 'Sign in – Acme'
const HOME = 'Your apps – Acme'

interface Somebody {
  browser: Browser
  /** The token of the sign-in page, as it was before anything else. */
  csrf: string
  /** The attempt's id, as far as there was one. */
  attempt: string
}

async function begin(app: TestApp): Promise<Omit<Somebody, 'attempt'>> {
  const browser = app.browser()
  return { browser, csrf: csrfOn(await openLogin(app, browser)) }
}

const STATES: Record<string, (app: TestApp) => Promise<Somebody>> = {
  anonymous: async (app) => ({ ...(await begin(app)), attempt: '' }),
  'password right': async (app) => {
    const start = await begin(app)
    return { ...start, attempt: attemptOn(await toFactor(app, 'cy', start.browser)) }
  },
  'attempt ended': async (app) => {
    const start = await begin(app)
    const factor = await toFactor(app, 'cy', start.browser)
    for (let i = 0; i < 5; i++) await enterCode(factor, '000000')
    return { ...start, attempt: attemptOn(factor) }
  },
  'signed in': async (app) => {
    const start = await begin(app)
    const factor = await toFactor(app, 'cy', start.browser)
    await enterCode(factor, await freshTotp(app, 'cy'))
    return { ...start, attempt: attemptOn(factor) }
  },
  'signed out': async (app) => {
    const start = await begin(app)
    const factor = await toFactor(app, 'cy', start.browser)
    const home = await enterCode(factor, await freshTotp(app, 'cy'))
    await home.form().submit('Sign out')
    return { ...start, attempt: attemptOn(factor) }
  },
}

const SSO = '/trust/saml2/http-redirect/sso/501'
/** What an address shows to people who have not signed in, and to those who have. */
const ADDRESSES: [address: string, out: string, inside: string][] = [
  ['/', LOGIN, HOME],
  ['/?brand=acme', LOGIN, HOME],
  ['//', LOGIN, HOME],
  ['/login', LOGIN, HOME],
  ['/login/factor', LOGIN, HOME],
  ['/login/factor?attempt=x&code=1', LOGIN, HOME],
  ['/logout', LOGIN, 'Sign out? – Acme'],
  ['/apps/501/launch', LOGIN, 'Opening Wiki – Acme'],
  ['/apps/500/launch', LOGIN, 'Error: You do not have this app – Acme'],
  [SSO, LOGIN, 'Opening Wiki – Acme'],
  ['/setup/dw_setup_x', 'Error: This page does not exist – Acme', 'Error: This page does not exist – Acme'],
  [
    '/session_via_api_token',
    'Error: This page does not exist – Acme',
    'Error: This page does not exist – Acme',
  ],
]

describe('step skipping', () => {
  inEveryWorld((app) => {
    describe.each(Object.keys(STATES))('%s', (state) => {
      let somebody: Somebody
      beforeAll(async () => {
        somebody = await STATES[state]!(app())
      })

      test.each(ADDRESSES)(
        'GET %s shows the step that the stored state allows',
        async (path, out, inside) => {
          const { browser } = somebody
          const page = await browser.tab().open(app().url + path)
          expect(page.title).toBe(state === 'signed in' ? inside : out)
          expect(page.body.includes('SAMLResponse')).toBe(page.title === 'Opening Wiki – Acme')
          expect(sessionCookie(app(), browser) !== undefined).toBe(state === 'signed in')
        },
      )

      test('POST /login/factor without an answer goes on only with a living attempt', async () => {
        const { browser, csrf, attempt } = somebody
        const reply = await sendForm(app(), browser, '/login/factor', { _csrf: csrf, attempt })
        const [status, location] = [reply.status, reply.headers.get('location')]
        if (state === 'signed in') expect([status, location]).toEqual([303, '/'])
        else {
          expect([status, location]).toEqual([401, null])
          expect(reply.text).toContain('<title>Sign in – Acme</title>')
        }
        expect(reply.headers.getSetCookie()).toEqual([])
      })

      test('POST /login/factor never takes a first factor for a second', async () => {
        const { browser, csrf, attempt } = somebody
        const fields = { _csrf: csrf, attempt, device_id: String(DEVICES.cyTotp), login: 'cy' }
        for (const more of [
          { code: PASSWORDS.cy, password: PASSWORDS.cy },
          { action: 'verify' },
          { code: '' },
        ]) {
          const reply = await sendForm(app(), browser, '/login/factor', { ...fields, ...more })
          expect(reply.headers.getSetCookie()).toEqual([])
          expect(reply.text).not.toContain('Welcome')
        }
      })

      test('POST /logout ends nothing but a session, with its own token', async () => {
        const { browser, csrf } = somebody
        const reply = await sendForm(app(), browser, '/logout', { _csrf: csrf })
        expect([reply.status, sessionCookie(app(), browser) !== undefined]).toEqual(
          state === 'signed in' ? [403, true] : [401, false],
        )
      })
    })

    test("a foreign browser's right answer is refused, and ends the attempt for its owner too", async () => {
      const [ada, thief] = [app().browser(), app().browser()]
      const factor = await toFactor(app(), 'ada', ada)
      const own = await openLogin(app(), thief)
      const before = (await app().events()).length
      const code = await freshTotp(app(), 'ada')
      const fields = { attempt: attemptOn(factor), device_id: String(DEVICES.adaTotp), code }
      const stolen = await sendForm(app(), thief, '/login/factor', { ...fields, _csrf: csrfOn(own) })
      expect([stolen.status, sessionCookie(app(), thief)]).toEqual([401, undefined])
      expect(await eventsSince(app(), before)).toEqual([[527, 'foreign attempt']])
      expect((await enterCode(factor, code)).status).toBe(401)
      expect(sessionCookie(app(), ada)).toBeUndefined()
    })

    test('two people side by side: each attempt in the browser of the other ends', async () => {
      const browsers = [app().browser(), app().browser()] as const
      const ada = await toFactor(app(), 'ada', browsers[0])
      const cy = await toFactor(app(), 'cy', browsers[1])
      const [adaCode, cyCode] = [await freshTotp(app(), 'ada'), app().totp('cy')]
      const before = (await app().events()).length
      for (const [browser, mine, theirs, code] of [
        [browsers[0], ada, cy, cyCode],
        [browsers[1], cy, ada, adaCode],
      ] as const) {
        const { device_id = '' } = theirs.form(CODE_FORM).fields
        const fields = { _csrf: csrfOn(mine), attempt: attemptOn(theirs), device_id, code }
        expect((await sendForm(app(), browser, '/login/factor', fields)).status).toBe(401)
      }
      expect(await eventsSince(app(), before)).toEqual(Array(2).fill([527, 'foreign attempt']))
      expect((await enterCode(ada, adaCode)).status).toBe(401)
      expect((await enterCode(cy, cyCode)).status).toBe(401)
    })

    test.each([
      ['a code', { device_id: String(DEVICES.cyTotp) }],
      ['a wish for one by e-mail', { device_id: String(DEVICES.deeEmail), action: 'send' }],
      ['a choice', { choose: String(DEVICES.cyEmail) }],
      ['nothing like a number', { device_id: '__proto__' }],
    ])("%s for another person's authenticator ends the attempt and is noted", async (_what, fields) => {
      const browser = app().browser()
      const factor = await toFactor(app(), 'ada', browser)
      const code = await freshTotp(app(), 'ada')
      const [before, letters] = [(await app().events()).length, (await app().letters()).length]
      const form = { _csrf: csrfOn(factor), attempt: attemptOn(factor), code: app().totp('cy'), ...fields }
      expect((await sendForm(app(), browser, '/login/factor', form)).status).toBe(401)
      expect(await eventsSince(app(), before)).toEqual([[527, 'foreign authenticator']])
      expect((await app().letters()).length).toBe(letters)
      expect((await enterCode(factor, code)).status).toBe(401)
      expect(sessionCookie(app(), browser)).toBeUndefined()
    })

    test('a person who is signed in cannot finish the attempt of another', async () => {
      const [victim, bob] = [app().browser(), app().browser()]
      const factor = await toFactor(app(), 'ada', victim)
      const own = await openLogin(app(), bob)
      await signIn(app(), 'bob', bob)
      const session = sessionCookie(app(), bob)
      const code = await freshTotp(app(), 'ada')
      const fields = {
        _csrf: csrfOn(own),
        attempt: attemptOn(factor),
        device_id: String(DEVICES.adaTotp),
        code,
      }
      const reply = await sendForm(app(), bob, '/login/factor', fields)
      expect([reply.status, reply.headers.getSetCookie()]).toEqual([303, []])
      expect(sessionCookie(app(), bob)).toBe(session)
      expect((await enterCode(factor, code)).status).toBe(401)
    })

    test('an attempt of the pages cannot be finished by API, nor one of the API on the pages', async () => {
      const token = await app().token()
      const browser = app().browser()
      const factor = await toFactor(app(), 'ada', browser)
      const code = await freshTotp(app(), 'ada')
      const answer = { device_id: DEVICES.adaTotp, state_token: attemptOn(factor), otp_token: code }
      const before = (await app().events()).length
      const byApi = await app().post('/api/1/login/verify_factor', answer, token)
      expect(byApi.status).toBe(401)
      expect(await eventsSince(app(), before)).toEqual([[527, 'foreign attempt']])
      expect((await enterCode(factor, code)).status).toBe(401)

      const begun = await app().post(
        '/api/1/login/auth',
        { username_or_email: 'ada', password: PASSWORDS.ada, subdomain: 'acme' },
        token,
      )
      const { state_token: attempt } = begun.json.data[0]
      app().sink.learn(attempt)
      const own = await openLogin(app(), browser)
      const fields = { _csrf: csrfOn(own), attempt, device_id: String(DEVICES.adaTotp), code }
      expect((await sendForm(app(), browser, '/login/factor', fields)).status).toBe(401)
      const late = { ...answer, state_token: attempt }
      expect((await app().post('/api/1/login/verify_factor', late, token)).status).toBe(401)
    })

    test('an attempt is no session token, no session, and a session token is no attempt', async () => {
      const browser = app().browser()
      const factor = await toFactor(app(), 'ada', browser)
      const bridge = await sendForm(app(), browser, '/session_via_api_token', {
        session_token: attemptOn(factor),
      })
      expect([bridge.status, bridge.headers.getSetCookie()]).toEqual([401, []])
      const { json } = await app().post(
        '/api/1/login/auth',
        { username_or_email: 'bob', password: PASSWORDS.bob, subdomain: 'acme' },
        await app().token(),
      )
      const { session_token: sessionToken } = json.data[0]
      app().sink.learn(sessionToken)
      const fields = { _csrf: csrfOn(factor), attempt: sessionToken, device_id: '70', code: '000000' }
      const reply = await sendForm(app(), browser, '/login/factor', fields)
      expect([reply.status, reply.headers.getSetCookie()]).toEqual([401, []])
      browser.cookies.set(app().url, 'doorward', attemptOn(factor))
      expect((await browser.tab().open(app().url)).title).toBe(LOGIN)
    })
  })
})
