import { z } from 'zod'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import type { PageRequest } from '../http/request.ts'
import { extendAttempt, mayExtend } from './attempt.ts'
import { enrolGivenTime, type EnrolDeps } from './enrol-routes.ts'
import { claimOnPage, showNoAttempt } from './factor-routes.ts'
import { attemptEnded, factorPage, newPasswordPage, stepPage } from './step-pages.ts'

const PATH = '/login/more-time'
const body = z.looseObject({ attempt: pageText(100), device_id: pageText(20), sent: pageText(1) })

/** The page that asked, as it was, with all of its time again. */
const postMoreTime = (d: EnrolDeps) =>
  endpoint({
    method: 'post',
    path: PATH,
    guard: anybody, // the attempt is the proof
    csrf: 'browser',
    input: { body },
    async handle({ body }, { request }: { request: PageRequest; caller: undefined }) {
      const claimed = await claimOnPage(d, request, body.attempt)
      if (!claimed) return attemptEnded(d, request)
      if (!mayExtend(claimed.attempt)) return stepPage(d, request, claimed)
      const extended = await extendAttempt(d, claimed)
      if (!extended) return attemptEnded(d, request)
      const { step } = claimed
      const open = { ...claimed, ...extended }
      switch (step.step) {
        case 'factor': {
          const chosen = step.choices.find(({ id }) => id === Number(body.device_id))
          const codeSent = body.sent === undefined ? {} : { codeSent: true }
          return factorPage(d, request, { ...open, step }, chosen, { ...codeSent, given: true })
        }
        case 'enrol':
          return enrolGivenTime(d, request, { ...open, step })
        case 'new_password':
          return newPasswordPage(d, request, { ...open, step }, { given: true })
      }
    },
  })

/** WCAG 2.2, 2.2.1: who needs more time for a step may have it. */
export const moreTimeRoutes = (d: EnrolDeps): Route<PageRequest>[] => [
  showNoAttempt(d, PATH),
  postMoreTime(d),
]
