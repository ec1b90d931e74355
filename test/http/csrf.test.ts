import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { firstStart } from '../../server/first-start.ts'
import { attemptOn, csrfOn, openLogin, sendForm, sessionCookie, signIn, toFactor } from '../signin/portal.ts'
import { startApp, type ApiReply, type TestApp } from '../support/app.ts'
import type { Browser } from '../support/html.ts'
import { PASSWORDS } from '../support/people.ts'

let app: TestApp
/** The server of a company that nobody has set up yet. */
let empty: TestApp
let setupToken: string
beforeAll(async () => {
  app = await startApp()
  empty = await startApp({ document: {}, env: { NODE_ENV: 'production', ...PRODUCTION } })
  setupToken = /dw_setup_[\w-]+/.exec((await firstStart(empty.ctx)) ?? '')![0]
  empty.sink.learn(setupToken)
})
afterAll(async () => {
  await app.close()
  await empty.close()
})

const PRODUCTION = { PUBLIC_URL: 'https://login.acme.test', TRUST_PROXY: '10.0.0.1' }

/** What a door is posted, by a browser that may use it. */
interface Visit {
  app: TestApp
  browser: Browser
  /** The token that a page of ours would send. */
  csrf: string
  fields: Record<string, string>
  /** Whether the door has been passed. */
  passed(reply: ApiReply): Promise<boolean>
}

const DOORS: Record<string, () => Promise<Visit>> = {
  '/login': async () => {
    const browser = app.browser()
    const csrf = csrfOn(await openLogin(app, browser))
    const fields = { login: 'bob', password: PASSWORDS.bob }
    return { app, browser, csrf, fields, passed: async ({ headers }) => headers.getSetCookie().length > 0 }
  },
  '/login/factor': async () => {
    const browser = app.browser()
    const page = await toFactor(app, 'dee', browser)
    await app.advance(1)
    const letters = (await app.letters()).length
    const fields = { attempt: attemptOn(page), device_id: '73', action: 'send' }
    const passed = async () => (await app.letters()).length > letters
    return { app, browser, csrf: csrfOn(page), fields, passed }
  },
  '/logout': async () => {
    const browser = app.browser()
    const home = await signIn(app, 'bob', browser)
    const passed = async () => (await browser.tab().open(app.url)).title.startsWith('Sign in')
    return { app, browser, csrf: csrfOn(home), fields: {}, passed }
  },
}

