import type { Element } from '@xmldom/xmldom'
import type { SamlAppConfig } from './app-config.ts'
import { BINDING } from './names.ts'
import { attributeOf } from './request-document.ts'
import { refusedSaml } from './request-encoding.ts'
import { readRequest, type RequestHeading, type RequestInput } from './request-reading.ts'

/** What a service provider asks for. `acsUrl` is one of the registered addresses, whatever the message says. */
export interface AuthnRequest extends RequestHeading {
  acsUrl: string
  /** The person must sign in again, even with a browser session. */
  forceAuthn: boolean
  /** The person must not be shown a page. */
  isPassive: boolean
}

export type AuthnRequestInput = RequestInput & {
  app: Pick<SamlAppConfig, 'entity_id' | 'acs_urls' | 'request_certificates'>
}

/** Reads and checks an AuthnRequest. Without a signature all it can do is choose among registered values. */
export async function readAuthnRequest(input: AuthnRequestInput): Promise<AuthnRequest> {
  const { root, heading } = await readRequest('AuthnRequest', input)
  return {
    ...heading,
    acsUrl: chooseAcsUrl(root, input.app.acs_urls),
    forceAuthn: readBoolean(root, 'ForceAuthn'),
    isPassive: readBoolean(root, 'IsPassive'),
  }
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
