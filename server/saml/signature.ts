import { hash, sign } from 'node:crypto'
import { keptByObject } from '../platform/kept.ts'
import { NAMESPACE } from './names.ts'
import type { SigningKey } from './signing-key.ts'
import { element, text, type Xml, type XmlAttributes } from './xml.ts'

const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const ENVELOPED = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature'
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'
const SHA256 = 'http://www.w3.org/2001/04/xmlenc#sha256'

/**
 * An element with its enveloped signature after the issuer, where the SAML schema wants it.
 *
 * What we write is its own canonical form: the bytes without the signature are the bytes that the transforms would
 * give, so no canonicaliser has to run. `issuer` and `rest` must declare no namespace that their parent declares.
 */
export function signedElement(
  name: string,
  attributes: XmlAttributes & { readonly ID: string },
  content: { issuer: Xml; rest: Xml },
  key: SigningKey,
): Xml {
  const unsigned = element(name, attributes, content.issuer, content.rest)
  const signature = envelopedSignature(attributes.ID, unsigned, key)
  return element(name, attributes, content.issuer, signature, content.rest)
}

function envelopedSignature(id: string, signed: Xml, key: SigningKey): Xml {
  const children = signedInfoChildren(id, hash('sha256', signed, 'base64'))
  // As a document of its own, SignedInfo has to declare the prefix that it inherits inside of Signature.
  const canonical = element('ds:SignedInfo', { 'xmlns:ds': NAMESPACE.ds }, ...children)
  // Synchronous on purpose: an asynchronous signature would wait in the thread pool behind password hashes.
  const value = sign('sha256', Buffer.from(canonical), key.privateKey).toString('base64')
  return element(
    'ds:Signature',
    { 'xmlns:ds': NAMESPACE.ds },
    element('ds:SignedInfo', {}, ...children),
    element('ds:SignatureValue', {}, text(value)),
    keyInfo(key),
  )
}

const keyInfo = keptByObject(({ certificateDerBase64 }: SigningKey) => {
  const certificate = element('ds:X509Certificate', {}, text(certificateDerBase64))
  return element('ds:KeyInfo', {}, element('ds:X509Data', {}, certificate))
})

const algorithm = (name: string, uri: string) => element(`ds:${name}`, { Algorithm: uri })
const ALGORITHMS = [
  algorithm('CanonicalizationMethod', EXCLUSIVE_C14N),
  algorithm('SignatureMethod', RSA_SHA256),
]
const TRANSFORMS = element(
  'ds:Transforms',
  {},
  algorithm('Transform', ENVELOPED),
  algorithm('Transform', EXCLUSIVE_C14N),
)
const DIGEST_METHOD = algorithm('DigestMethod', SHA256)

function signedInfoChildren(id: string, digest: string): readonly Xml[] {
  const digestValue = element('ds:DigestValue', {}, text(digest))
  return [...ALGORITHMS, element('ds:Reference', { URI: `#${id}` }, TRANSFORMS, DIGEST_METHOD, digestValue)]
}
