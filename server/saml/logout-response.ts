import { sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { isoTime } from '../platform/clock.ts'
import { NAMESPACE } from './names.ts'
import type { SigningKey } from './signing-key.ts'
import { element, text } from './xml.ts'

const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:'
const RSA_SHA256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256'

export interface LogoutResponseInput {
  responseId: string
  issueInstantMs: number
  issuer: string
  /** The service provider's single logout address. */
  destination: string
  inResponseTo: string
  /** `unknown_principal`: the request was about somebody who is not signed in here. */
  outcome: 'success' | 'unknown_principal'
  relayState: string | undefined
}

/** The address that carries a LogoutResponse back, signed as SAML bindings 3.4.4.1 wants it. */
export function logoutResponseUrl(input: LogoutResponseInput, key: SigningKey): string {
  const deflated = deflateRawSync(logoutResponseXml(input)).toString('base64')
  const query = [
    ['SAMLResponse', deflated],
    ...(input.relayState === undefined ? [] : [['RelayState', input.relayState]]),
    ['SigAlg', RSA_SHA256],
  ]
  const signed = query.map(([name, value]) => `${name}=${encodeURIComponent(value!)}`).join('&')
  const signature = encodeURIComponent(sign('sha256', Buffer.from(signed), key.privateKey).toString('base64'))
  return `${input.destination}${input.destination.includes('?') ? '&' : '?'}${signed}&Signature=${signature}`
}

function logoutResponseXml(input: LogoutResponseInput): string {
  const code =
    input.outcome === 'success'
      ? element('samlp:StatusCode', { Value: `${STATUS}Success` })
      : element(
          'samlp:StatusCode',
          { Value: `${STATUS}Requester` },
          element('samlp:StatusCode', { Value: `${STATUS}UnknownPrincipal` }),
        )
  return element(
    'samlp:LogoutResponse',
    {
      'xmlns:samlp': NAMESPACE.samlp,
      ID: input.responseId,
      IssueInstant: isoTime(input.issueInstantMs),
      Version: '2.0',
      Destination: input.destination,
      InResponseTo: input.inResponseTo,
    },
    element('saml:Issuer', { 'xmlns:saml': NAMESPACE.saml }, text(input.issuer)),
    element('samlp:Status', {}, code),
  )
}
