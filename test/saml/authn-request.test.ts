import { describe, expect, test } from 'vitest'
import { Problem } from '../../server/errors.ts'
import { readAuthnRequest, type AuthnRequestInput } from '../../server/saml/authn-request.ts'
import { acceptRelayState } from '../../server/saml/request-encoding.ts'
import {
  anAuthnRequest,
  deflated,
  DESTINATION,
  ISSUER,
  posted,
  sent,
  WIKI,
  type RequestAttributes,
} from './authn-request-examples.ts'
import { NOW_MS } from './examples.ts'

const plain = {
  id: '_q1',
  issueInstantMs: NOW_MS,
  acsUrl: WIKI.acs_urls[0],
  forceAuthn: false,
  isPassive: false,
}
const read = (changed: RequestAttributes) => readAuthnRequest(sent(anAuthnRequest(changed)))

describe('an AuthnRequest', () => {
  test('is read from the HTTP-Redirect binding', async () => {
    expect(await readAuthnRequest(sent(anAuthnRequest()))).toEqual(plain)
  })

  test('is read from the HTTP-POST binding, broken into lines and with an XML declaration', async () => {
    const xml = `<?xml version="1.0" encoding="UTF-8"?>\n${anAuthnRequest()}\n`
    const samlRequest = posted(xml).replace(/.{76}/g, '$&\r\n')
    expect(await readAuthnRequest({ ...sent(''), binding: 'post', samlRequest })).toEqual(plain)
  })

  test.each<[string, RequestAttributes, object]>([
    [
      'chooses another registered address',
      { AssertionConsumerServiceURL: WIKI.acs_urls[1] },
      { acsUrl: WIKI.acs_urls[1] },
    ],
    ['gets the first registered address without asking', { AssertionConsumerServiceURL: undefined }, {}],
    ['asks for a new sign-in', { ForceAuthn: 'true' }, { forceAuthn: true }],
    ['asks for a new sign-in by number', { ForceAuthn: '1', IsPassive: '0' }, { forceAuthn: true }],
    ['asks for no page', { IsPassive: 'true', ForceAuthn: 'false' }, { isPassive: true }],
    ['names no destination', { Destination: undefined }, {}],
    ['names our other address', { Destination: DESTINATION.replace('redirect', 'post') }, {}],
    [
      'is nearly five minutes old',
      { IssueInstant: '2030-01-01T08:55:00.000Z' },
      { issueInstantMs: NOW_MS - 300_000 },
    ],
    [
      'is nearly five minutes ahead',
      { IssueInstant: '2030-01-01T09:05:00Z' },
      { issueInstantMs: NOW_MS + 300_000 },
    ],
    ['writes its time with an offset', { IssueInstant: '2030-01-01T11:00:00+02:00' }, {}],
    ['writes its time without a zone, which is UTC', { IssueInstant: '2030-01-01T09:00:00' }, {}],
    ['names no binding', { ProtocolBinding: undefined }, {}],
    ['has an ID of 256 characters', { ID: 'a'.repeat(256) }, { id: 'a'.repeat(256) }],
  ])('is accepted when it %s', async (_does, changed, want) => {
    expect(await read(changed)).toEqual({ ...plain, ...want })
  })

  test('is accepted with what we do not read: NameIDPolicy, extensions, a signature where none is asked for', async () => {
    const more =
      '<samlp:NameIDPolicy AllowCreate="true"/><x:Extra xmlns:x="urn:x" ID="_other">&lt;&#x41;</x:Extra>'
    expect(await readAuthnRequest(sent(anAuthnRequest({}, ISSUER + more)))).toEqual(plain)
  })

  test('may name the address by index only where one is registered', async () => {
    const xml = anAuthnRequest({ AssertionConsumerServiceURL: undefined, AssertionConsumerServiceIndex: '0' })
    const one = { ...WIKI, acs_urls: ['https://wiki.acme.test/acs'] }
    expect(await readAuthnRequest({ ...sent(xml), app: one })).toEqual(plain)
    await expect(readAuthnRequest(sent(xml))).rejects.toThrow(Problem)
  })
})

