import { z } from 'zod'
import { readMailLink } from '../factors/mail-link.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import type { PageRequest } from '../http/request.ts'
import { answerFactor } from './answer-factor.ts'
import { readAttempt } from './attempt.ts'
import { claimOnPage } from './factor-routes.ts'
import { linkOpenView, linkOverView } from './link-view.ts'
import type { SignInDeps } from './sign-in.ts'
import { afterAnswer, askerOf } from './step-pages.ts'

type Call = { request: PageRequest; caller: undefined }

/** One page for a link that is unknown, used or over, or that is opened in another browser than the one that asked. */
const notHere = (request: PageRequest): Reply => ({
  page: 'signin/link-over.njk',
  view: linkOverView({ page: request.page(), purpose: 'sign_in' }),
  status: 410,
})

/** The address in a letter. It looks nothing up: a program that tries every link of a letter changes nothing. */
const openLink = () =>
  endpoint({
    method: 'get',
    path: '/login/link/:token',
    guard: anybody,
    csrf: 'browser',
    input: { params: z.looseObject({ token: z.string().max(200) }) },
    async handle({ params: { token } }, { request }: Call): Promise<Reply> {
      const view = linkOpenView({ page: request.page(), purpose: 'sign_in', token })
      return { page: 'signin/link-open.njk', view, headers: { 'Referrer-Policy': 'no-referrer' } }
    },
  })

const showNone = () =>
  endpoint({
    method: 'get',
    path: '/login/link',
    guard: anybody,
    csrf: 'browser',
    handle: async (_input, { request }: Call) => notHere(request),
  })

/** The link beside a mail code answers the question of the attempt that this browser holds, as the code does. */
const followLink = (d: SignInDeps) =>
  endpoint({
    method: 'post',
    path: '/login/link',
    guard: anybody, // the token is the proof, beside the browser's own
    csrf: 'browser',
    input: { body: z.looseObject({ token: pageText(200) }) },
    async handle({ body: { token = '' } }, { request }: Call): Promise<Reply> {
      const target = await readMailLink(d, token)
      const read = target && (await readAttempt(d, target.attemptId))
      // Another browser may not end the attempt: people open their letters on another device.
      if (!target || read?.attempt.holder !== request.browser) return notHere(request)
      const open = await claimOnPage(d, request, target.attemptId)
      if (open?.step.step !== 'factor') return notHere(request)
      const { authenticatorId } = target
      const answer = { authenticatorId, code: token, ...askerOf(request) }
      const outcome = await answerFactor(d, { ...open, step: open.step }, answer)
      return afterAnswer(d, request, outcome, () => Promise.resolve(notHere(request)))
    },
  })

/** The link in a letter with a code, for the browser that asked for it. */
export const mailLinkRoutes = (d: SignInDeps): Route<PageRequest>[] => [openLink(), showNone(), followLink(d)]
