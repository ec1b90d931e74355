import { randomBytes } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { DOMParser } from '@xmldom/xmldom'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enterCode, enterPassword, eventsSince, freshTotp, signIn } from '../signin/portal.ts'
import { startApp, type TestApp } from '../support/app.ts'
import type { Browser, Page } from '../support/html.ts'
import { certificatesFromMetadata } from '../support/sts-saml.ts'
import { verify } from '../support/xmlsec.ts'
import { anAuthnRequest, type RequestAttributes } from './authn-request-examples.ts'

const ISSUER =
  '<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://wiki.acme.test</saml:Issuer>'
const ACS = 'https://wiki.acme.test/acs'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

const request = (changed: RequestAttributes = {}): string =>
  anAuthnRequest(
    {
      IssueInstant: new Date(app.clock.now()).toISOString(),
      Destination: undefined,
      AssertionConsumerServiceURL: ACS,
      ...changed,
    },
    ISSUER,
  )

/** Where the wiki sends a browser to ask. */
const ssoAddress = (xml: string, more: Record<string, string> = {}): string => {
  const query = new URLSearchParams({ SAMLRequest: deflateRawSync(xml).toString('base64'), ...more })
  return `${app.url}/trust/saml2/http-redirect/sso/501?${query.toString()}`
}

const open = (browser: Browser, address: string): Promise<Page> => browser.tab().open(address)

const responseOn = (page: Page): string =>
  Buffer.from(page.form('form[data-auto-post]').fields.SAMLResponse!, 'base64').toString()
const valueOf = (xml: string, name: string): string | undefined =>
  new DOMParser().parseFromString(xml, 'text/xml').getElementsByTagName(name)[0]?.textContent ?? undefined
const attribute = (xml: string, name: string): string | undefined =>
  new RegExp(`<samlp:Response[^>]* ${name}="([^"]*)"`).exec(xml)?.[1]

async function metadataOf(id: number): Promise<{ xml: string; certificate: string }> {
  const { text: xml } = await app.call('GET', `/saml/metadata/${id}`)
  const [base64] = certificatesFromMetadata(xml, `${app.url}/saml/metadata/${id}`)
  return { xml, certificate: String(base64) }
}

describe('a tile', () => {
  test('opens its app with a signed Response for the person, and is noted', async () => {
    const browser = app.browser()
    const home = await signIn(app, 'bob', browser)
    const before = (await app.events()).length
    const page = await open(
      browser,
      new URL(home.$('a[href="/apps/501/launch"]').attr('href')!, app.url).href,
    )
    const form = page.form()
    expect([page.title, page.$('form').attr('action')]).toEqual(['Opening Wiki – Acme', ACS])
    expect(Object.keys(form.fields)).toEqual(['SAMLResponse'])
    const xml = responseOn(page)
    app.sink.learn(form.fields.SAMLResponse!)
    expect(await verify(xml, (await metadataOf(501)).certificate)).toEqual({
      assertion: true,
      response: true,
    })
    expect([
      valueOf(xml, 'saml:NameID'),
      attribute(xml, 'Destination'),
      attribute(xml, 'InResponseTo'),
    ]).toEqual(['bob@acme.test', ACS, undefined])
    expect(page.headers.get('content-security-policy')).toContain(
      `form-action 'self' https://wiki.acme.test https:;`,
    )
    expect(await eventsSince(app, before)).toEqual([[8, null]])
  })

  test('of AWS carries the roles that the person holds', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    const page = await open(browser, `${app.url}/apps/500/launch`)
    expect(page.$('form').attr('action')).toBe('https://signin.aws.amazon.com/saml')
    const xml = responseOn(page)
    app.sink.learn(page.form().fields.SAMLResponse!)
    expect(xml).toContain('role/Dev')
    expect(xml).not.toContain('role/Admin')
  })

  test.each([
    ['500 without its role', 'gus', '/apps/500/launch', 403],
    ['501 without its role', 'ada', '/apps/501/launch', 403],
    ['999, which does not exist', 'bob', '/apps/999/launch', 404],
    ['0', 'bob', '/apps/0/launch', 404],
    ['-1', 'bob', '/apps/-1/launch', 400],
    ['of no number', 'bob', '/apps/__proto__/launch', 400],
    ['of a number without end', 'bob', `/apps/${'9'.repeat(40)}/launch`, 400],
  ] as const)('%s opens nothing', async (_what, who, path, status) => {
    const browser = app.browser()
    await signIn(app, who, browser)
    const before = (await app.events()).length
    const page = await open(browser, app.url + path)
    expect([page.status, page.body.includes('SAMLResponse')]).toEqual([status, false])
    expect(await eventsSince(app, before)).toEqual([])
  })
})