/** Each is exactly one step away from a request that is accepted. */
const REFUSED_ATTRIBUTES: [why: string, changed: RequestAttributes][] = [
  ['has no ID', { ID: undefined }],
  ['has an ID that is no NCName', { ID: '1abc' }],
  ['has an ID with markup', { ID: '_q&quot;&gt;&lt;script' }],
  ['has an ID with a line feed', { ID: '_q&#10;' }],
  ['has an ID of 257 characters', { ID: 'a'.repeat(257) }],
  ['is of version 1.1', { Version: '1.1' }],
  ['has no version', { Version: undefined }],
  ['is for another address', { Destination: 'https://login.evil.test/' }],
  ['is for an address that starts like ours', { Destination: `${DESTINATION}1` }],
  ['is for nobody', { Destination: '' }],
  ['has no time', { IssueInstant: undefined }],
  ['is too old', { IssueInstant: '2030-01-01T08:54:59Z' }],
  ['is too far ahead', { IssueInstant: '2030-01-01T09:05:01Z' }],
  ['has a time that does not exist', { IssueInstant: '2030-13-01T09:00:00Z' }],
  ['has a time in words', { IssueInstant: 'Jan 1, 2030 09:00:00 UTC' }],
  ['asks neither true nor false', { ForceAuthn: 'yes' }],
  ['asks for nothing at all', { IsPassive: '' }],
  ['wants an artifact', { ProtocolBinding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact' }],
  ['names the address twice', { AssertionConsumerServiceIndex: '0' }],
]

const REFUSED_ACS_URLS = [
  '', 'https://wiki.acme.test/ACS', 'https://wiki.acme.test/acs/', 'https://wiki.acme.test/acs?x', 'https://wiki.acme.test/acs#x',
  'https://wiki.acme.test/acs3', 'https://wiki.acme.test.evil.test/acs', 'https://wiki.acme.test@evil.test/acs',
  'https://evil.test/https://wiki.acme.test/acs', 'http://wiki.acme.test/acs', 'https://wiki.acme.test:443/acs',
  'https://WIKI.acme.test/acs', 'https://wiki.acme.test/x/../acs', 'https://wiki.acme.test/%61cs', '//wiki.acme.test/acs',
  'https:\\\\wiki.acme.test\\acs', 'javascript:alert(1)', 'data:text/html,x', ' https://wiki.acme.test/acs',
  'https://wiki.acme.test/acs&#10;', 'https://wiki.acme.test/acs&#0;', 'https://wiki.acme.test/acs,https://evil.test/',
] // prettier-ignore

const REFUSED_CONTENT: [why: string, content: string][] = [
  ['has no issuer', ''],
  ['has an empty issuer', ISSUER.replace('https://wiki.acme.test/', '')],
  ['is of another issuer', ISSUER.replace('wiki', 'evil')],
  ['has an issuer that starts right', ISSUER.replace('test/<', 'test/x<')],
  ['has two issuers', ISSUER + ISSUER],
  ['has the issuer in another namespace', ISSUER.replace('SAML:2.0:assertion', 'SAML:1.0:assertion')],
  ['has the issuer one level down', `<samlp:Extensions>${ISSUER}</samlp:Extensions>`],
  ['has an element in the issuer', ISSUER.replace('wiki', 'wi<x/>ki')],
  ['has a comment in the issuer', ISSUER.replace('wiki', 'wi<!-- -->ki')],
  ['has a comment behind the issuer', `${ISSUER}<!---->`],
  ['has CDATA', ISSUER.replace('wiki', '<![CDATA[wiki]]>')],
  ['has a processing instruction', `${ISSUER}<?php x ?>`],
  ['has a second XML declaration', `${ISSUER}<?xml version="1.0"?>`],
  ['repeats its ID', `${ISSUER}<x ID="_q1"/>`],
  ['repeats its ID in small letters', `${ISSUER}<x id="_q1"/>`],
  ['repeats its ID as xml:id', `${ISSUER}<x xml:id="_q1"/>`],
  ['repeats an ID among others', `${ISSUER}<x Id="a"/><y><z Id="a"/></y>`],
  ['holds an entity that nobody declared', `${ISSUER}&xxe;`],
  ['holds a bare ampersand', `${ISSUER}a & b`],
  ['holds a reference to no character', `${ISSUER}&#;`],
  ['holds a control character', `${ISSUER}\u0001`],
  ['does not close an element', `${ISSUER}<x>`],
  ['uses a prefix that nobody declared', `${ISSUER}<q:x/>`],
]

const whole = anAuthnRequest()
const REFUSED_DOCUMENTS: [why: string, xml: string | Buffer][] = [
  ['is empty', ''],
  ['is no XML', 'hello'],
  ['is an AuthnRequest of another namespace', whole.replace('SAML:2.0:protocol', 'SAML:1.0:protocol')],
  ['is another message', whole.replaceAll('AuthnRequest', 'LogoutRequest')],
  ['is wrapped in another element', `<x>${whole}</x>`],
  ['has two roots', whole + whole],
  ['has text behind the root', `${whole}x`],
  ['has text before the root', `x${whole}`],
  ['has a comment before the root', `<!-- -->${whole}`],
  ['has a comment behind the root', `${whole}<!-- -->`],
  ['has a DTD', `<!DOCTYPE samlp:AuthnRequest>${whole}`],
  [
    'has a DTD behind its declaration',
    `<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://evil.test/x.dtd">${whole}`,
  ],
  ['reads a file', `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>${whole.replace('wiki', '&e;')}`],
  ['laughs a billion times', billionLaughs()],
  ['names another encoding', `<?xml version="1.0" encoding="UTF-7"?>${whole}`],
  ['is UTF-16', Buffer.from(`\uFEFF${whole}`, 'utf16le')],
  ['is not UTF-8', Buffer.from(whole.replace('</samlp', '\u00ff</samlp'), 'latin1')],
  ['repeats an attribute', whole.replace('ID=', 'ID="_q0" ID=')],
  ['has an attribute without quotes', whole.replace('Version="2.0"', 'Version=2.0')],
  ['is cut off', whole.slice(0, -5)],
]

function billionLaughs(): string {
  const lines = Array.from({ length: 9 }, (_, i) => `<!ENTITY l${i + 1} "${`&l${i};`.repeat(10)}">`)
  return `<!DOCTYPE x [<!ENTITY l0 "lol">${lines.join('')}]>${whole.replace('wiki', '&l9;')}`
}

describe('an AuthnRequest is refused when it', () => {
  test.each(REFUSED_ATTRIBUTES)('%s', (_why, changed) => expectRefused(sent(anAuthnRequest(changed))))
  test.each(REFUSED_CONTENT)('%s', (_why, content) => expectRefused(sent(anAuthnRequest({}, content))))
  test.each(REFUSED_DOCUMENTS)('%s', (_why, xml) => expectRefused(sent(xml)))
  test.each(REFUSED_ACS_URLS)('wants its answer at %j', (url) =>
    expectRefused(sent(anAuthnRequest({ AssertionConsumerServiceURL: url }))),
  )
})

test('an AuthnRequest that is not UTF-8 is refused before it is parsed', async () => {
  const message = Buffer.from(whole.replace('</samlp', '\u00ff</samlp'), 'latin1')
  await expect(readAuthnRequest(sent(message))).rejects.toThrow('The message is not UTF-8')
})

describe('an encoded message is refused when it', () => {
  test.each<[string, AuthnRequestInput['binding'], string]>([
    ['is not base64', 'redirect', '<xml>'],
    ['is base64 with something behind', 'redirect', `${deflated(whole)}!`],
    ['is base64 of a URL', 'redirect', deflated(whole).replace(/.$/, '_')],
    ['is empty', 'redirect', ''],
    ['is padding alone', 'post', '=='],
    ['does not inflate', 'redirect', posted(whole)],
    ['is deflated where it should not be', 'post', deflated(whole)],
  ])('%s', (_why, binding, samlRequest) => expectRefused({ ...sent(''), binding, samlRequest }))
})

/** Heavy ones: name, binding, message. None may cost more than 50 ms or 10 MB. */
const HEAVY: [why: string, binding: AuthnRequestInput['binding'], samlRequest: string][] = [
  ['inflates to 50 MB', 'redirect', deflated(Buffer.alloc(50_000_000, 'a'))],
  [
    'inflates to 50 MB of a request',
    'redirect',
    deflated(whole.replace('</samlp', `${' '.repeat(50_000_000)}</samlp`)),
  ],
  ['is 10 MB of base64', 'post', 'QUFB'.repeat(2_500_000)],
  ['is 10 MB of junk', 'redirect', '%'.repeat(10_000_000)],
  ['is 10 MB of line breaks', 'post', '\n'.repeat(10_000_000)],
  ['is 64 KiB deep', 'post', posted('<a>'.repeat(9000) + '</a>'.repeat(9000))],
  ['is 64 KiB deep and open', 'post', posted('<a>'.repeat(20_000))],
  ['is 64 KiB of empty elements', 'post', posted(anAuthnRequest({}, '<b/>'.repeat(16_000)))],
  [
    'is 64 KiB of attributes',
    'post',
    posted(`<a ${Array.from({ length: 6000 }, (_, i) => `a${i}=""`).join(' ')}/>`),
  ],
  [
    'is 64 KiB of namespaces',
    'post',
    posted(`<a ${Array.from({ length: 3000 }, (_, i) => `xmlns:a${i}="u"`).join(' ')}/>`),
  ],
  ['is 64 KiB of ampersands', 'post', posted(anAuthnRequest({}, '&'.repeat(60_000)))],
  [
    'is 64 KiB of references to no character',
    'post',
    posted(anAuthnRequest({}, `${'&amp;'.repeat(12_000)}&#;`)),
  ],
  ['is 64 KiB of line breaks and no base64', 'post', `${'\n'.repeat(65_000)}!`],
  ['is 64 KiB of one name', 'post', posted(`<${'a'.repeat(60_000)}`)],
  ['is 64 KiB of spaces in a tag', 'post', posted(`<a ${' '.repeat(60_000)}`)],
  ['laughs a billion times', 'post', posted(billionLaughs())],
]

describe('a heavy message is refused soon and without much memory when it', () => {
  test.each(HEAVY)('%s', async (_why, binding, samlRequest) => {
    const input = { ...sent(''), binding, samlRequest }
    await expectRefused(input) // the first run compiles
    const costs: Cost[] = []
    for (let run = 0; run < 5; run++) costs.push(await costOf(() => expectRefused(input)))
    // The best of five: other processes of this machine may disturb one.
    expect(Math.min(...costs.map((c) => c.ms))).toBeLessThan(50)
    expect(Math.min(...costs.map((c) => c.bytes))).toBeLessThan(10_000_000)
  })
})

describe('a RelayState', () => {
  test('passes through untouched up to 1024 bytes, and may be absent', () => {
    const value = '"><script>alert(1)</script>\r\njavascript:'
    expect(acceptRelayState(value)).toBe(value)
    expect(acceptRelayState('\u00e9'.repeat(512))).toHaveLength(512)
    expect(acceptRelayState(undefined)).toBeUndefined()
  })

  test('is refused from 1025 bytes on', () => {
    expect(() => acceptRelayState('x'.repeat(1025))).toThrow(Problem)
    expect(() => acceptRelayState('\u00e9'.repeat(513))).toThrow(Problem)
  })
})

async function expectRefused(input: AuthnRequestInput): Promise<void> {
  const refusal: unknown = await readAuthnRequest(input).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(Problem)
  expect((refusal as Problem).code).toBe('invalid_request')
  // A reason is one of ours and quotes nothing of the message.
  expect(JSON.stringify((refusal as Problem).fields)).toMatch(/^\{"SAMLRequest":"[\w .()-]{10,80}"\}$/)
}

interface Cost {
  ms: number
  bytes: number
}

async function costOf(work: () => Promise<void>): Promise<Cost> {
  const before = process.memoryUsage()
  const start = performance.now()
  await work()
  const ms = performance.now() - start
  const after = process.memoryUsage()
  const bytes = after.heapUsed - before.heapUsed + after.external - before.external
  return { ms, bytes }
}
