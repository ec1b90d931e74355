import { sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { systemRandom } from '../../server/platform/random.ts'
import { generateSigningKey, privateKeyPem } from '../../server/saml/signing-key.ts'
import { signByXmlsec } from '../support/xmlsec.ts'
import { NOW_MS } from './examples.ts'

const keyNamed = async (commonName: string) => {
  const key = await generateSigningKey({ commonName, nowMs: NOW_MS, random: systemRandom })
  return { ...key, privateKeyPem: privateKeyPem(key) }
}

/** The wiki's own key, and one of somebody who would like to be the wiki. */
export const wikiKey = await keyNamed('wiki.acme.test')
export const strangerKey = await keyNamed('wiki.acme.test')
export type RequestKey = typeof wikiKey

export const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
export const RSA_SHA1 = 'http://www.w3.org/2000/09/xmldsig#rsa-sha1'

/** The query of a signed message in the redirect binding, as a service provider writes it (SAML bindings 3.4.4.1). */
export function signedQuery(
  xml: string,
  {
    key = wikiKey,
    relayState,
    algorithm = RSA_SHA256,
    hash = 'sha256',
  }: {
    key?: RequestKey
    relayState?: string
    algorithm?: string
    hash?: string
  } = {},
): string {
  const parts = [`SAMLRequest=${encodeURIComponent(deflateRawSync(xml).toString('base64'))}`]
  if (relayState !== undefined) parts.push(`RelayState=${encodeURIComponent(relayState)}`)
  parts.push(`SigAlg=${encodeURIComponent(algorithm)}`)
  const signed = parts.join('&')
  const signature = sign(hash, Buffer.from(signed), key.privateKey).toString('base64')
  return `${signed}&Signature=${encodeURIComponent(signature)}`
}

/** A ds:Signature that xmlsec1 fills in. */
export const signatureTemplate = (
  id: string,
  { algorithm = RSA_SHA256, digest = 'http://www.w3.org/2001/04/xmlenc#sha256' } = {},
) =>
  `<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/><ds:SignatureMethod Algorithm="${algorithm}"/><ds:Reference URI="#${id}"><ds:Transforms><ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/><ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms><ds:DigestMethod Algorithm="${digest}"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/></ds:Signature>`

/** A message with the signature that xmlsec1 makes of it, behind the issuer where SAML wants it. */
export const signedPost = async (
  xml: string,
  id: string,
  key: RequestKey = wikiKey,
  form = {},
): Promise<string> =>
  (
    await signByXmlsec(xml.replace('</saml:Issuer>', `</saml:Issuer>${signatureTemplate(id, form)}`), {
      privateKeyPem: key.privateKeyPem,
      root: 'AuthnRequest',
    })
  ).replace(/^<\?xml[^>]*\?>\s*/, '')
