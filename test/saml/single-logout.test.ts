import { verify } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { DOMParser } from '@xmldom/xmldom'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventsSince, signIn } from '../signin/portal.ts'
import { startApp, type TestApp } from '../support/app.ts'
import type { Browser } from '../support/html.ts'
import { company } from '../support/people.ts'
import { anAuthnRequest } from './authn-request-examples.ts'
import { schemaErrors } from './schema.ts'
import { signedQuery, strangerKey, wikiKey } from './signed-examples.ts'

const SLO_URL = 'https://wiki.acme.test/slo?from=doorward'
const ISSUER =
  '<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://wiki.acme.test</saml:Issuer>'

let app: TestApp
beforeAll(async () => {
  const document = company()
  const saml = {
    entity_id: 'https://wiki.acme.test',
    acs_url: 'https://wiki.acme.test/acs',
    request_certificates: [wikiKey.certificatePem],
    slo_url: SLO_URL,
  }
  const apps = [
    ...document.apps!,
    { id: 502, name: 'Signing wiki', connector: 'saml' as const, roles: [12], saml },
  ]
  app = await startApp({ document: { ...document, apps } })
})
afterAll(() => app.close())

const sloAddress = () => `${app.url}/trust/saml2/http-redirect/slo/502`

function logoutRequest(nameId = 'bob@acme.test', changed: Record<string, string> = {}): string {
  const attributes = {
    ID: '_bye',
    Version: '2.0',
    IssueInstant: new Date(app.clock.now()).toISOString(),
    Destination: sloAddress(),
    ...changed,
  }
  const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${value}"`)
  return `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"${written.join('')}>${ISSUER}<saml:NameID xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${nameId}</saml:NameID></samlp:LogoutRequest>`
}

/** Where a GET of this browser is sent to, and what it says there. */
async function leave(browser: Browser, query: string) {
  const reply = await app.call('GET', `/trust/saml2/http-redirect/slo/502?${query}`, {
    headers: { cookie: browser.cookies.header({ url: new URL(app.url), method: 'GET', sameSite: false }) },
  })
  const location = reply.headers.get('location') ?? undefined
  const rest = location?.slice(location.indexOf('SAMLResponse='))
  const answer = location === undefined ? undefined : new URL(location).searchParams
  const xml = answer ? inflateRawSync(Buffer.from(answer.get('SAMLResponse')!, 'base64')).toString() : ''
  return { status: reply.status, location, rest, answer, xml }
}

const isSignedIn = async (browser: Browser) =>
  (await browser.tab().open(app.url)).title === 'Your apps – Acme'

describe('a signed LogoutRequest', () => {
  test('ends the session and is answered to the app, signed, with its RelayState', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    const before = (await app.events()).length
    const { status, location, rest, answer, xml } = await leave(
      browser,
      signedQuery(logoutRequest(), { relayState: 'a&b' }),
    )
    expect([status, location?.startsWith(`${SLO_URL}&SAMLResponse=`)]).toEqual([303, true])
    expect(answer!.get('RelayState')).toBe('a&b')
    const root = new DOMParser().parseFromString(xml, 'text/xml').documentElement!
    expect([root.localName, root.getAttribute('InResponseTo'), xml.includes(':status:Success')]).toEqual([
      'LogoutResponse',
      '_bye',
      true,
    ])
    expect(schemaErrors(xml, 'protocol')).toBe('')
    const [signed, signature] = rest!.split('&Signature=')
    const certificate = app.ctx.signingKeys[0].certificatePem
    const bytes = Buffer.from(decodeURIComponent(signature!), 'base64')
    expect(verify('sha256', Buffer.from(signed!), certificate, bytes)).toBe(true)
    expect(await isSignedIn(browser)).toBe(false)
    expect((await eventsSince(app, before)).map(([type]) => type)).toEqual([7])
  })

  test('is answered where nobody is signed in, too', async () => {
    const { xml } = await leave(app.browser(), signedQuery(logoutRequest()))
    expect(xml).toContain(':status:Success')
  })

  test('about somebody else ends nobody’s session', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    const { xml } = await leave(browser, signedQuery(logoutRequest('ada@acme.test')))
    expect(xml).toContain(':status:UnknownPrincipal')
    expect(await isSignedIn(browser)).toBe(true)
  })
})

test('a LogoutRequest that is not right ends no session and leads nowhere', async () => {
  const browser = app.browser()
  await signIn(app, 'bob', browser)
  const old = new Date(app.clock.now() - 6 * 60_000).toISOString()
  const unsigned = signedQuery(logoutRequest()).replace(/&SigAlg=.*$/, '')
  const bad: [string, string][] = [
    ['unsigned', unsigned],
    ['signed by a stranger', signedQuery(logoutRequest(), { key: strangerKey })],
    ['old', signedQuery(logoutRequest('bob@acme.test', { IssueInstant: old }))],
    ['over', signedQuery(logoutRequest('bob@acme.test', { NotOnOrAfter: old }))],
    ['to somebody else', signedQuery(logoutRequest('bob@acme.test', { Destination: 'https://evil.test/' }))],
    ['about nobody', signedQuery(logoutRequest(''))],
    ['an AuthnRequest', signedQuery(anAuthnRequest({ Destination: sloAddress() }, ISSUER))],
    ['nothing', ''],
  ]
  for (const [what, query] of bad) {
    const { status, location } = await leave(browser, query)
    expect([what, status, location]).toEqual([what, 400, undefined])
  }
  expect(await isSignedIn(browser)).toBe(true)
})

test('an app without a logout address has none', async () => {
  const address = `${app.url}/trust/saml2/http-redirect/slo/501?${signedQuery(logoutRequest())}`
  expect((await app.browser().tab().open(address)).status).toBe(404)
})

test('metadata says that requests have to be signed, and where people are signed out', async () => {
  const { text } = await app.call('GET', '/saml/metadata/502')
  expect(text).toContain('WantAuthnRequestsSigned="true"')
  expect(text).toContain(`Location="${sloAddress()}"`)
  expect(schemaErrors(text, 'metadata')).toBe('')
})

test('an AuthnRequest without a signature gets no sign-in for an app that signs', async () => {
  const xml = anAuthnRequest(
    {
      IssueInstant: new Date(app.clock.now()).toISOString(),
      Destination: `${app.url}/trust/saml2/http-redirect/sso/502`,
    },
    ISSUER,
  )
  const address = `${app.url}/trust/saml2/http-redirect/sso/502?`
  const query = signedQuery(xml)
  expect(
    (
      await app
        .browser()
        .tab()
        .open(address + query)
    ).title,
  ).toBe('Sign in – Acme')
  expect(
    (
      await app
        .browser()
        .tab()
        .open(address + query.split('&')[0]!)
    ).status,
  ).toBe(400)
})
