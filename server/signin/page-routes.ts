import { z } from 'zod'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import { safePath } from './allowed-origins.ts'
import type { LoginNotice } from './login-view.ts'
import { rememberCookie } from './remembered-browsers.ts'
import { personOf } from './signed-in.ts'
import { startSignIn, type SignInDeps } from './sign-in.ts'
import { loginPage, progressPage, refusalTold, sharedLoginPage } from './step-pages.ts'

const loginQuery = z.looseObject({
  return_to: pageText(8000).catch(undefined),
  notice: z.enum(['signed_out', 'session_expired']).optional().catch(undefined),
  /** Somebody wants to know anew that it is them: the page is shown to those who are signed in too. */
  fresh: z.literal('1').optional().catch(undefined),
})
const loginBody = z.looseObject({
  login: pageText(1024),
  password: pageText(4096),
  return_to: pageText(8000),
  fresh: pageText(1),
})
const showLogin = (d: SignInDeps) =>
  endpoint({
    method: 'get',
    path: '/login',
    guard: anybody,
    csrf: 'browser',
    input: { query: loginQuery },
    async handle({ query }, { request }: { request: PageRequest; caller: undefined }) {
      const returnTo = safePath(query.return_to)
      const person = await personOf(d, request.session)
      if (person && query.fresh === undefined) return { redirect: returnTo }
      const expired: LoginNotice | undefined = request.session && !person ? 'session_expired' : undefined
      const notice = query.notice ?? expired
      if (!person && returnTo === safePath(undefined) && query.fresh === undefined)
        return sharedLoginPage(request, notice)
      const login = person && (person.user.email || person.user.username)
      return loginPage(request, { returnTo, notice, login, fresh: query.fresh === '1' })
    },
  })

const postLogin = (d: SignInDeps) =>
  endpoint({
    method: 'post',
    path: '/login',
    guard: anybody,
    csrf: 'browser',
    input: { body: loginBody },
    async handle({ body }, { request }: { request: PageRequest; caller: undefined }) {
      const { login = '', password = '' } = body
      const fresh = body.fresh === '1'
      const returnTo = safePath(body.return_to)
      const isFirst = body.password === undefined && request.page().brand.identifier_first
      // Nothing is looked up: the next page is the same for whoever it may be.
      if (isFirst && login.trim() !== '') return loginPage(request, { login, returnTo, fresh })
      const empty = (['login', 'password'] as const).filter((name) => (body[name] ?? '').trim() === '')
      if (empty.length > 0) return loginPage(request, { login, returnTo, fresh, empty }, 400)
      const outcome = await startSignIn(d, {
        door: 'portal',
        login,
        password,
        holder: request.browser,
        extras: { returnTo },
        origin: originOf(request),
        knownAs: (user) => request.knownAs(user),
        rememberedBy: fresh ? undefined : (user) => request.cookie(rememberCookie(user)),
      })
      switch (outcome.is) {
        case 'done':
        case 'next':
          return progressPage(d, request, outcome)
        case 'invalid':
        case 'locked': // the same page: nobody may learn here that an account is paused
          return loginPage(request, { login, returnTo, fresh, error: 'wrong_credentials' }, 401)
        case 'refused':
          return loginPage(request, { login, returnTo, error: refusalTold(outcome.refusal) }, 401)
      }
    },
  })

/** Sign-in for people: identifier and password; the steps after it have routes of their own. */
export const signInPageRoutes = (d: SignInDeps): Route<PageRequest>[] => [showLogin(d), postLogin(d)]
