import { z } from 'zod'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import { MINUTE, SECOND } from '../platform/clock.ts'
import { forgotSentView, forgotView } from './forgot-view.ts'
import { countForgotten, sendReset, type ForgotDeps } from './forgot.ts'
import { RESET_MINUTES } from './letters.ts'

const LIFE_SECONDS = (RESET_MINUTES * MINUTE) / SECOND

const showForgot = () =>
  endpoint({
    method: 'get',
    path: '/forgot',
    guard: anybody,
    csrf: 'browser',
    handle: async (_input, { request }: { request: PageRequest; caller: undefined }) => ({
      page: 'account/forgot.njk',
      view: forgotView({ page: request.page() }),
    }),
  })

/** Everybody gets the same page at once; whether somebody gets a letter is found out afterwards. */
const postForgot = (d: ForgotDeps) =>
  endpoint({
    method: 'post',
    path: '/forgot',
    guard: anybody,
    csrf: 'browser',
    input: { body: z.looseObject({ login: pageText(1024) }) },
    async handle({ body }, { request }: { request: PageRequest; caller: undefined }) {
      const page = request.page()
      const login = (body.login ?? '').trim()
      if (login === '')
        return { page: 'account/forgot.njk', view: forgotView({ page, empty: true }), status: 400 }
      const origin = originOf(request)
      await countForgotten(d, origin)
      return {
        page: 'account/forgot-sent.njk',
        view: forgotSentView({ page, login, lifeSeconds: LIFE_SECONDS }),
        after: () => sendReset(d, login, origin),
      }
    },
  })

/** For who has forgotten their password. */
export const forgotRoutes = (d: ForgotDeps): Route<PageRequest>[] => [showForgot(), postForgot(d)]
