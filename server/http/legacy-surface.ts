import { Router, type ErrorRequestHandler, type Request, type RequestHandler, type Response } from 'express'
import { Problem } from '../errors.ts'
import type { Log } from '../platform/log.ts'
import { refusalV1, statusOf } from './api-wire.ts'
import { readBody, type BodyKind } from './body.ts'
import type { Route } from './endpoint.ts'
import { neverCached } from './headers.ts'
import { refusalOfKey, refusalOldest, refusalXml, type LegacyRefusal } from './legacy-wire.ts'
import { RATE_LIMIT_NAMES } from './rate-limit.ts'
import type { KnownOrigins, RequestFacts } from './request.ts'
import { noteFault, onlyFor, registerPrograms, sendToProgram, setRetryAfter } from './surface.ts'

interface LegacyDeps {
  log: Log
  known: () => Promise<KnownOrigins>
}

/** `/api/v1` to `/api/v3`, and the oldest ones at the root. */
const LEGACY = /^\/(api\/v[123](\/|$)|users\.xml$|users\/[^/]+\.xml$)/i
/** The resources that answer JSON, and take it; old programs also send a form, or put all into the address. */
const JSON_RESOURCES = /^\/api\/v3\/(saml|invites)\//i
const DELEGATED_AUTH = /^\/api\/v3\/delegated_auth$/i

/** A resource is the same under every version, with or without `.xml`: all of them lead to one address. */
export function oneLegacyAddress(url: string): string {
  const [path = '', ...query] = url.split('?')
  const plain = path.replace(/^\/api\/v[123]\//i, '/api/v3/').replace(/^(\/api\/v3\/.*?)(\.xml)?\/?$/i, '$1')
  return [plain, ...query].join('?')
}

function bodyKinds(path: string): readonly BodyKind[] {
  if (JSON_RESOURCES.test(path)) return ['json', 'form']
  return DELEGATED_AUTH.test(path) ? ['form', 'json'] : ['xml']
}

async function bodyAt(req: Request, res: Response): Promise<unknown> {
  const body = await readBody(req, res, bodyKinds(req.path))
  return JSON_RESOURCES.test(req.path) && !Array.isArray(body) ? { ...req.query, ...(body as object) } : body
}

/** The deprecated v1-v3 resources: XML in, XML out, an API key at every call, no cookies. */
export function legacySurface(d: LegacyDeps, routes: readonly Route<RequestFacts>[]): RequestHandler {
  const router = Router()
  router.use(neverCached)
  router.use((req, _res, next) => {
    req.url = oneLegacyAddress(req.url)
    next()
  })
  registerPrograms(router, d, routes, bodyAt)
  router.use((_req, _res, next) => next(new Problem('no_route')))
  router.use(legacyErrors(d))
  return onlyFor(LEGACY, router)
}

function refusalAt(path: string, error: unknown): LegacyRefusal | { status: number; json: object } {
  if (!JSON_RESOURCES.test(path)) return path.startsWith('/api/') ? refusalXml(error) : refusalOldest(error)
  const isKey = error instanceof Problem && error.code === 'authentication_failure'
  return isKey ? refusalOfKey() : { status: statusOf(error), json: refusalV1(error) }
}

function legacyErrors({ log }: LegacyDeps): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent) return next(error)
    noteFault(log, error, res.locals.requestId)
    setRetryAfter(res, error)
    const refusal = refusalAt(req.path, error)
    if (refusal.status === 401) for (const name of RATE_LIMIT_NAMES) res.removeHeader(name)
    sendToProgram(res, 'json' in refusal ? refusal : { ...refusal, type: 'application/xml' })
  }
}
