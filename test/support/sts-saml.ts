import { X509Certificate } from 'node:crypto'
import { DOMParser, type Element } from '@xmldom/xmldom'
import { verify } from './xmlsec.ts'

/** A refusal as AWS STS words it. */
export class StsError extends Error {
  readonly code: string
  readonly status: number
  constructor(code: string, message: string, status = 400) {
    super(message)
    this.code = code
    this.status = status
  }
}

/** What AWS reads from a Response whose signatures are good. */
export interface Claims {
  issuer: string
  nameId: string | undefined
  nameIdFormat: string
  recipient: string
  audiences: string[]
  issueInstantMs: number
  notBeforeMs: number
  notOnOrAfterMs: number
  sessionNotOnOrAfterMs: number | undefined
  /** Values by name, without the common prefix. */
  attributes: Map<string, string[]>
}

const SAML = 'urn:oasis:names:tc:SAML:2.0:assertion'
const SAMLP = 'urn:oasis:names:tc:SAML:2.0:protocol'
const DS = 'http://www.w3.org/2000/09/xmldsig#'
const MD = 'urn:oasis:names:tc:SAML:2.0:metadata'
const PREFIX = 'https://aws.amazon.com/SAML/Attributes/'
const ALLOWED_ALGORITHMS = new Set([
  'http://www.w3.org/2001/10/xml-exc-c14n#',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
  'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  'http://www.w3.org/2001/04/xmlenc#sha256',
])

const invalid = (message: string) => new StsError('InvalidIdentityToken', message)
const all = (root: Element, namespace: string, name: string) =>
  Array.from(root.getElementsByTagNameNS(namespace, name))
const children = (parent: Element, namespace: string, name: string) =>
  all(parent, namespace, name).filter((element) => element.parentNode === parent)

function parse(xml: string): Element {
  if (/<!DOCTYPE/i.test(xml)) throw invalid('Invalid SAML response')
  try {
    const onError = (level: string, message: string) => {
      if (level !== 'warning') throw new Error(message)
    }
    return new DOMParser({ onError }).parseFromString(xml, 'text/xml').documentElement!
  } catch {
    throw invalid('Invalid SAML response')
  }
}

/** The certificates that metadata publishes for signing, as IAM reads them. Throws when IAM would not take the file. */
export function certificatesFromMetadata(xml: string, entityId: string): string[] {
  if (xml.startsWith('\uFEFF')) throw new Error('IAM takes no byte order mark')
  const root = parse(xml)
  if (root.localName !== 'EntityDescriptor' || root.getAttribute('entityID') !== entityId) {
    throw new Error(`The metadata is not of ${entityId}`)
  }
  const keys = all(root, MD, 'KeyDescriptor').filter(
    (k) => (k.getAttribute('use') ?? 'signing') === 'signing',
  )
  const certificates = keys.flatMap((key) => all(key, DS, 'X509Certificate'))
  if (certificates.length < 1 || certificates.length > 10) throw new Error('IAM takes 1 to 10 signing keys')
  return certificates.map((c) => new X509Certificate(Buffer.from(c.textContent ?? '', 'base64')).toString())
}

/** Decodes and parses what was sent as SAMLAssertion, which is the base64 of a whole Response. */
export function decodeResponse(samlAssertion: string): { xml: string; root: Element } {
  if (
    samlAssertion.length < 4 ||
    samlAssertion.length > 100_000 ||
    !/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(samlAssertion)
  ) {
    throw invalid('Invalid base64 SAMLResponse')
  }
  const xml = Buffer.from(samlAssertion, 'base64').toString('utf8')
  const root = parse(xml)
  if (root.localName !== 'Response' || root.namespaceURI !== SAMLP) throw invalid('Invalid SAML response')
  return { xml, root }
}

