import type { Express, ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { doorwardBrand, type Brand } from '../branding/brand.ts'
import { Problem } from '../errors.ts'
import type { LanguageHabits } from '../language/language.ts'
import type { Languages } from '../language/languages.ts'
import type { Background } from '../platform/background.ts'
import { DAY } from '../platform/clock.ts'
import type { Log } from '../platform/log.ts'
import { statusOf } from './api-wire.ts'
import { readBody } from './body.ts'
import { cookieName, personIn } from './browser-session.ts'
import { brandOf } from './brand-choice.ts'
import type { Csrf } from './csrf.ts'
import { refuseCrossSite } from './csrf.ts'
import type { Route } from './endpoint.ts'
import { errorView } from './error-view.ts'
import { allowFormAction, neverCached } from './headers.ts'
import type { BrowserOwner, KnownBrowsers } from './known-browser.ts'
import { keepLanguage, languageFor, speakTo } from './language-choice.ts'
import type { Pictures } from './pictures.ts'
import { send, type Page, type Rendered, type Reply } from './reply.ts'
import { knownOrigin, requestFacts, type KnownOrigins, type PageRequest } from './request.ts'
import { sessionKey } from '../signin/browser-sessions.ts'
import { inTurn, noteFault, register, setRetryAfter } from './surface.ts'
import type { Views } from './views.ts'

interface PageDeps {
  log: Log
  background: Background
  views: Views
  known: () => Promise<KnownOrigins>
  /** The brand for a host and `?brand=`. */
  brandFor(host: string | undefined, query: unknown): Promise<Brand>
  languages: Languages
  offersPasskeys: () => Promise<boolean>
  pictures: Pictures
  sessions: RequestHandler
  sessionName: string
  secure: boolean
  csrf: Csrf
  knownBrowsers: KnownBrowsers
}

/**
 * Everything that people open: HTML, cookies, CSRF tokens. It comes last, and stands on the application itself:
 * a router of its own would be one more for every page to go through.
 */
export function mountPages(app: Express, deps: PageDeps, routes: readonly Route<PageRequest>[]): void {
  const d: PageDeps = {
    ...deps,
    brandFor: async (host, query) => deps.pictures.brand(await deps.brandFor(host, query)),
  }
  app.use(inTurn(neverCached, d.sessions))
  for (const route of routes) {
    const { csrf } = route
    const reads = route.method === 'get' ? [] : [readForm, checkSite(d)]
    const defences = csrf === 'none' ? [] : [inTurn(...reads, d.csrf.protect[csrf])]
    const pass = async (req: Request, res: Response) => {
      const request = await pageRequest(d, req, res)
      const body = async () =>
        csrf === 'none' ? readBody(req, res, ['form', 'json']) : (req.body as unknown)
      await answer(d, req, res, await route.run(request, { params: req.params, query: req.query, body }))
    }
    register(app, route, pass, defences)
  }
  app.use((_req, _res, next) => next(new Problem('no_route')))
  app.use(pageErrors(d))
}

const readForm: RequestHandler = (req, res, next) => {
  readBody(req, res, ['form']).then((body) => {
    req.body = body
    next()
  }, next)
}

const checkSite = (d: PageDeps): RequestHandler => {
  return (req, res, next) => {
    d.known().then((known) => {
      const isOurs = (origin: string) =>
        URL.canParse(origin) && knownOrigin(known, new URL(origin).host) === origin && origin !== 'null'
      refuseCrossSite(isOurs)(req, res, next)
    }, next)
  }
}

async function pageRequest(d: PageDeps, req: Request, res: Response): Promise<PageRequest> {
  const brand = await brandOf(d, req, res)
  const passkeys = await d.offersPasskeys()
  const token = req as Partial<Pick<Request, 'csrfToken'>>
  keepLanguage(req, res, d.secure)
  return Object.assign(requestFacts(req, res, await d.known()), {
    session: personIn(req),
    sessionId: personIn(req) ? sessionKey(req.sessionID) : '',
    browser: d.csrf.browserOf(req),
    cookie: (name: string) => cookieIn(req, cookieName(name, d.secure)),
    knownAs: (user: BrowserOwner) => d.knownBrowsers.nameFor(req, user),
    page: () => ({
      brand,
      csrf: token.csrfToken?.() ?? '',
      language: languageFor(d.languages, req, brand),
      passkeys,
    }),
    speakTo: (person: LanguageHabits) => speakTo(req, person),
    picture: (file: string) => d.pictures.assetOf(file),
  })
}

const rendered = (views: Views, page: Page): Rendered =>
  'page' in page
    ? { html: views.render(page.page, page.view), encoding: 'utf8' }
    : { html: views.renderShared(page.sharedPage, page.view, page.csrf), encoding: 'latin1' }

async function answer(d: PageDeps, req: Request, res: Response, reply: Reply): Promise<void> {
  for (const [name, value] of Object.entries(reply.headers ?? {})) res.setHeader(name, value)
  if (reply.session === 'end') {
    await sessionCall(req, 'destroy')
    res.clearCookie(d.sessionName, {
      path: '/',
      httpOnly: true,
      sameSite: 'lax',
      secure: d.secure,
    })
    res.setHeader('Clear-Site-Data', '"cache"')
  } else if (reply.session) {
    await sessionCall(req, 'regenerate') // a new id: one planted before sign-in is worth nothing after it
    req.session.person = { ...reply.session.start, from: whereFrom(req, res) }
    await sessionCall(req, 'save')
    if (reply.session.owner) d.knownBrowsers.remember(req, res, reply.session.owner)
  }
  if (reply.cookie) keepCookie(res, reply.cookie, d.secure)
  if (reply.after) d.background.start(gone(res), reply.after)
  if ('page' in reply && reply.formAction) allowFormAction(res, reply.formAction)
  send(res, reply, (page) => rendered(d.views, page))
}

const gone = (res: Response): Promise<void> => new Promise((resolve) => res.once('close', resolve))

/** A token of ours: nothing else is believed of a header. */
const cookieIn = (req: Request, name: string): string =>
  new RegExp(`(?:^|;\\s*)${name}=([\\w-]{1,200})(?:;|$)`).exec(req.headers.cookie ?? '')?.[1] ?? ''

const keepCookie = (res: Response, cookie: NonNullable<Reply['cookie']>, secure: boolean) =>
  res.cookie(cookieName(cookie.name, secure), cookie.value, {
    path: '/',
    httpOnly: true,
    sameSite: 'lax',
    secure,
    maxAge: cookie.days * DAY,
  })
/** Headers are bounded by Node, and this more: it is shown, not understood. */
const whereFrom = (req: Request, res: Response) => ({
  address: String(res.locals.address),
  userAgent: (req.headers['user-agent'] ?? '').slice(0, 400),
})

const sessionCall = (req: Request, method: 'destroy' | 'regenerate' | 'save'): Promise<void> =>
  new Promise((resolve, reject) => {
    req.session[method]((error?: unknown) => (error ? reject(asError(error)) : resolve()))
  })

const asError = (error: unknown): Error =>
  error instanceof Error ? error : new Error('session store failed')

/** csurf throws its own kind of error; to the rest of the house it is a Problem like any other. */
const asProblem = (error: unknown): unknown =>
  (error as { code?: unknown } | undefined)?.code === 'EBADCSRFTOKEN' ? new Problem('csrf_invalid') : error

/** A styled page for every failure: what happened, what to do now, and a reference. */
function pageErrors(d: PageDeps): ErrorRequestHandler {
  return (thrown: unknown, req, res, next) => {
    const error = asProblem(thrown)
    if (res.headersSent) return next(error)
    noteFault(d.log, error, res.locals.requestId)
    if (error instanceof Problem && error.code === 'sign_in_required' && req.method === 'GET') {
      return res.redirect(303, `/login?return_to=${encodeURIComponent(req.originalUrl)}`)
    }
    setRetryAfter(res, error)
    const page = (brand: Brand) => {
      const view = errorView({
        page: { brand, csrf: '', language: languageFor(d.languages, req, brand) },
        status: statusOf(error),
        code: error instanceof Problem ? error.code : 'internal',
        requestId: String(res.locals.requestId),
        retryAfterSeconds: error instanceof Problem ? error.retryAfterSeconds : undefined,
      })
      res.status(statusOf(error)).type('html').send(d.views.render('error/error.njk', view))
    }
    // What went wrong may be what the brands are kept in.
    const brand = brandOf(d, req, res).catch(() => doorwardBrand)
    brand.then(page).catch(next)
  }
}
