import cookieParser from 'cookie-parser'
import csurfModule from 'csurf'
import type { Request, RequestHandler } from 'express'
import { Problem } from '../errors.ts'
import { keyedDigest } from '../platform/master-key.ts'
import { cookieName, personIn } from './browser-session.ts'

// The package's types describe its CommonJS build, where the function is `default`; its ES module is the function.
const csurf = csurfModule as unknown as (typeof csurfModule)['default']

interface CsrfDeps {
  cookieKey: Buffer
  digestKey: Buffer
  secure: boolean
}

/** The parts of the defence; cookies have to be read first. */
export interface Csrf {
  readCookies: RequestHandler
  /** Gives `req.csrfToken()` and refuses an unsafe request without a right token, by which secret it has to know. */
  protect: Record<'session' | 'browser', RequestHandler>
  /** Names a browser toward an attempt: a digest of its CSRF secret, empty while it has none. */
  browserOf(req: Request): string
}

/** From the body or a header only: a token in an address would leak by Referer and logs. */
function tokenOf(req: Request): string {
  const body = req.body as { _csrf?: unknown } | undefined
  const token = body?._csrf ?? req.headers['x-csrf-token']
  return typeof token === 'string' ? token : ''
}

/**
 * Before sign-in the secret rides in a signed cookie, so that an anonymous page view writes nothing to the store;
 * after sign-in there is another one in the session. The pages of a sign-in know the first one only, whoever is
 * signed in meanwhile in another tab.
 */
export function csrf({ cookieKey, digestKey, secure }: CsrfDeps): Csrf {
  const key = cookieName('doorward_csrf', secure)
  const cookie = { key, path: '/', httpOnly: true, sameSite: 'lax' as const, secure, signed: true }
  const byCookie = csurf({ cookie, value: tokenOf })
  const bySession = csurf({ value: tokenOf })
  return {
    readCookies: cookieParser(cookieKey.toString('base64url')),
    protect: {
      browser: byCookie,
      session: (req, res, next) => (personIn(req) ? bySession : byCookie)(req, res, next),
    },
    browserOf(req) {
      const secret = (req.signedCookies as Record<string, unknown>)[key]
      return typeof secret === 'string' && secret !== '' ? keyedDigest(digestKey, 'browser', secret) : ''
    },
  }
}

/** Methods that change nothing (RFC 9110 section 9.2.1). */
export const isSafe = (method: string): boolean => ['GET', 'HEAD', 'OPTIONS'].includes(method)

/** Fetch metadata where the browser sends it, else Origin: an unsafe request comes from our own pages. */
export function refuseCrossSite(isOurs: (origin: string) => boolean): RequestHandler {
  return (req, _res, next) => {
    if (isSafe(req.method)) return next()
    const { origin } = req.headers
    const site = req.headers['sec-fetch-site']
    const byBrowser = site === 'same-origin' || site === 'none'
    if (site !== undefined && !byBrowser) return next(new Problem('cross_site'))
    const foreign = origin !== undefined && !isOurs(origin)
    if (foreign && !(byBrowser && origin === 'null')) return next(new Problem('cross_site'))
    next()
  }
}
