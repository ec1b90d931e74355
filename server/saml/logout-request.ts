import type { SamlAppConfig } from './app-config.ts'
import { NAMESPACE } from './names.ts'
import { attributeOf, onlyTextChild } from './request-document.ts'
import { refusedSaml } from './request-encoding.ts'
import { readRequest, samlTime, type RequestHeading, type RequestInput } from './request-reading.ts'

/** A service provider's wish that a person be signed out everywhere (SAML core 3.7.1). */
export interface LogoutRequest extends RequestHeading {
  /** Whom it is about, as the service provider knows them. */
  nameId: string
}

export type LogoutRequestInput = RequestInput & {
  app: Pick<SamlAppConfig, 'entity_id' | 'request_certificates'>
}

/** Reads and checks a LogoutRequest. It ends a session, so it must be signed: a link would sign people out otherwise. */
export async function readLogoutRequest(input: LogoutRequestInput): Promise<LogoutRequest> {
  if (input.app.request_certificates.length === 0)
    throw refusedSaml('This app has no certificate that a LogoutRequest could be checked with')
  const { root, heading } = await readRequest('LogoutRequest', input)
  const end = attributeOf(root, 'NotOnOrAfter')
  if (end !== undefined && !(samlTime(end) > input.nowMs)) throw refusedSaml('The request is too old')
  const nameId = onlyTextChild(root, NAMESPACE.saml, 'NameID')
  if (nameId === undefined || nameId === '') throw refusedSaml('The message names nobody')
  return { ...heading, nameId }
}
