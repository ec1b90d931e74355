import type { Element } from '@xmldom/xmldom'
import { MINUTE } from '../platform/clock.ts'
import { NAMESPACE } from './names.ts'
import { attributeOf, onlyTextChild, parseSamlDocument } from './request-document.ts'
import { decodeSamlMessage, refusedSaml, type RequestBinding } from './request-encoding.ts'
import { checkQuerySignature, signedDocument, type SignerCertificates } from './request-signature.ts'

/** How a message came and what it has to fit. */
export interface RequestInput {
  binding: RequestBinding
  samlRequest: string
  /** The query as it was sent, for its signature; empty in the post binding. */
  rawQuery: string
  app: { entity_id: string; request_certificates: SignerCertificates }
  /** Our own addresses that the message may have been sent to. */
  destination: readonly string[]
  nowMs: number
}

/** What every request of a service provider has (SAML core 3.2.1). */
export interface RequestHeading {
  id: string
  /** When the service provider says it asked, ms. */
  issueInstantMs: number
}

const CLOCK_DIFFERENCE_MS = 5 * MINUTE

/**
 * Reads a request and checks what all have in common. An app with certificates must sign: then only what the signature
 * covers is read.
 *
 * Refuses with `invalid_request` and a reason that quotes nothing of the message.
 */
export async function readRequest(
  name: 'AuthnRequest' | 'LogoutRequest',
  input: RequestInput,
): Promise<{ root: Element; heading: RequestHeading }> {
  const root = await documentOf(input)
  if (root.localName !== name || root.namespaceURI !== NAMESPACE.samlp)
    throw refusedSaml(`The message is not ${name === 'AuthnRequest' ? 'an' : 'a'} ${name}`)
  if (attributeOf(root, 'Version') !== '2.0') throw refusedSaml('The version is not 2.0')
  checkDestination(attributeOf(root, 'Destination'), input)
  const issueInstantMs = checkedIssueInstant(attributeOf(root, 'IssueInstant'), input.nowMs)
  if (onlyTextChild(root, NAMESPACE.saml, 'Issuer') !== input.app.entity_id)
    throw refusedSaml('The issuer is not the service provider of this app')
  return { root, heading: { id: requestId(attributeOf(root, 'ID')), issueInstantMs } }
}

async function documentOf({ binding, samlRequest, rawQuery, app }: RequestInput): Promise<Element> {
  const message = decodeSamlMessage(samlRequest, binding)
  if (app.request_certificates.length === 0) return parseSamlDocument(message)
  if (binding === 'post') return signedDocument(message, app.request_certificates)
  checkQuerySignature(rawQuery, 'SAMLRequest', app.request_certificates)
  return parseSamlDocument(message)
}

/** The ID comes back as InResponseTo, which must be an NCName; 256 characters are room for every known maker. */
function requestId(id: string | undefined): string {
  if (id === undefined || !/^[A-Za-z_][\w.-]{0,255}$/.test(id)) throw refusedSaml('The ID is not usable')
  return id
}

/** SAML bindings 3.4.5.2 and 3.5.5.2: a signed message must say where it was sent to. */
function checkDestination(destination: string | undefined, { destination: ours, app }: RequestInput): void {
  if (destination === undefined && app.request_certificates.length === 0) return
  if (destination === undefined || !ours.includes(destination))
    throw refusedSaml('The Destination is not this address')
}

function checkedIssueInstant(instant: string | undefined, nowMs: number): number {
  const issuedMs = samlTime(instant)
  // Written so that a time which does not exist (NaN) is refused too.
  if (!(Math.abs(nowMs - issuedMs) <= CLOCK_DIFFERENCE_MS))
    throw refusedSaml('The IssueInstant is too far from now')
  return issuedMs
}

/** An xs:dateTime as ms; NaN for anything else. SAML core 1.3.3: times are UTC, also where the zone is left out. */
export function samlTime(text: string | undefined): number {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/.exec(text ?? '')
  if (!form) return NaN
  return Date.parse(form[2] === undefined ? `${form[0]}Z` : form[0])
}
