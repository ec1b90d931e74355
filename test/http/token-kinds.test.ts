import { beforeEach, describe, expect, test } from 'vitest'
import { openSetup } from '../../server/account/setup.ts'
import { createEmbedToken } from '../../server/directory/embed-token.ts'
import { LEGACY, legacyCall, legacyKeyOf, ORIGIN } from '../legacy/legacy-calls.ts'
import { inviteLink, resetLink, tokenIn } from '../signin/links.ts'
import { begin, LOGIN, signIn, VERIFY, credentials } from '../signin/api-calls.ts'
import {
  attemptOn,
  CODE_FORM,
  csrfOn,
  openLogin,
  signIn as signInByPage,
  toFactor,
} from '../signin/portal.ts'
import { inEveryWorld, type TestApp } from '../support/app.ts'
import { CLIENTS, DEVICES, IDS, PASSWORDS } from '../support/people.ts'
import { raw } from './raw-request.ts'

const { id, secret } = CLIENTS['Manage All']
const TOKEN = '/auth/oauth2/v2/token'
const SAML = '/api/2/saml_assertion'

/** Everything that opens something, each made the way its owner gets it. */
const MAKERS = {
  accessToken: async (app: TestApp) => (await pair(app)).access_token,
  refreshToken: async (app: TestApp) => (await pair(app)).refresh_token,
  legacyKey: (app: TestApp) => legacyKeyOf(app),
  clientId: async () => id,
  clientSecret: async () => secret,
  stateTokenOfLogin: (app: TestApp) => begin(app, 'ada'),
  stateTokenOfSaml: (app: TestApp) => beginSaml(app),
  attemptOfPage: async (app: TestApp) => attemptOn(await toFactor(app, 'ada')),
  sessionToken: async (app: TestApp) => (await signIn(app, 'bob')).json.data[0].session_token as string,
  sessionCookie: (app: TestApp) => sessionCookie(app),
  csrfToken: async (app: TestApp) => csrfOn(await openLogin(app)),
  csrfCookie: (app: TestApp) => csrfCookie(app),
  setupToken: (app: TestApp) => openSetup(app.ctx),
  emailCode: async (app: TestApp) => (await emailAttempt(app)).code,
  totpCode: async (app: TestApp) => app.totp('ada'),
  password: async () => PASSWORDS.bob,
  stateTokenOfDevice: async (app: TestApp) => (await triggerDevice(app)).state,
  temporaryToken: (app: TestApp) => temporaryToken(app),
  inviteToken: async (app: TestApp) => tokenIn(await inviteLink(app, 'gus@acme.test')),
  resetToken: async (app: TestApp) => tokenIn(await resetLink(app, 'gus')),
  embedToken: (app: TestApp) => embedToken(app),
}
type Kind = keyof typeof MAKERS
const KINDS = Object.keys(MAKERS) as Kind[]

async function pair(app: TestApp): Promise<{ access_token: string; refresh_token: string }> {
  const headers = { authorization: `client_id:${id}, client_secret:${secret}` }
  const { json } = await app.call('POST', TOKEN, { headers, body: { grant_type: 'client_credentials' } })
  app.sink.learn(json.access_token)
  app.sink.learn(json.refresh_token)
  return json
}

async function beginSaml(app: TestApp): Promise<string> {
  const body = credentials('ada', PASSWORDS.ada, { app_id: 500 })
  const { json } = await app.post(SAML, body, await app.token())
  app.sink.learn(json.state_token)
  return json.state_token
}

async function sessionCookie(app: TestApp): Promise<string> {
  const browser = app.browser()
  await signInByPage(app, 'bob', browser)
  return browser.cookies.get(app.url, 'doorward')!
}

async function csrfCookie(app: TestApp): Promise<string> {
  const browser = app.browser()
  await openLogin(app, browser)
  return browser.cookies.get(app.url, 'doorward_csrf')!
}

/** An attempt of dee's that waits for the code which was mailed for it. */
async function emailAttempt(app: TestApp): Promise<{ state: string; code: string }> {
  const state = await begin(app, 'dee')
  await app.advance(1) // the newest letter is the one
  await app.post(VERIFY, { device_id: DEVICES.deeEmail, state_token: state }, await app.token())
  return { state, code: await app.mailedCode() }
}

