import { z } from 'zod'
import { Problem } from '../errors.ts'
import { FACTORS, type FactorKind } from '../factors/factor-kind.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import type { EnrolmentDeps } from '../factors/enrolment.ts'
import {
  challengeNew,
  enrolInAttempt,
  enrollingIn,
  putOff,
  proveNew,
  type Enrolling,
  type OpenEnrolment,
} from './enrol-factor.ts'
import type { EnrolError } from './enrol-view.ts'
import { claimOnPage, showNoAttempt } from './factor-routes.ts'
import { ANSWER_FIELDS, isTyped, typedAnswer } from './typed-answer.ts'
import { askFor, type FactorError } from './factor-view.ts'
import { qrView } from './qr-code.ts'
import type { SignInDeps } from './sign-in.ts'
import { afterAnswer, askerOf, attemptEnded, enrolPage, progressPage, stepPage } from './step-pages.ts'

export type EnrolDeps = SignInDeps & EnrolmentDeps

const enrolBody = z.looseObject({
  attempt: pageText(100),
  /** Begins this kind; the button of an offer. */
  kind: pageText(40),
  number: pageText(40),
  ...ANSWER_FIELDS,
  action: pageText(20),
})
type EnrolBody = z.output<typeof enrolBody>

const postEnrol = (d: EnrolDeps) =>
  endpoint({
    method: 'post',
    path: '/login/enrol',
    guard: anybody,
    csrf: 'browser',
    input: { body: enrolBody },
    async handle({ body }, { request }: { request: PageRequest; caller: undefined }) {
      const claimed = await claimOnPage(d, request, body.attempt)
      if (!claimed) return attemptEnded(d, request)
      const { step } = claimed
      if (step.step !== 'enrol' || body.action === 'choose') return stepPage(d, request, claimed)
      const open = { ...claimed, step }
      if (body.action === 'later' && step.later > 0) return later(d, request, open)
      const kind = step.kinds.find((one) => one === body.kind)
      if (kind !== undefined) return begin(d, request, open, kind, body.number)
      const enrolling = await enrollingIn(d, open)
      if (!enrolling) return enrolPage(d, request, open)
      return body.action === 'send' ? send(d, request, enrolling) : prove(d, request, enrolling, body)
    },
  })

async function later(d: EnrolDeps, request: PageRequest, open: OpenEnrolment): Promise<Reply> {
  const progress = await putOff(d, open, originOf(request))
  return progress ? progressPage(d, request, progress) : attemptEnded(d, request)
}

async function begin(
  d: EnrolDeps,
  request: PageRequest,
  open: OpenEnrolment,
  kind: FactorKind,
  number: string | undefined,
): Promise<Reply> {
  if (FACTORS[kind].asksFirst === 'phone_number' && number === undefined)
    return enrolPage(d, request, open, { chosen: { kind } })
  try {
    const enrolling = await enrolInAttempt(d, open, { kind, number }, askerOf(request))
    return enrolling ? await send(d, request, enrolling) : await attemptEnded(d, request)
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'invalid_request')) throw error
    return enrolPage(d, request, open, {
      chosen: { kind },
      number,
      error: { is: 'number_wrong' },
      status: 400,
    })
  }
}

async function send(d: EnrolDeps, request: PageRequest, enrolling: Enrolling): Promise<Reply> {
  const sent = await challengeNew(d, enrolling, askerOf(request))
  const error: FactorError | null =
    sent.is === 'too_soon' ? { is: 'resend_too_soon', waitSeconds: sent.waitSeconds } : null
  return provePage(d, request, enrolling, error, 200)
}

/** The page at which setting up stands, with its new time. */
export async function enrolGivenTime(
  d: EnrolDeps,
  request: PageRequest,
  open: OpenEnrolment,
): Promise<Reply> {
  const enrolling = await enrollingIn(d, open)
  return enrolling
    ? provePage(d, request, enrolling, null, 200, true)
    : enrolPage(d, request, open, { given: true })
}

async function provePage(
  d: EnrolDeps,
  request: PageRequest,
  { open, authenticator, setup }: Enrolling,
  error: EnrolError | null,
  status: number,
  given = false,
): Promise<Reply> {
  const qr = setup.is === 'seed' ? await qrView(setup.otpauthUrl) : undefined
  return enrolPage(d, request, open, {
    chosen: { kind: authenticator.factor, setup, qr },
    error,
    status,
    given,
  })
}

async function prove(
  d: EnrolDeps,
  request: PageRequest,
  enrolling: Enrolling,
  body: EnrolBody,
): Promise<Reply> {
  const { factor } = enrolling.authenticator
  const code = typedAnswer(factor, body)
  const again = (error: EnrolError, status: number) => provePage(d, request, enrolling, error, status)
  if (code === '' && isTyped(factor)) return again({ is: 'code_missing' }, 400)
  if (code === '' && askFor(factor) === 'browser') return provePage(d, request, enrolling, null, 200)
  return afterAnswer(d, request, await proveNew(d, enrolling, { code, ...askerOf(request) }), again)
}

/** Setting up a second factor as part of a sign-in that requires one. */
export const enrolPageRoutes = (d: EnrolDeps): Route<PageRequest>[] => [
  showNoAttempt(d, '/login/enrol'),
  postEnrol(d),
]
