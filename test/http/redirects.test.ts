import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { issueSessionToken } from '../../server/signin/session-token.ts'
import { csrfOn, openLogin, sendForm, signIn } from '../signin/portal.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { exchange } from '../support/http-exchange.ts'
import { IDS, PASSWORDS } from '../support/people.ts'
import { raw } from './raw-request.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp({ policy: { allowed_origins: ['https://shop.acme.test'] } })
})
afterAll(() => app.close())

/** Every one of them leads elsewhere, or to a script, if it is followed by a browser or by a careless comparison. */
const HOSTILE = [
  'https://evil.test',
  'https://evil.test/login',
  'http://evil.test',
  '//evil.test',
  '///evil.test',
  '////evil.test',
  '/\\evil.test',
  '\\\\evil.test',
  '\\/evil.test',
  '/\t/evil.test',
  '/\n/evil.test',
  '/\r\n/evil.test',
  '\t//evil.test',
  ' //evil.test',
  '/ /evil.test',
  '/\u00a0/evil.test',
  '/\u2028//evil.test',
  '\u0000//evil.test',
  '/\u0000/evil.test',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)',
  'java\nscript:alert(1)',
  'javascript://localhost/%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:msgbox(1)',
  'blob:https://evil.test/1',
  'file:///etc/passwd',
  'http:evil.test',
  'https:/evil.test',
  'http:/\\evil.test',
  'https://shop.acme.test.evil.test/',
  'https://shop.acme.test@evil.test/',
  'https://evil.test#https://shop.acme.test',
  'https://evil.test?https://shop.acme.test/',
  'https://evil.test\\@shop.acme.test/',
  'https://shop.acme.test:8443/',
  'http://shop.acme.test/',
  'https://user:pass@shop.acme.test/',
  'https://shop\u3002acme.test.evil.test/',
  'http://localhost@evil.test',
  'http://localhost.evil.test',
  '@evil.test',
  '.evil.test',
  ':80@evil.test',
  'evil.test',
  'login',
  '?x=//evil.test',
  '#//evil.test',
  '',
  '/'.repeat(9000),
]

/** Paths of our own that must stay what they are, however much they look like the others. */
const FRIENDLY = [
  '/apps/500/launch?RelayState=https://evil.test',
  '/logout?next=//evil.test',
  '/%2F/evil.test',
  '/%5Cevil.test',
  '/@evil.test',
  '/..//evil.test',
]

const leadsTo = (location: string | null) => new URL(location ?? '', app.url)

describe('return_to', () => {
  test.each(HOSTILE)('%j never leads away after the password', async (value) => {
    const browser = app.browser()
    const _csrf = csrfOn(await openLogin(app, browser))
    const fields = { _csrf, login: 'bob', password: PASSWORDS.bob, return_to: value }
    const reply = await sendForm(app, browser, '/login', fields)
    if (reply.status === 400) return // refused as it stands
    expect([reply.status, leadsTo(reply.headers.get('location')).href]).toEqual([303, `${app.url}/`])
  })

  test('never leads away past the sign-in page, and is not written into it', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    for (const value of HOSTILE.filter((text) => text.length < 2000)) {
      const query = `?return_to=${encodeURIComponent(value)}`
      const shown = await openLogin(app, app.browser(), query)
      expect([value.slice(0, 50), shown.form().fields.return_to]).toEqual([value.slice(0, 50), '/'])
      const page = await openLogin(app, browser, query)
      expect([value.slice(0, 50), page.url.href]).toEqual([value.slice(0, 50), `${app.url}/`])
    }
  })

  test.each(FRIENDLY)('%s is a path of ours and stays on it', async (value) => {
    const shown = await openLogin(app, app.browser(), `?return_to=${encodeURIComponent(value)}`)
    expect(shown.form().fields.return_to).toBe(value)
    const browser = app.browser()
    const fields = { _csrf: csrfOn(await openLogin(app, browser)), login: 'bob', password: PASSWORDS.bob }
    const reply = await sendForm(app, browser, '/login', { ...fields, return_to: value })
    expect(leadsTo(reply.headers.get('location')).origin).toBe(app.url)
    expect(reply.headers.get('location')).toMatch(/^\/(?![/\\])/)
  })

  test('given twice, or as an object, counts as none', async () => {
    for (const query of [
      '?return_to=/a&return_to=//evil.test',
      '?return_to[]=/a',
      '?return_to[x]=//evil.test',
    ])
      expect((await openLogin(app, app.browser(), query)).form().fields.return_to).toBe('/')
  })
})

