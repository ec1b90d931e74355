/** The one public client of the broker: the command line. It has no secret (RFC 8252 section 8.5). */
export const CLIENT_ID = 'doorward-cli'
export const SCOPE = 'aws:assume'
/** Where a code is shown to be pasted, for terminals without a browser of their own. */
export const PASTE_PATH = '/oauth/code'

/** How a code comes back: over the loopback interface, or by the hands of its person. */
export type Delivery = 'loopback' | 'paste'

const LOOPBACK = /^http:\/\/(?:127\.0\.0\.1|\[::1\])(?::([1-9]\d{0,4}))?\/callback$/

/** The delivery of a registered redirect address, on any port of the loopback interface (RFC 8252 section 7.3). */
export function deliveryTo(redirectUri: string, publicUrl: string): Delivery | undefined {
  if (redirectUri === publicUrl + PASTE_PATH) return 'paste'
  const loopback = LOOPBACK.exec(redirectUri)
  return loopback && Number(loopback[1] ?? 80) <= 65_535 ? 'loopback' : undefined
}
