import { DOMParser } from '@xmldom/xmldom'
import { ExclusiveCanonicalization } from 'xml-crypto'
import { describe, expect, test } from 'vitest'
import { systemRandom } from '../../server/platform/random.ts'
import { metadataXml } from '../../server/saml/metadata.ts'
import { generateSigningKey } from '../../server/saml/signing-key.ts'
import { NOW_MS, testKey } from './examples.ts'
import { schemaErrors } from './schema.ts'

const nextKey = await generateSigningKey({ commonName: 'Next', nowMs: NOW_MS, random: systemRandom })
const input = {
  entityId: 'https://login.acme.test/saml/metadata/500',
  ssoRedirectUrl: 'https://login.acme.test/trust/saml2/http-redirect/sso/500?a=1&b="2"',
  ssoPostUrl: 'https://login.acme.test/trust/saml2/http-post/sso/500',
  wantsSignedRequests: false,
  signingKeys: [testKey, nextKey],
}
const sloRedirectUrl = 'https://login.acme.test/trust/saml2/http-redirect/slo/500'
const parse = (xml: string) => new DOMParser().parseFromString(xml, 'text/xml').documentElement!
const attributes = (xml: string, tag: string, name: string) =>
  Array.from(parse(xml).getElementsByTagName(tag)).map((e) => e.getAttribute(name))

describe('the metadata of an app', () => {
  test.each([
    ['without logout', input],
    ['with logout', { ...input, sloRedirectUrl }],
  ])('fits the SAML schema %s', (_which, given) => {
    expect(schemaErrors(metadataXml(given), 'metadata')).toBe('')
  })

  test('names the entity and says that AuthnRequests need no signature', () => {
    const root = parse(metadataXml(input))
    expect(root.getAttribute('entityID')).toBe(input.entityId)
    expect(attributes(metadataXml(input), 'md:IDPSSODescriptor', 'WantAuthnRequestsSigned')).toEqual([
      'false',
    ])
  })

  test('publishes the active key and then the next one, for signing', () => {
    const xml = metadataXml(input)
    const certificates = Array.from(parse(xml).getElementsByTagName('ds:X509Certificate'))
    expect(certificates.map((c) => c.textContent)).toEqual([
      testKey.certificateDerBase64,
      nextKey.certificateDerBase64,
    ])
    expect(attributes(xml, 'md:KeyDescriptor', 'use')).toEqual(['signing', 'signing'])
  })

  test('offers sign-on by redirect and by post', () => {
    expect(attributes(metadataXml(input), 'md:SingleSignOnService', 'Location')).toEqual([
      input.ssoRedirectUrl,
      input.ssoPostUrl,
    ])
  })

  test('offers logout only when there is an address for it', () => {
    expect(attributes(metadataXml(input), 'md:SingleLogoutService', 'Location')).toEqual([])
    const withLogout = metadataXml({ ...input, sloRedirectUrl })
    expect(attributes(withLogout, 'md:SingleLogoutService', 'Location')).toEqual([sloRedirectUrl])
  })

  test('is UTF-8 without a byte order mark and canonical below its declaration', () => {
    const [declaration, root] = metadataXml(input).split('\n')
    expect(declaration).toBe('<?xml version="1.0" encoding="UTF-8"?>')
    expect(new ExclusiveCanonicalization().process(parse(root!) as any, {})).toBe(root)
  })
})