describe('the address that was asked for before sign-in', () => {
  test.each(['//evil.test/', '//evil.test/%2e%2e', '/\\evil.test', '//evil.test/../..', 'http://evil.test/'])(
    'as %s leads nowhere else',
    async (target) => {
      const reply = await raw(app, { method: 'GET', path: target })
      if (reply.status === 404) return
      const login = leadsTo(String(reply.headers.location))
      expect([login.origin, login.pathname]).toEqual([app.url, '/login'])
      const shown = await openLogin(app, app.browser(), login.search)
      expect(new URL(shown.form().fields.return_to!, app.url).origin).toBe(app.url)
    },
  )
})

describe('return_to_url of a session token', () => {
  const redeem = async (returnTo: string) => {
    const user = (await app.ctx.users.find(IDS.bob))!
    const passed = ['password' as const]
    const signedIn = {
      user,
      amr: ['pwd'],
      passed,
      authTime: app.clock.now(),
      factorAt: undefined,
      remembered: undefined,
      remember: false,
      extras: { returnTo },
    }
    const { token } = await issueSessionToken(app.ctx, signedIn)
    app.sink.learn(token)
    return sendForm(app, app.browser(), '/session_via_api_token', { session_token: token })
  }

  test.each(HOSTILE)('%j never leads away', async (value) => {
    const reply = await redeem(value)
    expect([reply.status, reply.headers.get('location')]).toEqual([303, '/'])
  })

  test.each([
    'https://shop.acme.test',
    'https://shop.acme.test/a?b=https://evil.test#c',
    'HTTPS://SHOP.acme.test/',
  ])('%s is registered', async (value) => {
    const location = (await redeem(value)).headers.get('location')!
    expect(new URL(location).origin).toBe('https://shop.acme.test')
  })

  test('leads to any of our own hosts', async () => {
    for (const origin of [app.url, app.url.replace('localhost', '127.0.0.1'), 'http://login.northwind.test'])
      expect((await redeem(`${origin}/apps`)).headers.get('location')).toBe(`${origin}/apps`)
  })
})

describe('RelayState', () => {
  test('is passed on as it is, inert, and never followed', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    for (const value of [...HOSTILE, '"><script>alert(1)</script>', "';alert(1)//", '{{7*7}}']) {
      if (value.includes('\u0000') || value.length > 1024) continue
      const page = await browser
        .tab()
        .open(`${app.url}/apps/501/launch?RelayState=${encodeURIComponent(value)}`)
      const form = page.form('form[data-auto-post]')
      expect([page.hops.length, page.$('form').length, page.$('script').length]).toEqual([1, 1, 1])
      expect(page.$('form').attr('action')).toBe('https://wiki.acme.test/acs')
      expect(form.fields.RelayState).toBe(value.replace(/\r\n|\r|\n/g, '\r\n'))
    }
  })
})

const FORGED: Record<string, string>[] = [
  { host: 'evil.test' },
  { host: 'localhost.evil.test' },
  { host: 'evil.test:80' },
  { host: 'localhost:1' },
  { host: 'login.acme.test:1' },
  { host: 'login.acme.test.evil.test' },
  { host: 'localhost@evil.test' },
  { host: 'localhost/evil.test' },
  { host: '"><script>alert(1)</script>' },
  { host: 'a'.repeat(4000) },
  { host: '[::1' },
  { host: '' },
  { 'x-forwarded-host': 'evil.test' },
  { 'x-forwarded-host': 'login.northwind.test, evil.test' },
  { 'x-forwarded-proto': 'https' },
  { 'x-forwarded-proto': 'javascript' },
  { 'x-forwarded-port': '1' },
  { forwarded: 'for=1.2.3.4;host=evil.test;proto=https' },
  { 'x-original-url': '/logout', 'x-rewrite-url': '/logout' },
  { 'x-forwarded-prefix': '/evil', 'x-http-method-override': 'DELETE' },
]

