import type { Browser as Chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { attemptOn, csrfOn, openLogin, sendForm, signIn, toFactor } from '../signin/portal.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { launchChromium, withPage } from '../support/chromium.ts'
import type { Browser } from '../support/html.ts'
import { PASSWORDS } from '../support/people.ts'

let app: TestApp
let someone: Browser
beforeAll(async () => {
  app = await startApp()
  someone = app.browser()
  await signIn(app, 'bob', someone)
})
afterAll(() => app.close())

type Ask = () => Promise<{ status: number; headers: Headers }>
const get = (path: string, who?: () => Browser): Ask => {
  return async () => {
    const cookie = who?.().cookies.header({ url: new URL(app.url), method: 'GET', sameSite: true }) ?? ''
    return app.call('GET', path, { headers: { cookie } })
  }
}
const post = (path: string, fields: Record<string, string>): Ask => {
  return async () => {
    const browser = app.browser()
    return sendForm(app, browser, path, { _csrf: csrfOn(await openLogin(app, browser)), ...fields })
  }
}
const bob = () => someone

/** Every kind of answer that is made for one request. */
const ANSWERS: [what: string, status: number, ask: Ask][] = [
  ['the sign-in page', 200, get('/login')],
  ['the way to the sign-in page', 303, get('/')],
  ['the sign-in page for those who are signed in', 303, get('/login', bob)],
  ['the home page', 200, get('/', bob)],
  ['the question before signing out', 200, get('/logout', bob)],
  ['the launch of an app', 200, get('/apps/501/launch', bob)],
  ['an app that is not there', 404, get('/apps/999/launch', bob)],
  ['a page that is not there', 404, get('/nowhere')],
  ['an address that is none', 404, get('/%')],
  ['bad input', 400, get('/saml/metadata/x')],
  ['metadata', 200, get('/saml/metadata/501')],
  ['a wrong password', 401, post('/login', { login: 'bob', password: 'wrong-lantern-guess-90' })],
  ['a right password', 303, post('/login', { login: 'bob', password: PASSWORDS.bob })],
  ['the factor page', 200, post('/login', { login: 'dee', password: PASSWORDS.dee })],
  ['an attempt that has ended', 401, post('/login/factor', { attempt: 'x' })],
  ['a refused form', 403, post('/login', { _csrf: 'x' })],
  ['a refused sign-out', 401, post('/logout', {})],
  ['a refused session token', 401, post('/session_via_api_token', { session_token: 'x' })],
  ['a refused call of the API', 400, () => app.call('POST', '/api/1/login/auth', { body: {} })],
  ['a call of the API that is not there', 404, () => app.call('GET', '/api/9/x')],
  ['a set-up that is closed', 404, get('/setup/x')],
  ['the state of health', 200, get('/healthz')],
  ['the state of readiness', 200, get('/readyz')],
  ['the metrics', 200, get('/metrics')],
]

describe.each(ANSWERS)('%s', (what, status, ask) => {
  test('has every header of the defence and is kept by nobody', async () => {
    const reply = await ask()
    const header = (name: string) => reply.headers.get(name)
    expect(reply.status).toBe(status)
    expect(header('cache-control')).toBe('no-store')
    expect(header('x-content-type-options')).toBe('nosniff')
    expect(header('x-frame-options')).toBe('DENY')
    expect(header('referrer-policy')).toBe('same-origin')
    expect(header('cross-origin-opener-policy')).toBe('same-origin')
    expect(header('cross-origin-resource-policy')).toBe('same-origin')
    expect([header('x-powered-by'), header('server'), header('etag')]).toEqual([null, null, null])
    expect(header('strict-transport-security')).toBeNull()
    const policy = header('content-security-policy') ?? ''
    expect(policy).not.toMatch(/unsafe|data:|\*\.|http:\/\/(?!localhost)/)
    for (const rule of [
      "default-src 'none'",
      "script-src 'self'",
      "style-src 'self'",
      "base-uri 'none'",
      "object-src 'none'",
      "frame-ancestors 'none'",
    ])
      expect(policy.split('; ')).toContain(rule)
    const formAction = policy.split('; ').find((rule) => rule.startsWith('form-action'))
    expect(formAction).toBe(
      what === 'the launch of an app'
        ? "form-action 'self' https://wiki.acme.test https:"
        : "form-action 'self'",
    )
  })
})

test('signing out tells the browser to forget what it has kept', async () => {
  const browser = app.browser()
  const home = await signIn(app, 'gus', browser)
  const reply = await sendForm(app, browser, '/logout', { _csrf: csrfOn(home) })
  expect([reply.status, reply.headers.get('clear-site-data')]).toEqual([303, '"cache"'])
  expect(reply.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^doorward=; Path=\/; Expires=Thu, 01 Jan 1970/),
  ])
  expect(reply.headers.get('cache-control')).toBe('no-store')
})

test('no page holds an inline script, an inline style or an address of another host', async () => {
  const factor = await toFactor(app, 'ada')
  expect(factor.url.href).not.toContain(attemptOn(factor))
  for (const page of [
    factor,
    await openLogin(app),
    await someone.tab().open(app.url),
    await someone.tab().open(`${app.url}/apps/501/launch`),
    await someone.tab().open(`${app.url}/nowhere`),
  ]) {
    expect(page.$('script:not([src]), style, [style]').length).toBe(0)
    const loaded = page.$('script[src], link[href], img[src]').toArray()
    for (const element of loaded)
      expect(page.$(element).attr('src') ?? page.$(element).attr('href')).toMatch(/^\/(static|brand)\//)
    const handlers = page
      .$('*')
      .toArray()
      .flatMap((element) => Object.keys((element as { attribs?: object }).attribs ?? {}))
    expect(handlers.filter((name) => name.startsWith('on'))).toEqual([])
  }
})

describe('in Chromium', () => {
  let chromium: Chromium
  beforeAll(async () => {
    chromium = await launchChromium()
  })
  afterAll(() => chromium.close())

  test('Back after signing out shows nothing of the person', () =>
    withPage(chromium, {}, async (page) => {
      await page.goto(`${app.url}/login`)
      await page.fill('#login', 'bob')
      await page.fill('#password', PASSWORDS.bob)
      await page.getByRole('button', { name: 'Sign in' }).click()
      await page.getByRole('heading', { name: 'Welcome, Bob' }).waitFor()
      await page.goto(`${app.url}/logout`)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByText('You are signed out').waitFor()
      for (let i = 0; i < 4; i++) {
        await page.goBack()
        expect(await page.locator('body').innerText()).not.toMatch(/Bob|Noyce|AWS|Wiki/)
      }
    }))

  test('a page of ours is shown in no frame', () =>
    withPage(chromium, {}, async (page) => {
      const body = `<iframe src="${app.url}/login"></iframe>`
      await page.route('http://127.0.0.1:9/', (route) => route.fulfill({ contentType: 'text/html', body }))
      await page.goto('http://127.0.0.1:9/')
      expect(page.frames()[1]!.url()).toBe('chrome-error://chromewebdata/')
    }))
})
