import { OauthProblem } from '../http/oauth-wire.ts'

/** The one public client of the broker: the command line. It has no secret (RFC 8252 section 8.5). */
export const CLIENT_ID = 'doorward-cli'
export const SCOPE = 'aws:assume'
/** Where a code is shown to be pasted, for terminals without a browser of their own. */
export const PASTE_PATH = '/oauth/code'

/** The one client that there is; that it says so proves nothing. @throws OauthProblem `invalid_client` */
export function requireClient({ client_id: id }: { client_id?: string | undefined }): void {
  if (id !== CLIENT_ID) throw new OauthProblem('invalid_client', 'client_id is not known here')
}

/** How a code comes back: over the loopback interface, or by the hands of its person. */
export type Delivery = 'loopback' | 'paste'

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|\[::1\])(?::([1-9]\d{0,4}))?\/callback$/

/** The delivery of a registered redirect address, on any port of the loopback interface (RFC 8252 section 7.3). */
export function deliveryTo(redirectUri: string, publicUrl: string): Delivery | undefined {
  if (redirectUri === publicUrl + PASTE_PATH) return 'paste'
  const loopback = LOOPBACK.exec(redirectUri)
  return loopback && Number(loopback[1] ?? 80) <= 65_535 ? 'loopback' : undefined
}
