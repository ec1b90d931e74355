import type { Request, Response } from 'express'
import type { PageFacts } from '../branding/page.ts'
import type { Origin } from '../events/event-store.ts'
import type { LanguageHabits } from '../language/language.ts'
import type { BrowserSession } from './browser-session.ts'
import type { BrowserOwner } from './known-browser.ts'

/** What a handler may know of a request beside its input. */
export interface RequestFacts {
  requestId: string
  /** The client's; a forwarded one only from a trusted proxy. */
  address: string
  /** `https://host` that the client used if it is one of ours, else `PUBLIC_URL`: a forged Host leads nowhere. */
  ownOrigin(): string
  /** Path and query as the client sent them, for coming back after sign-in. */
  target: string
  header(name: string): string | undefined
  setHeader(name: string, value: string): void
}

/** What a handler of a page may know beside. */
export interface PageRequest extends RequestFacts {
  session: BrowserSession | undefined
  /** Names that session toward its owner; empty without one. */
  sessionId: string
  /** Names this browser toward an attempt, whoever is signed in in it; never the secret itself. */
  browser: string
  /** What a cookie of a `Reply` gave this browser to keep; empty when it has none. */
  cookie(name: string): string
  /** The browser's own name if this person has signed in in it before. */
  knownAs(user: BrowserOwner): string | undefined
  /** Brand, CSRF token and language; asking for it sets the CSRF cookie. */
  page(): PageFacts
  /** From here on pages are in this person's language; `signed in` has said so already. */
  speakTo(person: LanguageHabits): void
  /** The asset of a company's picture by its file name; empty when there is none. */
  picture(file: string | null): string
}

/** Where this request came from, for events. */
export const originOf = ({ address, requestId }: RequestFacts, clientId?: string): Origin => ({
  address,
  requestId,
  ...(clientId !== undefined && { clientId }),
})

/** The origins under which people and programs may reach us. */
export interface KnownOrigins {
  publicUrl: string
  /** Hosts of the brands, lower case, without port. */
  hosts: readonly string[]
}

/** Every origin under which people may have our pages open, on the usual port or ours. */
export function ownOrigins({ publicUrl, hosts }: KnownOrigins): string[] {
  const { origin, protocol, port } = new URL(publicUrl)
  const others = hosts.map((host) => `${protocol}//${host}${port === '' ? '' : `:${port}`}`)
  return [...new Set([origin, ...others])]
}

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/** Our origin as this request's Host names it, `undefined` when the Host is not ours. */
export function knownOrigin(known: KnownOrigins, host: string | undefined): string | undefined {
  if (host === undefined || !/^[A-Za-z0-9.:[\]-]{1,260}$/.test(host)) return undefined
  const home = new URL(known.publicUrl)
  const url = `${home.protocol}//${host.toLowerCase()}`
  if (!URL.canParse(url)) return undefined
  const asked = new URL(url)
  if (asked.origin === home.origin) return home.origin
  // Another port of a brand's host is somebody else's; the usual port may be a proxy's in front of us.
  const ourPort = asked.port === home.port || asked.port === ''
  if (known.hosts.includes(asked.hostname) && ourPort) return asked.origin
  const bothLocal = LOOPBACK.includes(home.hostname) && LOOPBACK.includes(asked.hostname)
  return bothLocal && asked.port === home.port ? asked.origin : undefined
}

export function requestFacts(req: Request, res: Response, known: KnownOrigins): RequestFacts {
  return {
    requestId: String(res.locals.requestId),
    address: String(res.locals.address),
    // Most do not ask. No getter: V8 would keep it, and with it the whole request, for as long as old objects live.
    ownOrigin: () => knownOrigin(known, req.headers.host) ?? known.publicUrl,
    target: req.originalUrl,
    header: (name) => {
      const value = req.headers[name.toLowerCase()]
      return Array.isArray(value) ? value.join(', ') : value
    },
    setHeader: (name, value) => void res.setHeader(name, value),
  }
}
