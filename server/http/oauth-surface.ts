import { Router, type ErrorRequestHandler, type RequestHandler } from 'express'
import { Problem } from '../errors.ts'
import type { Log } from '../platform/log.ts'
import { readBody } from './body.ts'
import type { Route } from './endpoint.ts'
import { neverCached } from './headers.ts'
import { refusalOauth } from './oauth-wire.ts'
import type { KnownOrigins, RequestFacts } from './request.ts'
import { noteFault, onlyFor, registerPrograms, setRetryAfter } from './surface.ts'

interface OauthSurfaceDeps {
  log: Log
  known: () => Promise<KnownOrigins>
}

/** What command lines call; `/oauth/authorize` and `/oauth/device` are pages. */
const PROGRAMS =
  /^\/(oauth\/(token|revoke|device_authorization)|broker|\.well-known\/oauth-authorization-server)(\/|$)/i

/** OAuth takes forms (RFC 6749 section 3.2), what its tokens open takes JSON. */
const bodyKinds = (path: string) =>
  path.toLowerCase().startsWith('/oauth/') ? (['form'] as const) : (['json'] as const)

/** OAuth for command lines, and what its tokens open: forms or JSON in, JSON out, no cookies. */
export function oauthSurface(d: OauthSurfaceDeps, routes: readonly Route<RequestFacts>[]): RequestHandler {
  const router = Router()
  router.use(neverCached)
  registerPrograms(router, d, routes, (req, res) => readBody(req, res, bodyKinds(req.path)))
  router.use((_req, _res, next) => next(new Problem('no_route')))
  router.use(oauthErrors(d))
  return onlyFor(PROGRAMS, router)
}

function oauthErrors({ log }: OauthSurfaceDeps): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    if (res.headersSent) return next(error)
    noteFault(log, error, res.locals.requestId)
    setRetryAfter(res, error)
    const { status, json, challenge } = refusalOauth(error, String(res.locals.requestId))
    if (challenge !== undefined) res.setHeader('WWW-Authenticate', challenge)
    return void res.status(status).json(json)
  }
}
