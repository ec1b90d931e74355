import { z } from 'zod'
import type { LinkPurpose, PasswordLinkStore } from '../directory/password-link-store.ts'
import { readLink } from '../directory/password-link.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import type { Attempt } from './attempt.ts'
import { linkOpenView, linkOverView } from './link-view.ts'
import { proceed, type SignInDeps } from './sign-in.ts'
import { progressPage } from './step-pages.ts'

export type LinkRouteDeps = SignInDeps & { passwordLinks: Pick<PasswordLinkStore, 'find'> }

const PURPOSES: readonly LinkPurpose[] = ['invite', 'reset']

/** One page for a link that is unknown, used, over, of somebody who may not sign in, or of another kind. */
const linkOver = (request: PageRequest, purpose: LinkPurpose): Reply => ({
  page: 'signin/link-over.njk',
  view: linkOverView({ page: request.page(), purpose }),
  status: 410,
})

/**
 * The address in a letter. It looks nothing up and uses nothing up, so that a program which tries every link of a letter
 * changes nothing; its page sends the token on in a form, so that no later address has it.
 */
const openLink = (purpose: LinkPurpose) =>
  endpoint({
    method: 'get',
    path: `/${purpose}/:token`,
    guard: anybody,
    csrf: 'browser',
    input: { params: z.looseObject({ token: z.string().max(200) }) },
    async handle({ params: { token } }, { request }: { request: PageRequest; caller: undefined }) {
      const view = linkOpenView({ page: request.page(), purpose, token })
      return { page: 'signin/link-open.njk', view, headers: { 'Referrer-Policy': 'no-referrer' } }
    },
  })

/** Without its token there is nothing to open. */
const showOver = (purpose: LinkPurpose) =>
  endpoint({
    method: 'get',
    path: `/${purpose}`,
    guard: anybody,
    csrf: 'browser',
    handle: async (_input, { request }: { request: PageRequest; caller: undefined }) =>
      linkOver(request, purpose),
  })

/** Begins an attempt with the link in place of a password. What it asks next, and whether, is the journey's matter. */
const followLink = (d: LinkRouteDeps, purpose: LinkPurpose) =>
  endpoint({
    method: 'post',
    path: `/${purpose}`,
    guard: anybody, // the token is the proof
    csrf: 'browser',
    input: { body: z.looseObject({ token: pageText(200) }) },
    async handle({ body: { token = '' } }, { request }: { request: PageRequest; caller: undefined }) {
      const opened = await readLink(d, purpose, token)
      if (!opened) return linkOver(request, purpose)
      const { link, user } = opened
      const attempt: Attempt = {
        door: 'portal',
        userId: user.id,
        epoch: user.sessionEpoch,
        passed: [purpose],
        amr: [],
        linkHash: link.tokenHash,
        holder: request.browser,
        passwordAt: d.clock(),
      }
      const progress = await proceed(d, attempt, user, originOf(request))
      return progress.is === 'next' ? progressPage(d, request, progress) : linkOver(request, purpose)
    },
  })

/** Links of letters: an invitation, a forgotten password. */
export const linkRoutes = (d: LinkRouteDeps): Route<PageRequest>[] =>
  PURPOSES.flatMap((purpose) => [openLink(purpose), showOver(purpose), followLink(d, purpose)])
