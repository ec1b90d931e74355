import { writeFileSync } from 'node:fs'
import { DOMParser } from '@xmldom/xmldom'
import { ExclusiveCanonicalization, SignedXml } from 'xml-crypto'
import { describe, expect, test } from 'vitest'
import { Problem } from '../../server/errors.ts'
import { HOUR } from '../../server/platform/clock.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { awsStatement } from '../../server/saml/aws-attributes.ts'
import { AUTHN_CONTEXT } from '../../server/saml/names.ts'
import { signResponse, type SamlResponseInput } from '../../server/saml/response.ts'
import { generateSigningKey } from '../../server/saml/signing-key.ts'
import { verify } from '../support/xmlsec.ts'
import { anAwsApp } from './aws-examples.ts'
import { aResponse, golden, NOW_MS, testKey } from './examples.ts'
import { schemaErrors } from './schema.ts'

const aws = awsStatement({ id: 7, email: 'sally@acme.test' }, anAwsApp(), [10, 11])

const GOLDENS: [file: string, input: SamlResponseInput][] = [
  ['response-idp-initiated.xml', aResponse()],
  [
    'response-sp-initiated.xml',
    aResponse({
      inResponseTo: '_q1',
      sessionNotOnOrAfterMs: NOW_MS + 10 * HOUR,
      authnContextClassRef: AUTHN_CONTEXT.timeSyncToken,
      attributes: [
        { name: 'groups', values: ['Staff', 'R&D <"x">'] },
        { name: 'nothing', values: [] },
      ],
    }),
  ],
  ['response-bare.xml', aResponse({ attributes: [] })],
  ['response-aws.xml', aResponse({ issuer: 'https://login.acme.test/saml/metadata/500', ...aws })],
]

describe.each(GOLDENS)('a Response as in %s', (file, input) => {
  const xml = signResponse(input, testKey)

  test('is byte for byte the golden file', () => {
    if (process.env.UPDATE_GOLDEN) writeFileSync(new URL(`../golden/${file}`, import.meta.url), xml)
    expect(xml).toBe(golden(file))
  })

  test('carries two signatures that xmlsec1 accepts', async () => {
    expect(await verify(xml, testKey.certificatePem)).toEqual({ assertion: true, response: true })
  })

  test('carries two signatures that xml-crypto accepts', () => {
    const root = parse(xml)
    expect(signaturesIn(root).map((s) => checkWithXmlCrypto(xml, s))).toEqual([true, true])
  })

  test('is its own exclusive canonical form', () => {
    const canonical = new ExclusiveCanonicalization().process(parse(xml) as any, {})
    expect(canonical).toBe(xml)
  })

  test('has an assertion that is its own exclusive canonical form when it stands alone', () => {
    const assertion = xml.slice(xml.indexOf('<saml:Assertion'), xml.indexOf('</samlp:Response>'))
    const node = parse(xml).getElementsByTagName('saml:Assertion')[0]
    expect(new ExclusiveCanonicalization().process(node as any, {})).toBe(assertion)
  })

  test('fits the SAML schema', () => {
    expect(schemaErrors(xml, 'protocol')).toBe('')
  })
})

const CHANGES: [what: string, from: string, to: string, left: { assertion: boolean; response: boolean }][] = [
  ['the NameID', '>sally@acme.test</saml:NameID>', '>sammy@acme.test</saml:NameID>', neither()],
  [
    'an attribute value',
    '>sally@acme.test</saml:AttributeValue>',
    '>root@acme.test</saml:AttributeValue>',
    neither(),
  ],
  ['the audience', '<saml:Audience>https', '<saml:Audience>http', neither()],
  [
    'the end of the conditions',
    'NotOnOrAfter="2030-01-01T09:05',
    'NotOnOrAfter="2030-01-01T19:05',
    neither(),
  ],
  [
    'an element inside of the NameID',
    '>sally@acme.test</saml:NameID>',
    '>sally<x/>@acme.test</saml:NameID>',
    neither(),
  ],
  ['the Destination', 'Destination="https', 'Destination="http', { assertion: true, response: false }],
  ['the status', 'status:Success', 'status:Responder', { assertion: true, response: false }],
]

function neither() {
  return { assertion: false, response: false }
}

describe('a signed Response', () => {
  test.each(CHANGES)('is refused by xmlsec1 once somebody changes: %s', async (_what, from, to, left) => {
    const xml = signResponse(aResponse(), testKey)
    expect(xml).toContain(from)
    expect(await verify(xml.replace(from, to), testKey.certificatePem)).toEqual(left)
  })

  test('is refused under another certificate, though it carries its own', async () => {
    const other = await generateSigningKey({ commonName: 'Other', nowMs: NOW_MS, random: systemRandom })
    const xml = signResponse(aResponse(), other)
    expect(await verify(xml, other.certificatePem)).toEqual({ assertion: true, response: true })
    expect(await verify(xml, testKey.certificatePem)).toEqual(neither())
  })

  test('holds no comment, no CDATA and no processing instruction', () => {
    const xml = signResponse(
      aResponse({ nameId: { value: '<!-- x --><?y?><![CDATA[z]]>', format: 'f' } }),
      testKey,
    )
    expect(xml).not.toMatch(/<[!?]/)
  })

  test('is not made for a person without a name', () => {
    expect(() => signResponse(aResponse({ nameId: { value: ' ', format: 'f' } }), testKey)).toThrow(Problem)
  })
})

function parse(xml: string) {
  return new DOMParser().parseFromString(xml, 'text/xml').documentElement!
}

function signaturesIn(root: ReturnType<typeof parse>) {
  return Array.from(root.getElementsByTagName('ds:Signature'))
}

function checkWithXmlCrypto(xml: string, signature: ReturnType<typeof parse>): boolean {
  const judge = new SignedXml({ publicCert: testKey.certificatePem, getCertFromKeyInfo: () => null })
  judge.loadSignature(signature as any)
  // xml-crypto removes the first Signature child itself; it is given the element that it judges.
  return judge.checkSignature(xml)
}