describe.each(Object.keys(DOORS))('POST %s', (path) => {
  let visit: Visit
  beforeEach(async () => {
    visit = await DOORS[path]!()
  })
  const send = (fields: Record<string, string> | [string, string][], headers = {}, query = '') =>
    sendForm(visit.app, visit.browser, path + query, fields, headers)
  const own = () => ({ ...visit.fields, _csrf: visit.csrf })
  const expectRefused = async (reply: ApiReply) => {
    expect([reply.status, await visit.passed(reply)]).toEqual([403, false])
    expect(reply.text).toContain('This page was open for too long')
    expect(reply.headers.getSetCookie().filter((line) => line.startsWith('doorward='))).toEqual([])
  }

  test('passes with its own token', async () => {
    expect(await visit.passed(await send(own()))).toBe(true)
  })

  test('passes with the token in a header', async () => {
    expect(await visit.passed(await send(visit.fields, { 'x-csrf-token': visit.csrf }))).toBe(true)
  })

  test('is refused without a token, with an empty one and with one that was made up', async () => {
    await expectRefused(await send(visit.fields))
    await expectRefused(await send({ ...visit.fields, _csrf: '' }))
    await expectRefused(await send({ ...visit.fields, _csrf: `${visit.csrf}x` }))
    await expectRefused(await send({ ...visit.fields, _csrf: 'a'.repeat(80) }))
  })

  test('is refused with the token of another browser', async () => {
    await expectRefused(await send({ ...visit.fields, _csrf: csrfOn(await openLogin(app)) }))
  })

  test('is refused with the token of another session', async () => {
    const other = await signIn(app, 'gus')
    await expectRefused(await send({ ...visit.fields, _csrf: csrfOn(other) }))
  })

  test('is refused when the token comes twice, whichever is right', async () => {
    const fields = Object.entries(visit.fields)
    for (const [one, two] of [
      [visit.csrf, 'x'],
      ['x', visit.csrf],
      [visit.csrf, visit.csrf],
    ] as const)
      await expectRefused(await send([...fields, ['_csrf', one], ['_csrf', two]]))
  })

  test('is refused when the token stands in the address', async () => {
    await expectRefused(await send(visit.fields, {}, `?_csrf=${encodeURIComponent(visit.csrf)}`))
  })

  test('is refused without the cookies that the token belongs to', async () => {
    visit.browser.cookies.set(visit.app.url, 'doorward_csrf', 's%3Aforged.c2lnbmF0dXJl')
    const cookie = sessionCookie(visit.app, visit.browser) ?? ''
    if (path === '/logout') visit.browser.cookies.set(visit.app.url, 'doorward', `${cookie.slice(0, -3)}AAA`)
    const reply = await send(own())
    expect(reply.status).toBe(403)
  })

  test.each([
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
    ['a Sec-Fetch-Site that nobody knows', { 'sec-fetch-site': 'same-origin, cross-site' }],
    ['a foreign Origin', { origin: 'https://evil.test' }],
    ['a foreign Origin beside same-origin', { origin: 'https://evil.test', 'sec-fetch-site': 'same-origin' }],
    ['the Origin null', { origin: 'null' }],
    ['the Origin null and cross-site', { origin: 'null', 'sec-fetch-site': 'cross-site' }],
    ['an Origin that ends like ours', { origin: 'http://evil.test#http://localhost' }],
    ['an Origin on another port', { origin: 'http://localhost:1' }],
    ["an Origin on another port of a brand's host", { origin: 'http://login.acme.test:1' }],
    ['an Origin of another scheme', { origin: 'ftp://login.acme.test' }],
    ['an empty Origin', { origin: '' }],
  ])('is refused with %s, whatever the token', async (_what, headers) => {
    await expectRefused(await send(own(), headers))
  })

  test.each([
    ['our own Origin', () => ({ origin: visit.app.url, 'sec-fetch-site': 'same-origin' })],
    ['the Origin null of a page that hides it', () => ({ origin: 'null', 'sec-fetch-site': 'same-origin' })],
    ['an address typed by hand', () => ({ 'sec-fetch-site': 'none' })],
    ["a brand's host", () => ({ origin: 'http://login.northwind.test', 'sec-fetch-site': 'same-origin' })],
  ])('passes with %s', async (_what, headers) => {
    expect(await visit.passed(await send(own(), headers()))).toBe(true)
  })

  test('takes no JSON, no multipart and no text in place of a form', async () => {
    for (const type of ['application/json', 'multipart/form-data; boundary=x', 'text/plain', '']) {
      const reply = await send(own(), { 'content-type': type, 'x-csrf-token': visit.csrf })
      expect([type, reply.status, await visit.passed(reply)]).toEqual([type, 400, false])
    }
  })
})

describe('POST /setup', () => {
  const FORM = {
    company: 'Acme',
    subdomain: 'acme',
    firstname: 'Ada',
    lastname: 'Byron',
    email: 'ada@acme.test',
    password: 'ada-tawny-lantern-41',
  }
  const post = async (fields: Record<string, string>, headers: Record<string, string> = {}, cookie = '') =>
    empty.call('POST', '/setup', {
      headers: { 'content-type': 'application/x-www-form-urlencoded', cookie, ...headers },
      body: new URLSearchParams({ ...FORM, setup_token: setupToken, ...fields }).toString(),
    })

  test('needs the token of the browser beside the one of the address', async () => {
    const page = await empty.call('GET', `/setup/${setupToken}`)
    const cookie = page.headers.getSetCookie()[0]!.split(';')[0]!
    const _csrf = /name="_csrf" value="([^"]+)"/.exec(page.text)![1]!
    expect((await post({})).status).toBe(403)
    expect((await post({ _csrf })).status).toBe(403)
    expect((await post({}, {}, cookie)).status).toBe(403)
    expect((await post({ _csrf }, { origin: 'https://evil.test' }, cookie)).status).toBe(403)
    expect((await post({ _csrf }, { 'sec-fetch-site': 'cross-site' }, cookie)).status).toBe(403)
    expect(await empty.ctx.store.isEmpty()).toBe(true)
    expect((await post({ _csrf, company: '' }, { origin: 'https://login.acme.test' }, cookie)).status).toBe(
      400,
    )
  })
})

test('every other unsafe method of a page does not exist', async () => {
  const browser = app.browser()
  const home = await signIn(app, 'bob', browser)
  for (const path of [
    '/',
    '/apps/500/launch',
    '/saml/metadata/501',
    '/setup/x',
    '/nowhere',
    '/brand/acme.css',
  ]) {
    const reply = await sendForm(app, browser, path, { _csrf: csrfOn(home) })
    expect([path, reply.status]).toEqual([path, 404])
  }
  for (const method of ['PUT', 'PATCH', 'DELETE']) expect((await app.call(method, '/login')).status).toBe(404)
})
