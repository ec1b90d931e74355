import type { Element } from '@xmldom/xmldom'
import { MINUTE } from '../platform/clock.ts'
import type { SamlAppConfig } from './app-config.ts'
import { BINDING, NAMESPACE } from './names.ts'
import { attributeOf, onlyTextChild, parseSamlDocument } from './request-document.ts'
import { decodeSamlMessage, refusedSaml, type RequestBinding } from './request-encoding.ts'

/** What a service provider asks for. `acsUrl` is one of the registered addresses, whatever the message says. */
export interface AuthnRequest {
  id: string
  /** When the service provider says it asked, ms. */
  issueInstantMs: number
  acsUrl: string
  /** The person must sign in again, even with a browser session. */
  forceAuthn: boolean
  /** The person must not be shown a page. */
  isPassive: boolean
}

/** How a request came and what it has to fit. */
export interface AuthnRequestInput {
  binding: RequestBinding
  samlRequest: string
  app: Pick<SamlAppConfig, 'entity_id' | 'acs_urls'>
  /** Our own addresses that the message may have been sent to. */
  destination: readonly string[]
  nowMs: number
}

const CLOCK_DIFFERENCE_MS = 5 * MINUTE

/**
 * Reads and checks an AuthnRequest. Its signature is not asked for: all it can do is choose among registered values.
 *
 * Refuses with `invalid_request` and a reason that quotes nothing of the message.
 */
export function readAuthnRequest(input: AuthnRequestInput): AuthnRequest {
  const root = parseSamlDocument(decodeSamlMessage(input.samlRequest, input.binding))
  if (root.localName !== 'AuthnRequest' || root.namespaceURI !== NAMESPACE.samlp) {
    throw refusedSaml('The message is not an AuthnRequest')
  }
  if (attributeOf(root, 'Version') !== '2.0') throw refusedSaml('The version is not 2.0')
  checkDestination(attributeOf(root, 'Destination'), input.destination)
  const issueInstantMs = checkedIssueInstant(attributeOf(root, 'IssueInstant'), input.nowMs)
  if (onlyTextChild(root, NAMESPACE.saml, 'Issuer') !== input.app.entity_id) {
    throw refusedSaml('The issuer is not the service provider of this app')
  }
  return {
    id: requestId(attributeOf(root, 'ID')),
    issueInstantMs,
    acsUrl: chooseAcsUrl(root, input.app.acs_urls),
    forceAuthn: readBoolean(root, 'ForceAuthn'),
    isPassive: readBoolean(root, 'IsPassive'),
  }
}

/** The ID comes back as InResponseTo, which must be an NCName; 256 characters are room for every known maker. */
function requestId(id: string | undefined): string {
  if (id === undefined || !/^[A-Za-z_][\w.-]{0,255}$/.test(id)) throw refusedSaml('The ID is not usable')
  return id
}

function checkDestination(destination: string | undefined, ours: readonly string[]): void {
  if (destination !== undefined && !ours.includes(destination))
    throw refusedSaml('The Destination is not this address')
}

function checkedIssueInstant(instant: string | undefined, nowMs: number): number {
  const form = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)?$/.exec(instant ?? '')
  if (!form) throw refusedSaml('The IssueInstant is not a time')
  // SAML core 1.3.3: times are UTC, also where the zone is left out.
  const issuedMs = Date.parse(form[2] === undefined ? `${form[0]}Z` : form[0])
  // Written so that a time which does not exist (NaN) is refused too.
  if (!(Math.abs(nowMs - issuedMs) <= CLOCK_DIFFERENCE_MS))
    throw refusedSaml('The IssueInstant is too far from now')
  return issuedMs
}

function chooseAcsUrl(root: Element, registered: readonly string[]): string {
  const url = attributeOf(root, 'AssertionConsumerServiceURL')
  const index = attributeOf(root, 'AssertionConsumerServiceIndex')
  if ((attributeOf(root, 'ProtocolBinding') ?? BINDING.post) !== BINDING.post) {
    throw refusedSaml('The answer can be sent by HTTP-POST only')
  }
  // An index counts in metadata that we have not read; it is clear only where there is one address.
  if (index !== undefined && (url !== undefined || registered.length > 1)) {
    throw refusedSaml('The AssertionConsumerServiceIndex cannot be used here')
  }
  const chosen = url === undefined ? registered[0] : registered.find((one) => one === url)
  if (chosen === undefined) throw refusedSaml('The AssertionConsumerServiceURL is not registered')
  return chosen
}

function readBoolean(root: Element, name: string): boolean {
  const value = attributeOf(root, name) ?? 'false'
  if (!/^(true|false|0|1)$/.test(value)) throw refusedSaml(`${name} is neither true nor false`)
  return value === 'true' || value === '1'
}
