import { z } from 'zod'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import { answerFactor, challengeFactor, claimAttempt, type OpenQuestion } from './answer-factor.ts'
import { safePath } from './allowed-origins.ts'
import type { FactorError } from './factor-view.ts'
import type { LoginNotice } from './login-view.ts'
import { personOf } from './signed-in.ts'
import { startSignIn, type SignInDeps } from './sign-in.ts'
import {
  attemptEnded,
  factorPage,
  loginPage,
  progressPage,
  refusalTold,
  sharedLoginPage,
  stepPage,
} from './step-pages.ts'

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
})
const factorBody = z.looseObject({
  attempt: pageText(100),
  device_id: pageText(20),
  code: pageText(100),
  action: pageText(20),
  choose: pageText(20),
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
      const login = person && (person.user.email || person.user.username)
      const facts = { returnTo, notice: query.notice ?? expired }
      const forAnybody = !person && returnTo === safePath(undefined)
      return forAnybody ? sharedLoginPage(request, facts) : loginPage(request, { ...facts, login })
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
      const returnTo = safePath(body.return_to)
      const empty = (['login', 'password'] as const).filter((name) => (body[name] ?? '').trim() === '')
      if (empty.length > 0) return loginPage(request, { login, returnTo, empty }, 400)
      const outcome = await startSignIn(d, {
        door: 'portal',
        login,
        password,
        holder: request.browser,
        extras: { returnTo },
        origin: originOf(request),
      })
      switch (outcome.is) {
        case 'done':
        case 'next':
          return progressPage(d, request, outcome)
        case 'invalid':
        case 'locked': // the same page: nobody may learn here that an account is paused
          return loginPage(request, { login, returnTo, error: 'wrong_credentials' }, 401)
        case 'refused':
          return loginPage(request, { login, returnTo, error: refusalTold(outcome.refusal) }, 401)
      }
    },
  })

/** Typed into the address bar there is no attempt to go on with. */
const showFactor = (d: SignInDeps) =>
  endpoint({
    method: 'get',
    path: '/login/factor',
    guard: anybody,
    async handle(_input, { request }: { request: PageRequest; caller: undefined }) {
      return { redirect: (await personOf(d, request.session)) ? '/' : '/login' }
    },
  })

const postFactor = (d: SignInDeps) =>
  endpoint({
    method: 'post',
    path: '/login/factor',
    guard: anybody,
    csrf: 'browser',
    input: { body: factorBody },
    async handle({ body }, { request }: { request: PageRequest; caller: undefined }) {
      const origin = originOf(request)
      const claim = {
        door: 'portal' as const,
        attemptId: body.attempt ?? '',
        holder: request.browser,
        origin,
      }
      const claimed = await claimAttempt(d, claim)
      if (!claimed) return attemptEnded(d, request)
      const { step } = claimed
      if (step.step !== 'factor') return stepPage(d, request, claimed)
      const open = { ...claimed, step }
      const wanted = Number(body.choose ?? body.device_id)
      const chosen = step.choices.find(({ id }) => id === wanted)
      if (body.choose !== undefined && chosen) return factorPage(request, open, chosen)
      if (body.action === 'send') return sendCode(d, request, open, wanted)
      const code = (body.code ?? '').replace(/\s/g, '')
      if (code === '' && chosen) {
        return factorPage(request, open, chosen, {
          codeSent: true,
          error: { is: 'code_missing' },
          status: 400,
        })
      }
      const outcome = await answerFactor(d, open, { authenticatorId: wanted, code, origin })
      if (outcome.is === 'ended') return attemptEnded(d, request)
      if (outcome.is !== 'wrong') return progressPage(d, request, outcome)
      const error: FactorError = { is: 'wrong_code', triesLeft: outcome.triesLeft }
      return factorPage(request, open, chosen, { codeSent: true, error, status: 401 })
    },
  })

async function sendCode(
  d: SignInDeps,
  request: PageRequest,
  open: OpenQuestion,
  wanted: number,
): Promise<Reply> {
  const sent = await challengeFactor(d, open, wanted, originOf(request))
  const chosen = open.step.choices.find(({ id }) => id === wanted)
  if (sent === undefined || !chosen) return attemptEnded(d, request)
  const error: FactorError | undefined = sent === 'too_soon' ? { is: 'resend_too_soon' } : undefined
  return factorPage(request, open, chosen, { codeSent: true, ...(error && { error }) })
}

/** Sign-in for people: identifier and password, then the second factor. */
export const signInPageRoutes = (d: SignInDeps): Route<PageRequest>[] => [
  showLogin(d),
  postLogin(d),
  showFactor(d),
  postFactor(d),
]
