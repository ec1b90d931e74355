import { Problem } from '../errors.ts'
import { isoTime, MINUTE } from '../platform/clock.ts'
import { ATTRIBUTE_NAME_FORMAT, NAMESPACE } from './names.ts'
import { signedElement } from './signature.ts'
import type { SigningKey } from './signing-key.ts'
import { element, join, text, type Xml } from './xml.ts'

/** One SAML attribute with all of its values. `nameFormat` defaults to `basic`. */
export interface SamlAttribute {
  name: string
  values: readonly string[]
  nameFormat?: string
}

/** What the subject is called at the service provider, and what kind of name that is. */
export interface NameId {
  value: string
  format: string
}

/** All that a Response says. Times are milliseconds since 1970. */
export interface SamlResponseInput {
  responseId: string
  assertionId: string
  sessionIndex: string
  issueInstantMs: number
  issuer: string
  /** The assertion consumer service URL; the Destination too. */
  recipient: string
  /** The service provider's entity id. */
  audience: string
  /** The id of the AuthnRequest. Left out when nobody asked (IdP-initiated). */
  inResponseTo?: string | undefined
  nameId: NameId
  authnInstantMs: number
  /** When the service provider's session must end. AWS credentials never outlive it. */
  sessionNotOnOrAfterMs?: number | undefined
  authnContextClassRef: string
  attributes: readonly SamlAttribute[]
}

const SUCCESS = 'urn:oasis:names:tc:SAML:2.0:status:Success'
const BEARER = 'urn:oasis:names:tc:SAML:2.0:cm:bearer'
/** How far a service provider's clock may be behind ours. */
const NOT_BEFORE_MS = -2 * MINUTE
/** How long a Response may be delivered. */
const NOT_ON_OR_AFTER_MS = 5 * MINUTE

/** Writes the Response and signs both the assertion and the whole. Synchronous: two RSA signatures. */
export function signResponse(input: SamlResponseInput, key: SigningKey): string {
  const status = element('samlp:Status', {}, element('samlp:StatusCode', { Value: SUCCESS }))
  return signedElement(
    'samlp:Response',
    {
      'xmlns:samlp': NAMESPACE.samlp,
      ...heading(input.responseId, input.issueInstantMs),
      Destination: input.recipient,
      InResponseTo: input.inResponseTo,
    },
    {
      // `saml:` is not used by Response itself, so canonical form declares it here and at the Assertion.
      issuer: element('saml:Issuer', { 'xmlns:saml': NAMESPACE.saml }, text(input.issuer)),
      rest: join([status, signedAssertion(input, key)]),
    },
    key,
  )
}

const heading = (id: string, issueInstantMs: number) => ({
  ID: id,
  IssueInstant: isoTime(issueInstantMs),
  Version: '2.0',
})

function signedAssertion(input: SamlResponseInput, key: SigningKey): Xml {
  return signedElement(
    'saml:Assertion',
    { 'xmlns:saml': NAMESPACE.saml, ...heading(input.assertionId, input.issueInstantMs) },
    {
      issuer: element('saml:Issuer', {}, text(input.issuer)),
      rest: join([
        subject(input),
        conditions(input),
        authnStatement(input),
        attributeStatement(input.attributes),
      ]),
    },
    key,
  )
}

function subject(input: SamlResponseInput): Xml {
  if (input.nameId.value.trim() === '') {
    throw new Problem('invalid_request', { fields: { name_id: 'The person has no value for the NameID' } })
  }
  const confirmation = element('saml:SubjectConfirmationData', {
    InResponseTo: input.inResponseTo,
    NotOnOrAfter: isoTime(input.issueInstantMs + NOT_ON_OR_AFTER_MS),
    Recipient: input.recipient,
  })
  return element(
    'saml:Subject',
    {},
    element('saml:NameID', { Format: input.nameId.format }, text(input.nameId.value)),
    element('saml:SubjectConfirmation', { Method: BEARER }, confirmation),
  )
}

function conditions(input: SamlResponseInput): Xml {
  const audience = element('saml:Audience', {}, text(input.audience))
  return element(
    'saml:Conditions',
    {
      NotBefore: isoTime(input.issueInstantMs + NOT_BEFORE_MS),
      NotOnOrAfter: isoTime(input.issueInstantMs + NOT_ON_OR_AFTER_MS),
    },
    element('saml:AudienceRestriction', {}, audience),
  )
}

function authnStatement(input: SamlResponseInput): Xml {
  const end = input.sessionNotOnOrAfterMs
  const classRef = element('saml:AuthnContextClassRef', {}, text(input.authnContextClassRef))
  return element(
    'saml:AuthnStatement',
    {
      AuthnInstant: isoTime(input.authnInstantMs),
      SessionIndex: input.sessionIndex,
      SessionNotOnOrAfter: end === undefined ? undefined : isoTime(end),
    },
    element('saml:AuthnContext', {}, classRef),
  )
}

/** The schema allows no empty AttributeStatement; an attribute without a value says nothing and is left out. */
function attributeStatement(attributes: readonly SamlAttribute[]): Xml {
  const written = attributes.filter((a) => a.values.length > 0).map(attributeElement)
  return written.length === 0 ? join([]) : element('saml:AttributeStatement', {}, ...written)
}

function attributeElement({ name, values, nameFormat }: SamlAttribute): Xml {
  // No xsi:type: exclusive canonical form would drop the declaration of the prefix inside of its value.
  const written = values.map((value) => element('saml:AttributeValue', {}, text(value)))
  return element(
    'saml:Attribute',
    { Name: name, NameFormat: nameFormat ?? ATTRIBUTE_NAME_FORMAT.basic },
    ...written,
  )
}
