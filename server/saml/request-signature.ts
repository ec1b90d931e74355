import { verify, X509Certificate } from 'node:crypto'
import type { Element } from '@xmldom/xmldom'
import { NAMESPACE } from './names.ts'
import { attributeOf, childElements, parseSamlDocument } from './request-document.ts'
import { refusedSaml } from './request-encoding.ts'

/** Certificates (PEM) of a service provider, any of which may have signed: several while it changes its key. */
export type SignerCertificates = readonly string[]

// RSA with SHA-2 only: an algorithm that a message names is looked up here, never followed (SHA-1, HMAC with a public key).
const HASH_OF_ALGORITHM: ReadonlyMap<string, string> = new Map([
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha256', 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#rsa-sha512', 'sha512'],
])
const DIGESTS = ['http://www.w3.org/2001/04/xmlenc#sha256', 'http://www.w3.org/2001/04/xmlenc#sha512']
const EXCLUSIVE_C14N = 'http://www.w3.org/2001/10/xml-exc-c14n#'
const TRANSFORMS = ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', EXCLUSIVE_C14N]

const unsigned = () => refusedSaml('The message is not signed as this app has to sign')

/**
 * Checks the signature of a message in the redirect binding (SAML bindings 3.4.4.1): over the query as it was sent, the
 * parts in fixed order. `query` is raw, because re-encoding it would not give the same bytes.
 */
export function checkQuerySignature(
  query: string,
  name: 'SAMLRequest' | 'SAMLResponse',
  certificates: SignerCertificates,
): void {
  const parts = new Map<string, string>()
  for (const piece of query.split('&')) {
    const key = piece.split('=', 1)[0]!
    if (parts.has(key)) throw refusedSaml('The address names a parameter twice')
    parts.set(key, piece)
  }
  const valueOf = (key: string) =>
    decodeURIComponentSafely(
      parts
        .get(key)
        ?.slice(key.length + 1)
        .replaceAll('+', '%20') ?? '',
    )
  const hash = HASH_OF_ALGORITHM.get(valueOf('SigAlg'))
  const signature = Buffer.from(valueOf('Signature').replaceAll(' ', '+'), 'base64')
  if (hash === undefined || signature.length === 0) throw unsigned()
  const signed = [name, 'RelayState', 'SigAlg'].flatMap((key) => parts.get(key) ?? []).join('&')
  const good = certificates.some((pem) =>
    verify(hash, Buffer.from(signed), new X509Certificate(pem).publicKey, signature),
  )
  if (!good) throw unsigned()
}

function decodeURIComponentSafely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return ''
  }
}

/**
 * Checks the enveloped signature of a posted message (SAML core 5.4) and gives the document that was signed, read again
 * from the signed bytes: what is not covered by the signature is not there any more.
 */
export async function signedDocument(message: string, certificates: SignerCertificates): Promise<Element> {
  const root = parseSamlDocument(message)
  const signatures = childElements(root).filter(isSignature)
  const id = attributeOf(root, 'ID')
  if (signatures.length !== 1 || root.getElementsByTagNameNS(NAMESPACE.ds, 'Signature').length !== 1)
    throw unsigned()
  if (id === undefined || id === '' || !isAsWeAllow(signatures[0]!, id)) throw unsigned()
  // Loaded here: a service provider that signs its posts is rare.
  const [{ SignedXml }, { XMLSerializer }] = await Promise.all([
    import('xml-crypto'),
    import('@xmldom/xmldom'),
  ])
  const signature = new XMLSerializer().serializeToString(signatures[0]!)
  for (const publicCert of certificates) {
    const judge = new SignedXml({ publicCert, getCertFromKeyInfo: () => null })
    const bytes = covered(judge, signature, message)
    if (bytes !== undefined) return signedRoot(bytes, id)
  }
  throw unsigned()
}

interface Judge {
  loadSignature(signature: string): void
  checkSignature(xml: string): boolean
  getSignedReferences(): string[]
}

function covered(judge: Judge, signature: string, message: string): string | undefined {
  try {
    judge.loadSignature(signature)
    if (!judge.checkSignature(message)) return undefined
    const references = judge.getSignedReferences()
    return references.length === 1 ? references[0] : undefined
  } catch {
    return undefined // the library throws for a digest or a key that does not fit, and quotes the message
  }
}

function signedRoot(bytes: string, id: string): Element {
  const root = parseSamlDocument(bytes)
  if (attributeOf(root, 'ID') !== id) throw unsigned()
  return root
}

const isSignature = (element: Element) =>
  element.namespaceURI === NAMESPACE.ds && element.localName === 'Signature'

/** One reference, to the root, with the transforms and algorithms of SAML core 5.4.2 to 5.4.4 and nothing else. */
function isAsWeAllow(signature: Element, rootId: string): boolean {
  const named = (name: string) => Array.from(signature.getElementsByTagNameNS(NAMESPACE.ds, name))
  const algorithms = (name: string) => named(name).map((element) => attributeOf(element, 'Algorithm') ?? '')
  const [reference, ...more] = named('Reference')
  const transforms = algorithms('Transform')
  return (
    reference !== undefined &&
    more.length === 0 &&
    attributeOf(reference, 'URI') === `#${rootId}` &&
    named('Object').length === 0 &&
    algorithms('SignatureMethod').every((one) => HASH_OF_ALGORITHM.has(one)) &&
    algorithms('CanonicalizationMethod').every((one) => one === EXCLUSIVE_C14N) &&
    algorithms('DigestMethod').every((one) => DIGESTS.includes(one)) &&
    transforms.length <= TRANSFORMS.length &&
    transforms.every((one, at) => one === TRANSFORMS[at])
  )
}
