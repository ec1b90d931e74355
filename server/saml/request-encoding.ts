import { inflateRawSync } from 'node:zlib'
import { Problem } from '../errors.ts'

/** How an AuthnRequest came: SAML bindings 3.4 (redirect, deflated) or 3.5 (post). */
export type RequestBinding = 'redirect' | 'post'

/** The largest message that we read. Real ones, signed and with a certificate, stay under 8 KiB. */
const MAX_MESSAGE_BYTES = 64 * 1024
const MAX_ENCODED_CHARACTERS = Math.ceil(MAX_MESSAGE_BYTES / 3) * 4 + 4096 // and room for line breaks

/** SAML bindings 3.4.3 says 80 bytes; service providers send more, so up to this much is passed through. */
const MAX_RELAY_STATE_BYTES = 1024

/** The refusal of a SAML message. `reason` is ours, never a piece of the message. */
export const refusedSaml = (reason: string, field = 'SAMLRequest'): Problem =>
  new Problem('invalid_request', { fields: { [field]: reason }, message: reason })

/** The text of a SAML message, bounded before and after it is inflated. */
export function decodeSamlMessage(encoded: string, binding: RequestBinding): string {
  if (encoded.length > MAX_ENCODED_CHARACTERS) throw refusedSaml('The message is too long')
  const compact = encoded.replace(/[\r\n\t ]/g, '')
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(compact)) throw refusedSaml('The message is not base64')
  const bytes = Buffer.from(compact, 'base64')
  const message = binding === 'redirect' ? inflate(bytes) : bytes
  if (message.length > MAX_MESSAGE_BYTES) throw refusedSaml('The message is too long')
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(message)
  } catch {
    throw refusedSaml('The message is not UTF-8')
  }
}

function inflate(bytes: Buffer): Buffer {
  try {
    return inflateRawSync(bytes, { maxOutputLength: MAX_MESSAGE_BYTES })
  } catch {
    throw refusedSaml('The message does not inflate or is too long')
  }
}

/** Checks the RelayState, which goes back to the service provider untouched and is never read or followed. */
export function acceptRelayState(relayState: string | undefined): string | undefined {
  if (relayState !== undefined && Buffer.byteLength(relayState) > MAX_RELAY_STATE_BYTES) {
    throw refusedSaml('The RelayState is too long', 'RelayState')
  }
  return relayState
}
