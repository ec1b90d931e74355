import { Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express'
import { Problem } from '../errors.ts'
import type { Log } from '../platform/log.ts'
import { refusalAs, refusalShapeAt, statusOf } from './api-wire.ts'
import { readBody } from './body.ts'
import type { ApiRoute } from './endpoint.ts'
import { neverCached } from './headers.ts'
import { RATE_LIMIT_NAMES } from './rate-limit.ts'
import type { KnownOrigins } from './request.ts'
import { noteFault, onlyFor, registerPrograms, setRetryAfter } from './surface.ts'

interface ApiDeps {
  log: Log
  known: () => Promise<KnownOrigins>
}

const API = /^\/(api|auth|client)(\/|$)/i
/** The OAuth endpoints also take forms (RFC 6749 section 3.2). */
const bodyKinds = (path: string) =>
  path.toLowerCase().startsWith('/auth/') ? (['json', 'form'] as const) : (['json'] as const)

/** Everything that programs call: JSON in, JSON out, no cookies. */
export function apiSurface(d: ApiDeps, routes: readonly ApiRoute[]): RequestHandler {
  const router = Router()
  router.use(neverCached)
  registerPrograms(router, d, routes, (req, res) => readBody(req, res, bodyKinds(req.path)))
  router.use((_req, _res, next) => next(new Problem('no_route')))
  router.use(apiErrors(d))
  return onlyFor(API, router)
}

/** One shape for every failure of the API; a fault of ours says nothing but that it is one. */
function apiErrors({ log }: ApiDeps): ErrorRequestHandler {
  return (error: unknown, req: Request, res: Response, next) => {
    if (res.headersSent) return next(error)
    noteFault(log, error, res.locals.requestId)
    setRetryAfter(res, error)
    // OneLogin tells its rate limit on no 401.
    if (statusOf(error) === 401) for (const name of RATE_LIMIT_NAMES) res.removeHeader(name)
    return void res.status(statusOf(error)).json(refusalAs(refusalShapeAt(req.path), error))
  }
}
