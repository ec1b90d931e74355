import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { RequestHandler, Response } from 'express'
import helmet from 'helmet'

const SELF = "'self'"
const NONE = "'none'"

/** No inline script or style, nothing from elsewhere; `formAction` lets one page post to further origins. */
export const contentSecurityPolicy = (formAction?: string): string =>
  [
    `default-src ${NONE}`,
    `script-src ${SELF}`,
    `style-src ${SELF}`,
    `img-src ${SELF}`,
    `font-src ${SELF}`,
    `connect-src ${SELF}`,
    `form-action ${[SELF, formAction].filter(Boolean).join(' ')}`,
    `base-uri ${NONE}`,
    `frame-ancestors ${NONE}`,
    `object-src ${NONE}`,
  ].join('; ')

/**
 * Security headers of every answer. HSTS only over HTTPS, where it means something. They are the same each time, so
 * helmet is asked for them once.
 */
export function securityHeaders(secure: boolean): RequestHandler {
  const headers = headersBy(byHelmet(secure))
  return (_req, res, next) => {
    for (const [name, value] of headers) res.setHeader(name, value)
    next()
  }
}

/** What a middleware sets that looks at no request. */
function headersBy(
  middleware: (req: never, res: ServerResponse, next: () => void) => void,
): [string, string][] {
  const answer = new ServerResponse(new IncomingMessage(new Socket()))
  middleware(undefined as never, answer, () => undefined)
  return answer.getHeaderNames().map((name) => [name, String(answer.getHeader(name))])
}

function byHelmet(secure: boolean) {
  return helmet({
    contentSecurityPolicy: false, // set below, per page
    strictTransportSecurity: secure ? { maxAge: 63_072_000, includeSubDomains: false } : false,
    referrerPolicy: { policy: 'same-origin' }, // `no-referrer` would also take the Origin from our own forms
    xFrameOptions: { action: 'deny' },
  })
}

const STATIC_CSP = contentSecurityPolicy()

/** What is made for one request is kept by nobody. */
export const neverCached: RequestHandler = (_req, res, next) => {
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Content-Security-Policy', STATIC_CSP)
  next()
}

/**
 * What a page has to allow whose form leads to `url` on another site: that site, and on from there by https. Chromium
 * holds the redirects that follow a form to `form-action` too, and a service provider may go on to any host of its
 * own, as AWS does from signin.aws.amazon.com to console.aws.amazon.com. On this machine it may go on by http. An IPv6
 * address cannot be named in a policy: there only the scheme can.
 */
export function formActionTo(url: string): string {
  const { origin, protocol, hostname } = new URL(url)
  if (hostname.startsWith('[')) return `${protocol} https:`
  return protocol === 'https:' ? `${origin} https:` : `${origin} http://localhost:* http://127.0.0.1:* https:`
}

export const allowFormAction = (res: Response, origin: string): void =>
  void res.setHeader('Content-Security-Policy', contentSecurityPolicy(origin))