describe.each([
  ['without a trusted proxy', {}],
  ['behind a trusted proxy', { TRUST_PROXY: 'loopback' }],
])('a forged header %s', (_what, env) => {
  let here: TestApp
  let honest: Record<string, string>
  const PATHS = ['/login', '/saml/metadata/501', '/', '/apps/501/launch', '/nowhere', '/login/factor']
  const inert = (text: string) =>
    text.replaceAll(/(name="_csrf" value=")[^"]*|\b[0-9a-f]{16}\b|doorward_csrf=[^;]+/g, '')
  const ask = async (path: string, headers: Record<string, string> = {}) => {
    const { port } = new URL(here.url)
    const url = new URL(`http://127.0.0.1:${port}${path}`)
    const reply = await exchange(url, { method: 'GET', headers: { host: `localhost:${port}`, ...headers } })
    const more = ['location', 'set-cookie', 'strict-transport-security'].map((name) =>
      reply.headers.get(name),
    )
    return inert([reply.status, ...more, reply.body].join('\n'))
  }
  beforeAll(async () => {
    here = await startApp({ env })
    honest = Object.fromEntries(
      await Promise.all(PATHS.map(async (path) => [path, await ask(path)] as const)),
    )
  })
  afterAll(() => here.close())

  test.each(FORGED)('%j changes no link, no metadata, no cookie and no Location', async (headers) => {
    for (const path of PATHS) {
      const answer = await ask(path, headers)
      if (answer.startsWith('400')) continue // Node's parser or we refused it
      expect(answer).toBe(honest[path])
    }
  })

  test.each(FORGED)('%j changes no address that the API gives', async (headers) => {
    if (headers.host !== undefined && !/^[\w.:-]+$/.test(headers.host)) return
    const { port } = new URL(here.url)
    const body = JSON.stringify({ username_or_email: 'ada', password: PASSWORDS.ada, subdomain: 'acme' })
    const all = {
      authorization: `bearer:${await here.token()}`,
      'content-type': 'application/json',
      ...headers,
    }
    const { text } = await raw(here, { path: '/api/1/login/auth', headers: all, body })
    const { data } = JSON.parse(text)
    here.sink.learn(data[0].state_token)
    expect(
      ['localhost', '127.0.0.1'].map((host) => `http://${host}:${port}/api/1/login/verify_factor`),
    ).toContain(data[0].callback_url)
  })
})

describe('X-Forwarded-For', () => {
  const ADDRESSES: [header: string, behindProxy: string][] = [
    ['1.2.3.4', '1.2.3.4'],
    ['6.6.6.6, 1.2.3.4', '1.2.3.4'],
    ['6.6.6.6, 1.2.3.4, 127.0.0.1', '1.2.3.4'],
    ['6.6.6.6,1.2.3.4 , 127.0.0.1', '1.2.3.4'],
    ['127.0.0.1, 1.2.3.4', '1.2.3.4'],
    ['2001:db8::1', '2001:db8::1'],
  ]
  const addressSeen = async (here: TestApp, header: string) => {
    const browser = here.browser()
    const _csrf = csrfOn(await openLogin(here, browser))
    const fields = { _csrf, login: 'gus', password: PASSWORDS.gus }
    const reply = await sendForm(here, browser, '/login', fields, { 'x-forwarded-for': header })
    return [reply.status, (await here.events()).at(-1)!.ipaddr]
  }
  const started = async (env: Record<string, string>) => {
    const here = await startApp({ env })
    onTestFinished(() => here.close())
    return here
  }

  test('is ignored unless the proxy is trusted', async () => {
    const here = await started({})
    for (const [header] of ADDRESSES) expect(await addressSeen(here, header)).toEqual([303, '127.0.0.1'])
    const other = await started({ TRUST_PROXY: '10.0.0.0/8' })
    for (const [header] of ADDRESSES) expect(await addressSeen(other, header)).toEqual([303, '127.0.0.1'])
  })

  test('from a trusted proxy names the right-most address that is not trusted', async () => {
    const here = await started({ TRUST_PROXY: 'loopback' })
    for (const [header, seen] of ADDRESSES) expect(await addressSeen(here, header)).toEqual([303, seen])
  })

  test('full of garbage never throws and opens nothing', async () => {
    const here = await started({ TRUST_PROXY: 'loopback' })
    const garbage = [
      ',',
      ',,,',
      'x',
      '1.2.3.4:5678',
      '[::1]:80',
      '999.1.1.1',
      '::ffff:1.2.3.4',
      '%00',
      'a'.repeat(5000),
    ]
    for (const header of garbage) {
      expect((await addressSeen(here, header))[0]).toBe(303)
      const page = await here.call('GET', '/', { headers: { 'x-forwarded-for': header } })
      expect(page.status).toBe(303)
    }
    expect(here.log()).not.toContain('"level":50')
  })

  test('cannot be used to guess without end', async () => {
    const here = await startApp({ policy: { max_failures_per_address: 5 } })
    onTestFinished(() => here.close())
    const browser = here.browser()
    const _csrf = csrfOn(await openLogin(here, browser))
    const statuses: number[] = []
    for (let i = 0; i < 7; i++) {
      const fields = { _csrf, login: `nobody${i}`, password: 'wrong-lantern-guess-81' }
      const forged = {
        'x-forwarded-for': `1.2.3.${i}`,
        'x-real-ip': `1.2.3.${i}`,
        forwarded: `for=1.2.3.${i}`,
      }
      statuses.push((await sendForm(here, browser, '/login', fields, forged)).status)
    }
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429])
  })
})
