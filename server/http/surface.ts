import type { ErrorRequestHandler, Request, RequestHandler, Response, Router } from 'express'
import { Problem } from '../errors.ts'
import { HOUR, type Clock } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import type { Metrics } from '../platform/metrics.ts'
import { hexToken, type Random } from '../platform/random.ts'
import type { Route } from './endpoint.ts'
import { send, type Reply } from './reply.ts'
import { requestFacts, type KnownOrigins, type RequestFacts } from './request.ts'

interface WatchDeps {
  clock: Clock
  random: Random
  log: Log
  metrics: Pick<Metrics, 'requestSeconds'>
}

/** Gives each request an id and writes one line when it is answered: never its query, body, cookies or tokens. */
export function watchRequests({ clock, random, log, metrics }: WatchDeps): RequestHandler {
  return (req, res, next) => {
    const requestId = hexToken(random, 8)
    const startedAt = clock()
    const address = req.ip ?? 'unknown' // now: a client that has hung up has none any more
    Object.assign(res.locals, { requestId, address })
    res.setHeader('X-Request-Id', requestId)
    res.once('close', () => {
      const ms = clock() - startedAt
      const route = typeof res.locals.route === 'string' ? res.locals.route : 'none'
      const status = res.writableFinished ? res.statusCode : 499 // the client went away
      metrics.requestSeconds.observe({ route, status: String(status) }, ms / 1000)
      log.info({ requestId, method: req.method, route, status, ms, address }, 'request')
    })
    next()
  }
}

/** Logs what is our fault; a refusal is the caller's and stands in the request's line. */
export function noteFault(log: Log, error: unknown, requestId: unknown): void {
  if (error instanceof Problem && error.code !== 'unavailable') return
  log.error({ requestId, error: describe(error) }, 'request failed')
}

/** Without arguments of queries and commands: those hold people's data. */
function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return 'not an Error was thrown'
  const { name, message, stack, cause } = error
  return { name, message, stack, ...(cause !== undefined && { cause: describe(cause) }) }
}

/** `Retry-After` in whole seconds, at least 1 and at most an hour (RFC 9110 section 10.2.3). */
export function setRetryAfter(res: Response, error: unknown): void {
  if (!(error instanceof Problem) || error.retryAfterSeconds === undefined) return
  const seconds = Math.min(Math.max(1, Math.ceil(error.retryAfterSeconds)), HOUR / 1000)
  res.setHeader('Retry-After', String(seconds))
}

/** Registers a route on a router under each of its paths, behind its defences, and names it for log and metrics. */
export function register<F extends RequestFacts>(
  router: Record<Route<F>['method'], (path: string, ...handlers: RequestHandler[]) => unknown>,
  route: Route<F>,
  handler: (req: Request, res: Response) => Promise<void>,
  defences: readonly RequestHandler[] = [],
): void {
  for (const path of route.paths) {
    router[route.method](path, ...defences, (req, res, next) => {
      res.locals.route = `${route.method.toUpperCase()} ${path}`
      handler(req, res).catch(next)
    })
  }
}

/** Registers what programs call: no pages, no cookies. `bodyOf` reads what an address takes. */
export function registerPrograms(
  router: Router,
  { known }: { known: () => Promise<KnownOrigins> },
  routes: readonly Route<RequestFacts>[],
  bodyOf: (req: Request, res: Response) => Promise<unknown>,
): void {
  for (const route of routes) {
    register(router, route, async (req, res) => {
      const input = { params: req.params, query: req.query, body: () => bodyOf(req, res) }
      sendToProgram(res, await route.run(requestFacts(req, res, await known()), input))
    })
  }
}

/** Answers a program. */
export function sendToProgram(res: Response, reply: Reply): void {
  for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value)
  send(res, reply, () => {
    throw new Error('programs get no pages')
  })
}

/** Handlers one after another as one: the router would look at each as at a route of its own. */
export function inTurn(...handlers: readonly RequestHandler[]): RequestHandler {
  const all: RequestHandler = (req, res, next) => {
    const from = (at: number): void => {
      const handler = handlers[at]
      if (!handler) return next()
      try {
        const done: unknown = handler(req, res, (error?: unknown) =>
          error === undefined ? from(at + 1) : next(error),
        )
        if (done instanceof Promise) done.catch(next)
      } catch (error) {
        next(error) // here, since whoever called may have waited for something and be outside of Express
      }
    }
    from(0)
  }
  return Object.assign(all, { stack: handlers.map((handle) => ({ handle })) }) // as a router, to list routes by
}

/** Enters a router only for paths it may answer: one entered in vain costs a page a twentieth of its time. */
export function onlyFor(paths: RegExp, router: Router): RequestHandler {
  const enter: RequestHandler = (req, res, next) => (paths.test(req.path) ? router(req, res, next) : next())
  return Object.assign(enter, { stack: router.stack }) // as a router, to list routes by
}

const isDecodable = (path: string): boolean => {
  try {
    decodeURIComponent(path)
    return true
  } catch {
    return false
  }
}

/** An address as it was meant: some clients double the first slash, and a `%` that escapes nothing is just a sign. */
export const plainAddress: RequestHandler = (req, _res, next) => {
  if (req.url.startsWith('//')) req.url = req.url.replace(/^\/+/, '/')
  if (!req.url.includes('%')) return next()
  const [path = ''] = req.url.split('?', 1)
  if (!isDecodable(path)) req.url = path.replaceAll('%', '%25') + req.url.slice(path.length)
  next()
}

/** `PUBLIC_URL` says https: then cookies are Secure whether TLS ends here or at the proxy in front. */
export function trustDeclaredHttps(secure: boolean): RequestHandler {
  return (req, _res, next) => {
    if (secure) Object.defineProperty(req, 'secure', { value: true })
    next()
  }
}

/** When even the error page fails: no stack, no details. */
export function lastResort(log: Log): ErrorRequestHandler {
  return (error: unknown, _req, res, next) => {
    noteFault(log, error, res.locals.requestId)
    if (res.headersSent) return next(error)
    return void res.status(500).type('text').send('Something went wrong on our side. Please try again.')
  }
}
