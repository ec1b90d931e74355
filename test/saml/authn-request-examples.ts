import { deflateRawSync } from 'node:zlib'
import type { AuthnRequestInput } from '../../server/saml/authn-request.ts'
import { NOW_MS } from './examples.ts'

/** The wiki as it stands in the directory, and where it sends its requests. */
export const WIKI = {
  entity_id: 'https://wiki.acme.test/',
  acs_urls: ['https://wiki.acme.test/acs', 'https://wiki.acme.test/acs2'],
  request_certificates: [] as string[],
}
export const DESTINATION = 'https://login.acme.test/trust/saml2/http-redirect/sso/501'

const PROTOCOL = 'xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
export const ISSUER =
  '<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://wiki.acme.test/</saml:Issuer>'

/** The attributes of an ordinary request; `undefined` leaves one out. */
export type RequestAttributes = Record<string, string | undefined>

/** An AuthnRequest as a service provider writes it. */
export function anAuthnRequest(changed: RequestAttributes = {}, content: string = ISSUER): string {
  const attributes: RequestAttributes = {
    ID: '_q1',
    Version: '2.0',
    IssueInstant: '2030-01-01T09:00:00Z',
    Destination: DESTINATION,
    AssertionConsumerServiceURL: WIKI.acs_urls[0],
    ProtocolBinding: 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST',
    ...changed,
  }
  const written = Object.entries(attributes).map(([name, value]) =>
    value === undefined ? '' : ` ${name}="${value}"`,
  )
  return `<samlp:AuthnRequest ${PROTOCOL}${written.join('')}>${content}</samlp:AuthnRequest>`
}

/** Encodes a message for the HTTP-Redirect binding. */
export const deflated = (xml: string | Buffer): string => deflateRawSync(xml).toString('base64')

/** Encodes a message for the HTTP-POST binding. */
export const posted = (xml: string | Buffer): string => Buffer.from(xml).toString('base64')

/** The message as it comes in by redirect, at nine o'clock. */
export const sent = (xml: string | Buffer): AuthnRequestInput => ({
  binding: 'redirect',
  samlRequest: deflated(xml),
  rawQuery: '',
  app: WIKI,
  destination: [DESTINATION, DESTINATION.replace('redirect', 'post')],
  nowMs: NOW_MS,
})
