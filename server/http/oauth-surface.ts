import { Router, type ErrorRequestHandler, type RequestHandler } from 'express'
import { Problem } from '../errors.ts'
import type { Log } from '../platform/log.ts'
import { readBody } from './body.ts'
import type { Route } from './endpoint.ts'
import { neverCached } from './headers.ts'
import { refusalOauth } from './oauth-wire.ts'
import { send } from './reply.ts'
import { requestFacts, type KnownOrigins, type RequestFacts } from './request.ts'
import { noteFault, onlyFor, register, setRetryAfter } from './surface.ts'

interface OauthSurfaceDeps {
  log: Log
  known: () => Promise<KnownOrigins>
}

/** What command lines call; `/oauth/authorize` and `/oauth/device` are pages. */
const PROGRAMS =
  /^\/(oauth\/(token|revoke|device_authorization)|broker|\.well-known\/oauth-authorization-server)(\/|$)/i

const noPages = (): never => {
  throw new Error('the broker has no pages')
}

/** OAuth for command lines, and what its tokens open: forms or JSON in, JSON out, no cookies. */
export function oauthSurface(d: OauthSurfaceDeps, routes: readonly Route<RequestFacts>[]): RequestHandler {
  const router = Router()
  router.use(neverCached)
  for (const route of routes) {
    register(router, route, async (req, res) => {
      const kinds = req.path.toLowerCase().startsWith('/oauth/') ? (['form'] as const) : (['json'] as const)
      const input = { params: req.params, query: req.query, body: () => readBody(req, res, kinds) }
      const reply = await route.run(requestFacts(req, res, await d.known()), input)
      for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value)
      send(res, reply, noPages)
    })
  }
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