const DEE_DEVICE = `/api/1/users/${IDS.dee}/otp_devices/${DEVICES.deeEmail}`

/** A check of dee's factor that an administrator's program began, and the code that was mailed for it. */
async function triggerDevice(app: TestApp): Promise<{ state: string; code: string }> {
  await app.advance(1) // the newest letter is the one
  const { json } = await app.post(`${DEE_DEVICE}/trigger`, {}, await app.token())
  const state = json.data[0].state_token as string
  app.sink.learn(state)
  return { state, code: await app.mailedCode() }
}

/** What the help desk gives to somebody whose phone is gone. */
async function temporaryToken(app: TestApp): Promise<string> {
  const { json } = await app.post(`/api/1/users/${IDS.ada}/mfa_token`, {}, await app.token())
  return json.mfa_token as string
}

async function embedToken(app: TestApp): Promise<string> {
  const token = await createEmbedToken(app.ctx, ORIGIN)
  app.sink.learn(token)
  return token
}

/** Whether a link of a letter leads to a page on which a password is chosen. */
async function linkOpens(app: TestApp, purpose: 'invite' | 'reset', token: string): Promise<boolean> {
  const link = `${app.url}/${purpose}/${encodeURIComponent(token)}`
  const page = await app.browser().tab().open(link)
  return page.status === 200 && (await page.form().submit()).status === 200
}

/** A place that takes one kind. `opens` tells whether a token opened it; without one it is given the right one. */
interface Door {
  right?: Kind
  opens(app: TestApp, token: string | undefined): Promise<boolean>
}

const alive = async (app: TestApp, token: string) =>
  (await app.call('GET', '/auth/rate_limit', { token })).status === 200
const bearer = (token: string) => ({ 'content-type': 'application/json', authorization: `bearer:${token}` })
const isSignedIn = async (app: TestApp, cookie: string) =>
  (await raw(app, { method: 'GET', path: '/', headers: { cookie } })).status === 200
const setsSession = (cookies: string | string[] | undefined) =>
  [cookies ?? []].flat().some((line) => line.startsWith('doorward='))

/** Answers a factor by API with the code that is right. */
async function answerTotp(app: TestApp, path: string, stateToken: string): Promise<boolean> {
  const body = {
    app_id: 500,
    device_id: DEVICES.adaTotp,
    state_token: stateToken,
    otp_token: app.totp('ada'),
  }
  return (await app.post(path, body, await app.token())).status === 200
}

