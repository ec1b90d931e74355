import { Problem } from '../errors.ts'
import type { RequestFacts } from '../http/request.ts'

const HEADERS = [1, 2, 3].map((n) => `Custom-Allowed-Origin-Header-${n}`)
const MAX_ORIGINS = 20

/** A name or an address and maybe a port: what `URL` would also take, such as a path or `*`, no Origin ever equals. */
const isOrigin = (text: string): boolean =>
  /^https?:\/\/([a-z0-9._-]+|\[[0-9a-f:.]+\])(:\d{1,5})?$/.test(text) && URL.canParse(text)

/**
 * The browser origins that may redeem a session token: `scheme://host[:port]`, several separated by commas, in up to
 * three headers. @throws Problem `invalid_request` for anything that is not an origin
 */
export function readAllowedOrigins(request: RequestFacts): string[] {
  const named = HEADERS.flatMap((header) =>
    (request.header(header) ?? '')
      .split(',')
      .map((text) => ({ header, text: text.trim().toLowerCase().replace(/\/$/, '') })),
  ).filter(({ text }) => text !== '')
  const bad = named.find(({ text }) => !isOrigin(text)) ?? named[MAX_ORIGINS]
  if (bad)
    throw new Problem('invalid_request', {
      fields: { [bad.header]: `${bad.header} must hold origins such as https://login.example.com` },
    })
  return [...new Set(named.map(({ text }) => new URL(text).origin))]
}

/** Whether a person may be sent to `url`: to our own origin, or to one that was registered. Compared as origins. */
export function isAllowedReturn(url: string, origins: readonly string[]): boolean {
  if (!URL.canParse(url) || /[\\\s\p{Cc}]/u.test(url)) return false
  const { protocol, origin, username, password } = new URL(url)
  return ['http:', 'https:'].includes(protocol) && username + password === '' && origins.includes(origin)
}

/** A path on our own origin, for coming back after sign-in; `/` for anything else. */
export function safePath(path: string | undefined): string {
  if (path === undefined || !/^\/(?![/\\])[^\\\s\p{Cc}]{0,8000}$/u.test(path)) return '/'
  const home = 'http://home.invalid'
  return URL.canParse(path, home) && new URL(path, home).origin === home ? path : '/'
}
