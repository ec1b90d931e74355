import { z } from 'zod'
import { endpoint, type Route } from '../http/endpoint.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import type { ChooseDeps } from '../signin/choose-password.ts'
import { signedIn, type SignedInPerson } from '../signin/signed-in.ts'
import { changePassword, type ChangeOutcome } from './password.ts'
import { passwordView, type PasswordError } from './password-view.ts'
import { afterAllEnded, type SessionDeps } from './sessions.ts'

type PasswordDeps = ChooseDeps & SessionDeps

async function formPage(
  d: PasswordDeps,
  request: PageRequest,
  { user }: SignedInPerson,
  errors: readonly PasswordError[] = [],
): Promise<Reply> {
  const { policy } = await d.account.account()
  const view = passwordView({
    page: request.page(),
    person: user,
    minLength: policy.password_min_length,
    errors,
  })
  return { page: 'account/password.njk', view, status: errors.length > 0 ? 400 : 200 }
}

const showPassword = (d: PasswordDeps) =>
  endpoint({
    method: 'get',
    path: '/account/password',
    guard: signedIn(d),
    handle: (_input, { caller, request }) => formPage(d, request, caller),
  })

const errorOf = (outcome: Exclude<ChangeOutcome, { is: 'changed' | 'ended' }>): PasswordError =>
  outcome.is === 'fault' ? { field: 'password', is: outcome.fault } : { field: 'current', is: outcome.is }

const postPassword = (d: PasswordDeps) =>
  endpoint({
    method: 'post',
    path: '/account/password',
    guard: signedIn(d),
    input: { body: z.looseObject({ current: pageText(4096), password: pageText(4096) }) },
    async handle({ body: { current = '', password = '' } }, { caller, request }): Promise<Reply> {
      const empty: PasswordError[] = []
      if (current === '') empty.push({ field: 'current', is: 'empty' })
      if (password === '') empty.push({ field: 'password', is: 'empty' })
      if (empty.length > 0) return formPage(d, request, caller, empty)
      const outcome = await changePassword(d, caller.user, { current, next: password }, originOf(request))
      if (outcome.is === 'ended') return { redirect: '/login?notice=session_expired' }
      if (outcome.is !== 'changed') return formPage(d, request, caller, [errorOf(outcome)])
      const start = await afterAllEnded(d, caller, request.sessionId)
      const owner = await d.users.find(caller.user.id)
      return {
        redirect: '/account?notice=password_changed',
        session: { start, ...(owner && { owner }) },
      }
    },
  })

/** Changing a password that one knows. */
export const ownPasswordRoutes = (d: PasswordDeps): Route<PageRequest>[] => [showPassword(d), postPassword(d)]
