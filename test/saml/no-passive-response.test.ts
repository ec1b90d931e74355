import { DOMParser } from '@xmldom/xmldom'
import { ExclusiveCanonicalization } from 'xml-crypto'
import { describe, expect, test } from 'vitest'
import { signNoPassive } from '../../server/saml/no-passive-response.ts'
import { verify } from '../support/xmlsec.ts'
import { aResponse, testKey } from './examples.ts'
import { schemaErrors } from './schema.ts'

const xml = signNoPassive(aResponse({ inResponseTo: '_q1' }), testKey)
const root = new DOMParser().parseFromString(xml, 'text/xml').documentElement!

describe('the answer to a passive request that would need a page', () => {
  test('says NoPassive to the request, and nothing of the person', () => {
    const codes = Array.from(root.getElementsByTagName('samlp:StatusCode')).map((c) =>
      c.getAttribute('Value'),
    )
    expect(codes.map((code) => code?.split(':').at(-1))).toEqual(['Responder', 'NoPassive'])
    expect(root.getAttribute('InResponseTo')).toBe('_q1')
    expect(xml).not.toContain('sally')
  })

  test('carries a signature that xmlsec1 accepts, and no assertion', async () => {
    expect(await verify(xml, testKey.certificatePem)).toEqual({ assertion: false, response: true })
  })

  test('fits the SAML schema and is its own canonical form', () => {
    expect(schemaErrors(xml, 'protocol')).toBe('')
    expect(new ExclusiveCanonicalization().process(root as any, {})).toBe(xml)
  })
})
