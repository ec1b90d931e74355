import csurfModule from 'csurf'
import type { Request, RequestHandler, Response } from 'express'
import { Problem } from '../errors.ts'
import { keyedDigest, sameSecret } from '../platform/master-key.ts'
import type { Random } from '../platform/random.ts'
import { cookieName, personIn } from './browser-session.ts'

// The package's types describe its CommonJS build, where the function is `default`; its ES module is the function.
const csurf = csurfModule as unknown as (typeof csurfModule)['default']

declare module 'express-serve-static-core' {
  interface Request {
    /** Where csurf finds the secret of a browser that nobody need be signed in in. */
    browserSecrets?: { csrfSecret: string }
  }
}

interface CsrfDeps {
  random: Random
  cookieKey: Buffer
  digestKey: Buffer
  secure: boolean
}

export interface Csrf {
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
export function csrf({ random, cookieKey, digestKey, secure }: CsrfDeps): Csrf {
  const name = cookieName('doorward_csrf', secure)
  const attributes = `; Path=/; HttpOnly${secure ? '; Secure' : ''}; SameSite=Lax`
  const sent = new RegExp(`(?:^|;\\s*)${name}=([\\w-]{24})\\.([\\w-]{43})(?:;|$)`)
  const signatureOf = (secret: string) => keyedDigest(cookieKey, name, secret)

  function secretOf(req: Request): string | undefined {
    const [, secret = '', signature = ''] = sent.exec(req.headers.cookie ?? '') ?? []
    return secret !== '' && sameSecret(signature, signatureOf(secret)) ? secret : undefined
  }
  function newSecret(res: Response): string {
    const secret = random.bytes(18).toString('base64url')
    res.append('Set-Cookie', `${name}=${secret}.${signatureOf(secret)}${attributes}`)
    return secret
  }
  const byBrowserSecret = csurf({ sessionKey: 'browserSecrets', value: tokenOf })
  const bySession = csurf({ value: tokenOf })
  const browser: RequestHandler = (req, res, next) => {
    req.browserSecrets = { csrfSecret: secretOf(req) ?? newSecret(res) }
    byBrowserSecret(req, res, next)
  }
  return {
    protect: {
      browser,
      session: (req, res, next) => (personIn(req) ? bySession : browser)(req, res, next),
    },
    browserOf(req) {
      const secret = secretOf(req)
      return secret === undefined ? '' : keyedDigest(digestKey, 'browser', secret)
    },
  }
}

/** Methods that change nothing (RFC 9110 section 9.2.1). */
const isSafe = (method: string): boolean => ['GET', 'HEAD', 'OPTIONS'].includes(method)

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
