import { z } from 'zod'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import { claimAttempt } from './answer-factor.ts'
import { choosePassword, type ChooseDeps } from './choose-password.ts'
import { passwordChangedLetter } from './letters.ts'
import { personOf } from './signed-in.ts'
import { attemptEnded, newPasswordPage, progressPage, stepPage } from './step-pages.ts'

const PATH = '/login/change-password'
const body = z.looseObject({ attempt: pageText(100), password: pageText(4096) })

/** Typed into the address bar there is no attempt to go on with. */
const showChange = (d: ChooseDeps) =>
  endpoint({
    method: 'get',
    path: PATH,
    guard: anybody,
    async handle(_input, { request }: { request: PageRequest; caller: undefined }) {
      return { redirect: (await personOf(d, request.session)) ? '/' : '/login' }
    },
  })

const postChange = (d: ChooseDeps) =>
  endpoint({
    method: 'post',
    path: PATH,
    guard: anybody, // the attempt is the proof
    csrf: 'browser',
    input: { body },
    async handle({ body }, { request }: { request: PageRequest; caller: undefined }) {
      const { attempt: attemptId = '', password = '' } = body
      const origin = originOf(request)
      const open = await claimAttempt(d, { door: 'portal', attemptId, holder: request.browser, origin })
      if (!open) return attemptEnded(d, request)
      const { step } = open
      if (step.step !== 'new_password') return stepPage(d, request, open)
      const choice = { ...open, step }
      if (password === '') return newPasswordPage(d, request, choice, { fault: 'empty', status: 400 })
      const outcome = await choosePassword(d, choice, password, origin)
      if (outcome.is === 'ended') return attemptEnded(d, request)
      if (outcome.is === 'fault')
        return newPasswordPage(d, request, choice, { fault: outcome.fault, status: 400 })
      d.post.sendLater(outcome.user, passwordChangedLetter)
      return progressPage(d, request, outcome.progress, { isTold: true })
    },
  })

/** The step of a sign-in at which a person chooses a password. */
export const newPasswordRoutes = (d: ChooseDeps): Route<PageRequest>[] => [showChange(d), postChange(d)]
