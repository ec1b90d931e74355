/** What a request looks like to the rules about cookies. */
export interface CookieRequest {
  url: URL
  method: string
  /** Whether the page that asks, if any, belongs to the same site. */
  sameSite: boolean
}

interface Cookie {
  name: string
  value: string
  path: string
  secure: boolean
  httpOnly: boolean
  sameSite: 'strict' | 'lax' | 'none'
  expiresAtMs: number
}

/** The cookies of one browser, kept by origin. `now` may be moved to let them expire. */
export function cookieJar(now: () => number = Date.now) {
  const origins = new Map<string, Cookie[]>()
  const alive = (url: URL) => (origins.get(url.origin) ?? []).filter((cookie) => cookie.expiresAtMs > now())
  return {
    /** Takes in `Set-Cookie` lines, and leaves out what a browser would refuse. */
    receive(url: URL, lines: string[]): void {
      for (const line of lines) {
        const cookie = parseCookie(line, url, now())
        if (cookie === undefined) continue
        const others = alive(url).filter((kept) => kept.name !== cookie.name || kept.path !== cookie.path)
        origins.set(url.origin, [...others, cookie])
      }
    },
    /** The `Cookie` header of a navigation. */
    header(request: CookieRequest): string {
      const sent = alive(request.url).filter((cookie) => isSent(cookie, request))
      return sent
        .sort((a, b) => b.path.length - a.path.length)
        .map((cookie) => `${cookie.name}=${cookie.value}`)
        .join('; ')
    },
    get: (url: string, name: string): string | undefined =>
      alive(new URL(url)).find((cookie) => cookie.name === name)?.value,
    /** Puts a cookie there as it would be after `Set-Cookie: name=value; Path=/`. */
    set(url: string, name: string, value: string): void {
      this.receive(new URL(url), [`${name}=${value}; Path=/${name.startsWith('__') ? '; Secure' : ''}`])
    },
    /** Every cookie of an origin with its attributes. */
    list: (url: string): readonly Readonly<Cookie>[] => alive(new URL(url)),
    clear: (): void => origins.clear(),
  }
}

export type CookieJar = ReturnType<typeof cookieJar>

/** RFC 6265bis, 5.7. A Secure cookie over http is refused on localhost too, as Safari does: the strictest browser. */
function parseCookie(line: string, url: URL, nowMs: number): Cookie | undefined {
  const [pair = '', ...rest] = line.split(';').map((part) => part.trim())
  const equals = pair.indexOf('=')
  if (equals < 1) return undefined
  const attributes = new Map(rest.map((part) => attribute(part)))
  const cookie: Cookie = {
    name: pair.slice(0, equals),
    value: pair.slice(equals + 1),
    path: attributes.get('path')?.startsWith('/') ? attributes.get('path')! : defaultPath(url),
    secure: attributes.has('secure'),
    httpOnly: attributes.has('httponly'),
    sameSite: sameSiteOf(attributes.get('samesite')),
    expiresAtMs: expiry(attributes, nowMs),
  }
  return isAcceptable(cookie, attributes.get('domain'), url) ? cookie : undefined
}

function attribute(part: string): [string, string] {
  const equals = part.indexOf('=')
  return equals < 0
    ? [part.toLowerCase(), '']
    : [part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim()]
}

const defaultPath = (url: URL): string => url.pathname.slice(0, url.pathname.lastIndexOf('/')) || '/'

function sameSiteOf(text: string | undefined): Cookie['sameSite'] {
  const value = text?.toLowerCase()
  return value === 'strict' || value === 'none' ? value : 'lax'
}

function expiry(attributes: Map<string, string>, nowMs: number): number {
  const maxAge = attributes.get('max-age')
  if (maxAge !== undefined && /^-?\d+$/.test(maxAge)) return nowMs + Number(maxAge) * 1000
  const expires = Date.parse(attributes.get('expires') ?? '')
  return Number.isNaN(expires) ? Number.POSITIVE_INFINITY : expires
}

function isAcceptable(cookie: Cookie, domain: string | undefined, url: URL): boolean {
  const host = domain?.replace(/^\./, '').toLowerCase()
  if (host && url.hostname !== host && !url.hostname.endsWith(`.${host}`)) return false
  if (cookie.secure && url.protocol !== 'https:') return false
  if (cookie.sameSite === 'none' && !cookie.secure) return false
  if (cookie.name.startsWith('__Secure-')) return cookie.secure
  if (cookie.name.startsWith('__Host-')) return cookie.secure && cookie.path === '/' && domain === undefined
  return true
}

function isSent(cookie: Cookie, { url, method, sameSite }: CookieRequest): boolean {
  if (cookie.secure && url.protocol !== 'https:') return false
  if (!pathMatches(url.pathname, cookie.path)) return false
  if (sameSite || cookie.sameSite === 'none') return true
  return cookie.sameSite === 'lax' && method === 'GET'
}

const pathMatches = (path: string, of: string): boolean =>
  path === of || (path.startsWith(of) && (of.endsWith('/') || path[of.length] === '/'))
