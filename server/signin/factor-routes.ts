import { z } from 'zod'
import { FACTORS } from '../factors/factor-kind.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import { answerFactor, challengeFactor, claimAttempt, type OpenQuestion } from './answer-factor.ts'
import { readAttempt } from './attempt.ts'
import { askFor, type FactorError } from './factor-view.ts'
import { personOf } from './signed-in.ts'
import type { SignInDeps } from './sign-in.ts'
import { ANSWER_FIELDS, isTyped, typedAnswer } from './typed-answer.ts'
import { afterAnswer, askerOf, attemptEnded, factorPage, stepPage } from './step-pages.ts'

const factorBody = z.looseObject({
  attempt: pageText(100),
  device_id: pageText(20),
  ...ANSWER_FIELDS,
  action: pageText(20),
  choose: pageText(20),
  remember: pageText(10),
})

/** The attempt that a form of this tab names, if this browser holds it. From here on pages and letters speak to its person. */
export async function claimOnPage(d: SignInDeps, request: PageRequest, attemptId = '') {
  const claim = { attemptId, holder: request.browser, origin: originOf(request) }
  const open = await claimAttempt(d, { door: 'portal', ...claim })
  if (open) request.speakTo(open.user)
  return open
}

/** Typed into the address bar there is no attempt to go on with. */
export const showNoAttempt = (d: SignInDeps, path: string) =>
  endpoint({
    method: 'get',
    path,
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
      const claimed = await claimOnPage(d, request, body.attempt)
      if (!claimed) return attemptEnded(d, request)
      const { step } = claimed
      if (step.step !== 'factor') return stepPage(d, request, claimed)
      const open = { ...claimed, step }
      const wanted = Number(body.choose ?? body.device_id)
      const chosen = step.choices.find(({ id }) => id === wanted)
      if (body.choose !== undefined && chosen) return factorPage(d, request, open, chosen)
      if (body.action === 'send') return sendCode(d, request, open, wanted)
      return answer(d, request, open, wanted, body)
    },
  })

/** After these nothing is on its way any more: the page offers to ask again. */
const ASKED_NO_MORE: ReadonlySet<FactorError['is']> = new Set(['denied', 'lapsed', 'locked'])

async function answer(
  d: SignInDeps,
  request: PageRequest,
  open: OpenQuestion,
  wanted: number,
  given: z.output<typeof factorBody>,
): Promise<Reply> {
  const remember = given.remember === 'on'
  const chosen = open.step.choices.find(({ id }) => id === wanted)
  const code = chosen ? typedAnswer(chosen.factor, given) : ''
  const again = (error: FactorError, status: number) =>
    factorPage(d, request, open, chosen, {
      codeSent: !ASKED_NO_MORE.has(error.is),
      remember,
      error,
      status,
    })
  if (chosen && code === '' && isTyped(chosen.factor)) return again({ is: 'code_missing' }, 400)
  // Pressed before the page's script was there, or without it: nothing was answered.
  if (chosen && code === '' && askFor(chosen.factor) === 'browser')
    return factorPage(d, request, open, chosen)
  const outcome = await answerFactor(d, open, {
    authenticatorId: wanted,
    code,
    remember,
    ...askerOf(request),
  })
  return afterAnswer(d, request, outcome, again)
}

async function sendCode(
  d: SignInDeps,
  request: PageRequest,
  open: OpenQuestion,
  wanted: number,
): Promise<Reply> {
  const sent = await challengeFactor(d, open, wanted, askerOf(request))
  const chosen = open.step.choices.find(({ id }) => id === wanted)
  if (sent === undefined || !chosen) return attemptEnded(d, request)
  if (sent.is === 'locked')
    return factorPage(d, request, open, chosen, { codeSent: false, error: { is: 'locked' }, status: 401 })
  if (sent.is === 'too_soon' && !sent.shows) {
    const { waitSeconds } = sent
    const elsewhere = FACTORS[chosen.factor].answeredBy === 'poll' // what waits is another attempt's
    const error: FactorError = { is: elsewhere ? 'asked_elsewhere' : 'resend_too_soon', waitSeconds }
    return factorPage(d, request, open, chosen, { codeSent: !elsewhere, error })
  }
  return factorPage(d, request, open, chosen, { codeSent: true, shows: sent.shows })
}

/**
 * Whether an answer that is given elsewhere is still waited for: what a script of the page asks all the time, so it
 * reads no more than the attempt and the answer. Once it is there, the page goes on as without scripts.
 */
const postWaiting = (d: SignInDeps) =>
  endpoint({
    method: 'post',
    path: '/login/factor/waiting',
    guard: anybody,
    csrf: 'browser',
    input: { body: factorBody },
    async handle({ body }, { request }: { request: PageRequest; caller: undefined }) {
      const read = await readAttempt(d, body.attempt ?? '')
      const own = read?.attempt.door === 'portal' && read.attempt.holder === request.browser
      if (!own) return { json: { waiting: false } }
      const asked = Object.values(d.factors).map(async (factor) =>
        factor.waitsFor?.(read.attempt.userId, read.attemptId),
      )
      const secondsLeft = (await Promise.all(asked)).find((seconds) => seconds !== undefined)
      return { json: { waiting: secondsLeft !== undefined, secondsLeft } }
    },
  })

/** The second factor of a sign-in on pages. */
export const factorPageRoutes = (d: SignInDeps): Route<PageRequest>[] => [
  showNoAttempt(d, '/login/factor'),
  postFactor(d),
  postWaiting(d),
]