/** Checks both signatures with xmlsec1 and that they cover what is about to be read. */
export async function checkSignatures(xml: string, root: Element, certificates: string[]): Promise<Element> {
  const [samlAssertion, ...more] = all(root, SAML, 'Assertion')
  if (samlAssertion?.parentNode !== root || more.length > 0) throw invalid('Response signature invalid')
  const signatures = [root, samlAssertion].filter(coveredBySignature)
  if (all(root, DS, 'Signature').length !== signatures.length || !coveredBySignature(samlAssertion)) {
    throw invalid('Response signature invalid')
  }
  for (const certificate of certificates) {
    const verdict = await verify(xml, certificate)
    if (verdict.assertion && (verdict.response || signatures.length === 1)) return samlAssertion
  }
  throw invalid('Response signature invalid')
}

/** Whether the element carries exactly one signature, over itself, by algorithms that are allowed. */
function coveredBySignature(element: Element): boolean {
  const [signature, ...more] = children(element, DS, 'Signature')
  if (!signature || more.length > 0) return false
  const references = all(signature, DS, 'Reference')
  const algorithms = Array.from(signature.getElementsByTagName('*')).map((e) => e.getAttribute('Algorithm'))
  return (
    references.length === 1 &&
    references[0]!.getAttribute('URI') === `#${element.getAttribute('ID') ?? ''}` &&
    algorithms.every((algorithm) => algorithm === null || ALLOWED_ALGORITHMS.has(algorithm))
  )
}

/** Reads the claims. Refuses a Response that reports a failure of the identity provider. */
export function readClaims(root: Element, samlAssertion: Element): Claims {
  const [status] = all(root, SAMLP, 'StatusCode')
  if (status?.getAttribute('Value') !== 'urn:oasis:names:tc:SAML:2.0:status:Success') {
    throw new StsError('IDPRejectedClaim', 'The identity provider reported a failure', 403)
  }
  const [confirmation, ...more] = all(samlAssertion, SAML, 'SubjectConfirmationData')
  const conditions = one(samlAssertion, 'Conditions')
  if (!confirmation || more.length > 0) throw invalid('Response needs exactly one SubjectConfirmation')
  const end = one(samlAssertion, 'AuthnStatement').getAttribute('SessionNotOnOrAfter')
  const nameId = all(samlAssertion, SAML, 'NameID')[0]
  return {
    issuer: children(samlAssertion, SAML, 'Issuer')[0]?.textContent ?? '',
    nameId: nameId?.textContent ?? undefined,
    nameIdFormat: nameId?.getAttribute('Format') ?? '',
    recipient: confirmation.getAttribute('Recipient') ?? '',
    audiences: all(conditions, SAML, 'Audience').map((a) => a.textContent ?? ''),
    issueInstantMs: time(samlAssertion.getAttribute('IssueInstant')),
    notBeforeMs: time(conditions.getAttribute('NotBefore')),
    notOnOrAfterMs: Math.min(
      time(conditions.getAttribute('NotOnOrAfter')),
      time(confirmation.getAttribute('NotOnOrAfter')),
    ),
    sessionNotOnOrAfterMs: end ? time(end) : undefined,
    attributes: readAttributes(samlAssertion),
  }
}

function one(parent: Element, name: string): Element {
  const found = all(parent, SAML, name)
  if (found.length !== 1) throw invalid(`Response needs exactly one ${name}`)
  return found[0]!
}

function time(value: string | null): number {
  const ms = Date.parse(value ?? '')
  if (Number.isNaN(ms)) throw invalid('Response lacks a time')
  return ms
}

function readAttributes(samlAssertion: Element): Map<string, string[]> {
  const attributes = new Map<string, string[]>()
  for (const attribute of all(samlAssertion, SAML, 'Attribute')) {
    const name = attribute.getAttribute('Name') ?? ''
    if (!name.startsWith(PREFIX)) continue
    if (attributes.has(name.slice(PREFIX.length))) throw invalid(`Response repeats ${name}`)
    const values = children(attribute, SAML, 'AttributeValue').map((v) => v.textContent ?? '')
    attributes.set(name.slice(PREFIX.length), values)
  }
  return attributes
}