const DOORS: Record<string, Door> = {
  'the bearer of GET /auth/rate_limit': {
    right: 'accessToken',
    opens: async (app, token) => {
      const headers = bearer(token ?? (await MAKERS.accessToken(app)))
      return (await raw(app, { method: 'GET', path: '/auth/rate_limit', headers })).status === 200
    },
  },
  'the bearer of POST /api/1/login/auth': {
    right: 'accessToken',
    opens: async (app, token) => {
      const headers = bearer(token ?? (await MAKERS.accessToken(app)))
      const body = JSON.stringify(credentials('bob', PASSWORDS.bob))
      return (await raw(app, { path: LOGIN, headers, body })).status === 200
    },
  },
  'the API key of a legacy resource': {
    right: 'legacyKey',
    opens: async (app, token) => {
      const key = token ?? (await legacyKeyOf(app))
      const query = `api_key=${encodeURIComponent(key)}`
      const byQuery = await app.call('GET', `/api/v3/users.xml?${query}`)
      return byQuery.status === 200 || (await legacyCall(app, key, 'GET', '/api/v3/users.xml')).status === 200
    },
  },
  'the API key of a legacy resource that speaks JSON': {
    right: 'legacyKey',
    opens: async (app, token) => {
      const api_key = token ?? (await legacyKeyOf(app))
      const body = { api_key, username: 'bob', password: PASSWORDS.bob, app_id: 500 }
      return (await app.post('/api/v3/saml/assertion', body)).status === 200
    },
  },
  'the client secret of the token address': {
    right: 'clientSecret',
    opens: async (app, token = secret) => {
      const body = { grant_type: 'client_credentials', client_id: id, client_secret: token }
      return (await app.post(TOKEN, body)).status === 200
    },
  },
  'the client id of the token address': {
    right: 'clientId',
    opens: async (app, token = id) => {
      const body = { grant_type: 'client_credentials', client_id: token, client_secret: secret }
      return (await app.post(TOKEN, body)).status === 200
    },
  },
  'the refresh token of a refresh': {
    right: 'refreshToken',
    opens: async (app, token) => {
      const { access_token, refresh_token } = await pair(app)
      const body = { grant_type: 'refresh_token', access_token, refresh_token: token ?? refresh_token }
      return (await app.post(TOKEN, body)).status === 200
    },
  },
  'the access token of a refresh': {
    right: 'accessToken',
    opens: async (app, token) => {
      const { access_token, refresh_token } = await pair(app)
      const body = { grant_type: 'refresh_token', access_token: token ?? access_token, refresh_token }
      return (await app.post(TOKEN, body)).status === 200
    },
  },
  'the token of a revocation': {
    right: 'accessToken',
    opens: async (app, token) => {
      const { access_token, refresh_token } = await pair(app)
      const authorization = `client_id:${id}, client_secret:${secret}`
      await app.post('/auth/oauth2/revoke', { access_token: token ?? access_token }, undefined, {
        authorization,
      })
      await app.post('/auth/oauth2/revoke', { access_token: refresh_token }, undefined, { authorization })
      return !(await alive(app, access_token))
    },
  },
  'the state token of login/verify_factor': {
    right: 'stateTokenOfLogin',
    opens: async (app, token) => answerTotp(app, VERIFY, token ?? (await begin(app, 'ada'))),
  },
  'the state token of saml_assertion/verify_factor': {
    right: 'stateTokenOfSaml',
    opens: async (app, token) => answerTotp(app, `${SAML}/verify_factor`, token ?? (await beginSaml(app))),
  },
  'the attempt of the factor page': {
    right: 'attemptOfPage',
    opens: async (app, token) => {
      const page = await toFactor(app, 'ada')
      const form = page.form(CODE_FORM).fill({ code: app.totp('ada') })
      return (await form.forge('attempt', token ?? attemptOn(page)).submit()).url.pathname === '/'
    },
  },
  'the session token of session_via_api_token, as a form': {
    right: 'sessionToken',
    opens: async (app, token) => {
      const body = new URLSearchParams({
        session_token: token ?? (await MAKERS.sessionToken(app)),
      }).toString()
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      const answer = await raw(app, { path: '/session_via_api_token', headers, body })
      return setsSession(answer.headers['set-cookie'])
    },
  },
  'the auth token of session_via_api_token, as JSON': {
    right: 'sessionToken',
    opens: async (app, token) => {
      const body = JSON.stringify({ auth_token: token ?? (await MAKERS.sessionToken(app)) })
      const headers = { 'content-type': 'application/json' }
      const answer = await raw(app, { path: '/session_via_api_token', headers, body })
      return setsSession(answer.headers['set-cookie'])
    },
  },
  'the session cookie': {
    right: 'sessionCookie',
    opens: async (app, token) => {
      if (token === undefined) return isSignedIn(app, `doorward=${await sessionCookie(app)}`)
      const signature = (await csrfCookie(app)).split('.').at(-1)! // of the same key, for another value
      const spellings = [
        token,
        encodeURIComponent(token),
        `s:${token}`,
        `s%3A${encodeURIComponent(token)}.${signature}`,
      ]
      for (const spelling of spellings) if (await isSignedIn(app, `doorward=${spelling}`)) return true
      return false
    },
  },
  'the CSRF token of the sign-in form': {
    right: 'csrfToken',
    opens: async (app, token) => {
      const page = await openLogin(app)
      const form = page.form().fill({ login: 'bob', password: PASSWORDS.bob })
      return (await form.forge('_csrf', token ?? csrfOn(page)).submit()).url.pathname === '/'
    },
  },
  'the address of the first set-up': {
    right: 'setupToken',
    opens: async (app, token) => {
      const path = `/setup/${encodeURIComponent(token ?? (await openSetup(app.ctx)))}`
      return (await raw(app, { method: 'GET', path })).status === 200
    },
  },
  'the code of an authenticator app': {
    right: 'totpCode',
    opens: async (app, token) => {
      const body = {
        device_id: DEVICES.adaTotp,
        state_token: await begin(app, 'ada'),
        otp_token: token ?? app.totp('ada'),
      }
      return (await app.post(VERIFY, body, await app.token())).status === 200
    },
  },
  'the code by e-mail': {
    right: 'emailCode',
    opens: async (app, token) => {
      const { state, code } = await emailAttempt(app)
      const body = { device_id: DEVICES.deeEmail, state_token: state, otp_token: token ?? code }
      return (await app.post(VERIFY, body, await app.token())).status === 200
    },
  },
  'the password of the login API': {
    right: 'password',
    opens: async (app, token = PASSWORDS.bob) =>
      (await app.post(LOGIN, credentials('bob', token), await app.token())).status === 200,
  },
  'the name of the login API': {
    opens: async (app, token = 'bob') =>
      (await app.post(LOGIN, credentials(token, PASSWORDS.bob), await app.token())).status === 200,
  },
  'the state token of a device that is verified': {
    right: 'stateTokenOfDevice',
    opens: async (app, token) => {
      const { state, code } = await triggerDevice(app)
      const body = { state_token: token ?? state, otp_token: code }
      return (await app.post(`${DEE_DEVICE}/verify`, body, await app.token())).status === 200
    },
  },
  'the link of an invitation': {
    right: 'inviteToken',
    opens: async (app, token) => linkOpens(app, 'invite', token ?? (await MAKERS.inviteToken(app))),
  },
  'the link for a new password': {
    right: 'resetToken',
    opens: async (app, token) => linkOpens(app, 'reset', token ?? (await MAKERS.resetToken(app))),
  },
  'the embed token': {
    right: 'embedToken',
    opens: async (app, token) => {
      const right = await embedToken(app) // so that there is one to miss
      const query = new URLSearchParams({ token: token ?? right, email: 'bob@acme.test' }).toString()
      return (await app.call('GET', `/client/apps/embed2?${query}`)).text.includes('<app>')
    },
  },
  'the code of device 0': {
    right: 'temporaryToken',
    opens: async (app, token) => {
      const body = { otp_token: token ?? (await temporaryToken(app)) }
      return (
        (await app.post(`/api/1/users/${IDS.ada}/otp_devices/0/verify`, body, await app.token())).status ===
        200
      )
    },
  },
}