describe('a service provider that asks', () => {
  test('by redirect gets its answer after password and factor', async () => {
    const browser = app.browser()
    const login = await open(browser, ssoAddress(request({ ID: '_cy1' }), { RelayState: 'deep/link' }))
    expect([login.url.pathname, login.title]).toEqual(['/login', 'Sign in – Acme'])
    const page = await enterCode(await enterPassword(login, 'cy'), await freshTotp(app, 'cy'))
    const xml = responseOn(page)
    app.sink.learn(page.form().fields.SAMLResponse!)
    expect([attribute(xml, 'InResponseTo'), valueOf(xml, 'saml:NameID')]).toEqual(['_cy1', 'cy@acme.test'])
    expect(page.form().fields.RelayState).toBe('deep/link')
  })

  test('by redirect is answered at once where somebody is signed in', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    const page = await open(browser, ssoAddress(request()))
    expect([page.title, page.hops.length]).toEqual(['Opening Wiki – Acme', 1])
  })

  test('by POST from its own site is answered too', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    const body = new URLSearchParams({
      SAMLRequest: Buffer.from(request({ ID: '_post1' })).toString('base64'),
      RelayState: 'a&b=c',
    })
    const reply = await app.call('POST', '/trust/saml2/http-post/sso/501', {
      headers: {
        'content-type': 'application/x-www-form-urlencoded',
        origin: 'https://wiki.acme.test',
        'sec-fetch-site': 'cross-site',
      },
      body: body.toString(),
    })
    const location = reply.headers.get('location')!
    expect([reply.status, location.startsWith('/trust/saml2/http-redirect/sso/501?asked=')]).toEqual([
      303,
      true,
    ])
    const page = await open(browser, app.url + location)
    expect([attribute(responseOn(page), 'InResponseTo'), page.form().fields.RelayState]).toEqual([
      '_post1',
      'a&b=c',
    ])
  })

  test('for a person without the app learns nothing', async () => {
    const browser = app.browser()
    await signIn(app, 'gus', browser)
    const page = await open(browser, ssoAddress(request()))
    expect([page.status, page.$('form').length]).toEqual([403, 0])
  })

  test('with ForceAuthn makes the person sign in anew, once', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    await app.advance(120)
    const login = await open(browser, ssoAddress(request({ ForceAuthn: 'true', ID: '_force' })))
    expect(login.title).toBe('Sign in – Acme')
    const page = await enterPassword(login, 'bob')
    expect(attribute(responseOn(page), 'InResponseTo')).toBe('_force')
    const instant = /AuthnInstant="([^"]+)"/.exec(responseOn(page))![1]!
    expect(Date.parse(instant)).toBe(app.clock.now())
  })

  test('with ForceAuthn ends nobody’s session: a link alone signs no person out', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    await app.advance(1)
    const login = await open(browser, ssoAddress(request({ ForceAuthn: 'true' })))
    expect(login.$('#login').attr('value')).toBe('bob@acme.test')
    expect((await open(browser, app.url)).title).toBe('Your apps – Acme')
  })

  test('is answered though the person took longer to sign in than a request may be old', async () => {
    const browser = app.browser()
    const login = await open(browser, ssoAddress(request({ ID: '_slow' }), { RelayState: 'r' }))
    await app.advance(8 * 60)
    const page = await enterPassword(login, 'bob')
    expect([attribute(responseOn(page), 'InResponseTo'), page.form().fields.RelayState]).toEqual([
      '_slow',
      'r',
    ])
  })

  test('by POST of 60 KB is answered after the sign-in', async () => {
    const noise = randomBytes(22_000).toString('hex')
    const xml = request({ ID: '_big' }).replace(
      ISSUER,
      `${ISSUER}<samlp:Extensions>${noise}</samlp:Extensions>`,
    )
    const body = new URLSearchParams({ SAMLRequest: Buffer.from(xml).toString('base64') })
    const reply = await app.call('POST', '/trust/saml2/http-post/sso/501', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: body.toString(),
    })
    const login = await open(app.browser(), app.url + reply.headers.get('location')!)
    const page = await enterPassword(login, 'bob')
    expect(attribute(responseOn(page), 'InResponseTo')).toBe('_big')
  })

  test('is carried on sealed: changed, of another app, or after an hour it is worth nothing', async () => {
    const browser = app.browser()
    const login = await open(browser, ssoAddress(request()))
    const address = new URL(login.form().fields.return_to!, app.url)
    const asked = address.searchParams.get('asked')!
    const tries = [
      address.href.replace(asked, asked.slice(0, -2) + (asked.endsWith('AA') ? 'BB' : 'AA')),
      address.href.replace('/501?', '/500?'),
      address.href.replace(asked, 'v1.x'),
      address.href.replace(asked, ''),
    ]
    for (const bad of tries) expect((await open(browser, bad)).status).toBe(400)
    await app.advance(3601)
    await signIn(app, 'bob', browser)
    const late = await open(browser, address.href)
    expect([late.status, late.body.includes('SAMLResponse')]).toEqual([400, false])
  })

  test('with IsPassive gets NoPassive without a session, and its answer with one', async () => {
    const browser = app.browser()
    const page = await open(
      browser,
      ssoAddress(request({ IsPassive: 'true', ID: '_quiet' }), { RelayState: 'r' }),
    )
    const xml = responseOn(page)
    expect([page.hops.length, page.$('form').attr('action'), page.form().fields.RelayState]).toEqual([
      1,
      ACS,
      'r',
    ])
    expect([attribute(xml, 'InResponseTo'), xml.includes(':status:NoPassive')]).toEqual(['_quiet', true])
    expect(xml).not.toContain('saml:Assertion')
    expect(page.text).not.toContain('You are signed in')
    expect((await verify(xml, (await metadataOf(501)).certificate)).response).toBe(true)
    await signIn(app, 'bob', browser)
    const answered = await open(browser, ssoAddress(request({ IsPassive: 'true' })))
    expect(responseOn(answered)).toContain('saml:Assertion')
  })

  test('with IsPassive and ForceAuthn gets NoPassive, and the person keeps the session', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    await app.advance(120)
    const page = await open(browser, ssoAddress(request({ IsPassive: '1', ForceAuthn: '1' })))
    expect(responseOn(page)).toContain(':status:NoPassive')
    expect((await open(browser, app.url)).title).toBe('Your apps – Acme')
  })

  test('is refused with anything that is not registered or not readable, signed in or not', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    const bad: [what: string, address: string][] = [
      ['a foreign ACS', ssoAddress(request({ AssertionConsumerServiceURL: 'https://evil.test/acs' }))],
      ['a script as ACS', ssoAddress(request({ AssertionConsumerServiceURL: 'javascript:alert(1)' }))],
      [
        'an ACS with more behind it',
        ssoAddress(request({ AssertionConsumerServiceURL: `${ACS}.evil.test` })),
      ],
      ['a foreign Destination', ssoAddress(request({ Destination: 'https://evil.test/' }))],
      ['an old request', ssoAddress(request({ IssueInstant: '2020-01-01T00:00:00Z' }))],
      ['a hostile ID', ssoAddress(request({ ID: '&quot;&gt;&lt;x' }))],
      ['a DTD', ssoAddress(`<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>${request()}`)],
      ['no XML', ssoAddress('x')],
      ['nothing deflated', `${app.url}/trust/saml2/http-redirect/sso/501?SAMLRequest=AAAA`],
      ['an empty request', `${app.url}/trust/saml2/http-redirect/sso/501?SAMLRequest=`],
      ['two requests', `${ssoAddress(request())}&SAMLRequest=x`],
      ['a RelayState without end', ssoAddress(request(), { RelayState: 'x'.repeat(1025) })],
      ['two RelayStates', `${ssoAddress(request())}&RelayState=a&RelayState=b`],
      ['an app that takes no requests', ssoAddress(request()).replace('/501?', '/500?')],
    ]
    for (const [what, address] of bad) {
      for (const who of [browser, app.browser()]) {
        const page = await open(who, address)
        expect([what, page.status, page.body.includes('SAMLResponse')]).toEqual([what, 400, false])
        expect(page.text).not.toMatch(/evil|DOCTYPE|passwd/)
      }
    }
    expect(app.log()).not.toContain('"level":50')
  })
})

describe('metadata', () => {
  test('names our addresses and key, for everybody, with no cookie', async () => {
    const reply = await app.call('GET', '/saml/metadata/501')
    expect([reply.status, reply.headers.get('content-type'), reply.headers.getSetCookie()]).toEqual([
      200,
      expect.stringContaining('application/samlmetadata+xml'),
      [],
    ])
    expect(reply.text).toContain(`entityID="${app.url}/saml/metadata/501"`)
    for (const binding of ['redirect', 'post'])
      expect(reply.text).toContain(`Location="${app.url}/trust/saml2/http-${binding}/sso/501"`)
    expect((await app.call('GET', '/saml/metadata/999')).status).toBe(404)
    expect((await app.call('GET', '/saml/metadata/x')).status).toBe(400)
  })
})
