import { isoTime } from '../platform/clock.ts'
import { NAMESPACE } from './names.ts'
import type { SamlResponseInput } from './response.ts'
import { signedElement } from './signature.ts'
import type { SigningKey } from './signing-key.ts'
import { element, text } from './xml.ts'

/** What the answer to a passive AuthnRequest needs. */
export type NoPassiveInput = Pick<
  SamlResponseInput,
  'responseId' | 'issueInstantMs' | 'issuer' | 'recipient' | 'inResponseTo'
>

const STATUS = 'urn:oasis:names:tc:SAML:2.0:status:'

/** The signed answer to `IsPassive` when a page would have to be shown (SAML core 3.4.1). Says nothing of the person. */
export function signNoPassive(input: NoPassiveInput, key: SigningKey): string {
  const why = element('samlp:StatusCode', { Value: `${STATUS}NoPassive` })
  return signedElement(
    'samlp:Response',
    {
      'xmlns:samlp': NAMESPACE.samlp,
      ID: input.responseId,
      IssueInstant: isoTime(input.issueInstantMs),
      Version: '2.0',
      Destination: input.recipient,
      InResponseTo: input.inResponseTo,
    },
    {
      issuer: element('saml:Issuer', { 'xmlns:saml': NAMESPACE.saml }, text(input.issuer)),
      rest: element('samlp:Status', {}, element('samlp:StatusCode', { Value: `${STATUS}Responder` }, why)),
    },
    key,
  )
}
