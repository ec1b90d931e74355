import type { RequestHandler, Response } from 'express'
import helmet from 'helmet'

const SELF = "'self'"
const NONE = "'none'"

/** No inline script or style, nothing from elsewhere; `formAction` lets one page post to one more origin. */
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

/** Security headers of every answer. HSTS only over HTTPS, where it means something. */
export function securityHeaders(secure: boolean): RequestHandler {
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

export const allowFormAction = (res: Response, origin: string): void =>
  void res.setHeader('Content-Security-Policy', contentSecurityPolicy(origin))
