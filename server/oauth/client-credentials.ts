import { Problem } from '../errors.ts'

export interface ClientCredentials {
  id: string
  secret: string
}

/** `client_id:<id>, client_secret:<secret>`, with or without spaces, as OneLogin's SDKs send it. */
const ONELOGIN = /^client_id\s*:\s*([^\s,]{1,512})\s*,\s*client_secret\s*:\s*([^\s,]{1,512})$/i

/** HTTP Basic (RFC 7617): everything after the first colon is the secret. */
export function readBasic(header: string): ClientCredentials | undefined {
  const encoded = /^basic\s+([A-Za-z0-9+/=_-]{1,2048})$/i.exec(header)?.[1]
  if (encoded === undefined) return undefined
  const clear = Buffer.from(encoded, 'base64').toString('utf8')
  const colon = clear.indexOf(':')
  return colon < 1 ? undefined : { id: clear.slice(0, colon), secret: clear.slice(colon + 1) }
}

/**
 * The client's id and secret, from the Authorization header in any of its spellings, else from the body
 * (RFC 6749 section 2.3.1). @throws Problem `client_credentials_missing`
 */
export function readClientCredentials(
  authorization: string | undefined,
  body: { client_id?: string | undefined; client_secret?: string | undefined },
): ClientCredentials {
  const header = authorization?.trim() ?? ''
  const oneLogin = ONELOGIN.exec(header)
  const found =
    (oneLogin && { id: oneLogin[1]!, secret: oneLogin[2]! }) ??
    readBasic(header) ??
    (body.client_id && body.client_secret ? { id: body.client_id, secret: body.client_secret } : undefined)
  if (!found) throw new Problem('client_credentials_missing')
  return found
}