inEveryWorld(
  (app) => {
    // A day: codes work once, wrong ones are counted.
    beforeEach(() => app().advance(25 * 3600))

    describe.each(Object.entries(DOORS))('%s', (_name, door) => {
      test('opens for the right one', async () => {
        expect(await door.opens(app(), undefined)).toBe(true)
      })

      test('opens for no other kind of token', async () => {
        const opened: string[] = []
        for (const kind of KINDS.filter((other) => other !== door.right)) {
          await app().advance(3700)
          if (await door.opens(app(), await MAKERS[kind](app()))) opened.push(kind)
        }
        expect(opened).toEqual([])
        expect(app().log()).not.toContain('request failed') // refused, and not stumbled over
      })
    })

    describe('A token of its own kind, but of another', () => {
      test('pair refreshes and revokes nothing here', async () => {
        const [mine, other] = [await pair(app()), await pair(app())]
        const body = {
          grant_type: 'refresh_token',
          access_token: mine.access_token,
          refresh_token: other.refresh_token,
        }
        expect((await app().post(TOKEN, body)).status).toBe(401)
        expect(await alive(app(), mine.access_token)).toBe(true)
      })

      test('browser answers no factor page and no form', async () => {
        const [mine, other] = [await toFactor(app(), 'ada'), await toFactor(app(), 'ada')]
        const form = mine
          .form(CODE_FORM)
          .fill({ code: app().totp('ada') })
          .forge('attempt', attemptOn(other))
        expect((await form.submit()).url.pathname).toBe('/login/factor')
        const [page, foreign] = [await openLogin(app()), await openLogin(app())]
        const login = page
          .form()
          .fill({ login: 'bob', password: PASSWORDS.bob })
          .forge('_csrf', csrfOn(foreign))
        expect((await login.submit()).status).toBe(403)
      })
    })
  },
  { env: LEGACY },
)
