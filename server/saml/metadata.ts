import { BINDING, NAME_ID_FORMAT, NAMESPACE } from './names.ts'
import type { SigningKey } from './signing-key.ts'
import { element, join, text, type Xml } from './xml.ts'

/** What a service provider must know of us. */
export interface MetadataInput {
  /** Our name toward this app; the Issuer of its Responses. */
  entityId: string
  ssoRedirectUrl: string
  ssoPostUrl: string
  sloRedirectUrl?: string | undefined
  /** Whether this app's AuthnRequests are taken signed only. */
  wantsSignedRequests: boolean
  /** The active key first, then the next: published before it signs, so that a rotation breaks nobody. */
  signingKeys: readonly Pick<SigningKey, 'certificateDerBase64'>[]
}

/** The metadata document of the identity provider for one app. */
export function metadataXml(input: MetadataInput): string {
  // The schema fixes the order: keys, logout, name formats, sign-on (SAML metadata 2.4.2 and 2.4.3).
  const descriptor = element(
    'md:IDPSSODescriptor',
    {
      WantAuthnRequestsSigned: String(input.wantsSignedRequests),
      protocolSupportEnumeration: NAMESPACE.samlp,
    },
    join(input.signingKeys.map(keyDescriptor)),
    input.sloRedirectUrl === undefined
      ? join([])
      : endpoint('SingleLogoutService', 'redirect', input.sloRedirectUrl),
    join(Object.values(NAME_ID_FORMAT).map((format) => element('md:NameIDFormat', {}, text(format)))),
    endpoint('SingleSignOnService', 'redirect', input.ssoRedirectUrl),
    endpoint('SingleSignOnService', 'post', input.ssoPostUrl),
  )
  const root = element(
    'md:EntityDescriptor',
    { 'xmlns:md': NAMESPACE.md, entityID: input.entityId },
    descriptor,
  )
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root}\n`
}

const endpoint = (name: string, binding: keyof typeof BINDING, url: string): Xml =>
  element(`md:${name}`, { Binding: BINDING[binding], Location: url })

function keyDescriptor({ certificateDerBase64 }: MetadataInput['signingKeys'][number]): Xml {
  const certificate = element('ds:X509Certificate', {}, text(certificateDerBase64))
  const keyInfo = element('ds:KeyInfo', { 'xmlns:ds': NAMESPACE.ds }, element('ds:X509Data', {}, certificate))
  return element('md:KeyDescriptor', { use: 'signing' }, keyInfo)
}
