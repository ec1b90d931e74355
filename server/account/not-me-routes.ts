import { z } from 'zod'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import { isNotMeOpen, undoSignIn, type NotMeDeps } from './not-me.ts'
import { notMeView } from './not-me-view.ts'

const NO_REFERRER = { 'Referrer-Policy': 'no-referrer' }

const notMePage = (request: PageRequest, token: string): Reply => ({
  page: 'account/not-me.njk',
  view: notMeView({ page: request.page(), token }),
  headers: NO_REFERRER,
  status: token === '' ? 410 : 200,
})

const showNotMe = (d: NotMeDeps) =>
  endpoint({
    method: 'get',
    path: '/not-me/:token',
    guard: anybody, // the token is the proof
    csrf: 'browser',
    input: { params: z.looseObject({ token: z.string().max(200) }) },
    handle: async ({ params: { token } }, { request }: { request: PageRequest; caller: undefined }) =>
      notMePage(request, (await isNotMeOpen(d, token)) ? token : ''),
  })

const postNotMe = (d: NotMeDeps) =>
  endpoint({
    method: 'post',
    path: '/not-me',
    guard: anybody, // the token is the proof
    csrf: 'browser',
    input: { body: z.looseObject({ token: pageText(200) }) },
    async handle(
      { body: { token = '' } },
      { request }: { request: PageRequest; caller: undefined },
    ): Promise<Reply> {
      const reset = token === '' ? undefined : await undoSignIn(d, token, originOf(request))
      return reset === undefined ? notMePage(request, '') : { redirect: new URL(reset).pathname }
    },
  })

/** The link in a letter about a sign-in that was somebody else's. */
export const notMeRoutes = (d: NotMeDeps): Route<PageRequest>[] => [showNotMe(d), postNotMe(d)]
