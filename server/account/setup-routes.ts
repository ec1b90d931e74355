import { z } from 'zod'
import { Problem } from '../errors.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import type { PageRequest } from '../http/request.ts'
import { isSetupOpen, MIN_LENGTH, readSetupForm, setUp, type SetupDeps } from './setup.ts'
import { SETUP_FIELDS, setupDoneView, setupView, type SetupFacts, type SetupField } from './setup-view.ts'

const body = z.looseObject({
  setup_token: pageText(200),
  ...(Object.fromEntries(SETUP_FIELDS.map((name) => [name, pageText(2000)])) as Record<
    SetupField,
    ReturnType<typeof pageText>
  >),
})

function formPage(
  request: PageRequest,
  token: string,
  facts: Pick<SetupFacts, 'values' | 'errors'>,
  status = 200,
): Reply {
  const view = setupView({
    page: request.page(),
    action: '/setup',
    setupToken: token,
    passwordMinLength: MIN_LENGTH,
    ...facts,
  })
  return { page: 'account/setup.njk', view, status }
}

const showSetup = (d: SetupDeps) =>
  endpoint({
    method: 'get',
    path: '/setup/:token',
    guard: anybody, // the token is the proof
    input: { params: z.looseObject({ token: z.string().max(200) }) },
    async handle({ params: { token } }, { request }: { request: PageRequest; caller: undefined }) {
      if (!(await isSetupOpen(d, token))) throw new Problem('not_found')
      return formPage(request, token, {})
    },
  })

const postSetup = (d: SetupDeps) =>
  endpoint({
    method: 'post',
    path: '/setup',
    guard: anybody, // the token is the proof
    input: { body },
    async handle(
      { body: { setup_token: token = '', ...values } },
      { request }: { request: PageRequest; caller: undefined },
    ) {
      if (!(await isSetupOpen(d, token))) throw new Problem('not_found')
      const form = await readSetupForm(values)
      if ('errors' in form) {
        const shown = Object.fromEntries(SETUP_FIELDS.map((name) => [name, values[name] ?? ''] as const))
        return formPage(request, token, { values: shown, errors: form.errors }, 400)
      }
      const outcome = await setUp(d, token, form.input)
      if (outcome.is === 'too_late') throw new Problem('not_found')
      const { company, email } = form.input
      const view = setupDoneView({ page: request.page(), company, email, ...outcome })
      return { page: 'account/setup-done.njk', view }
    },
  })

/** The first administrator of a new installation. */
export const setupRoutes = (d: SetupDeps): Route<PageRequest>[] => [showSetup(d), postSetup(d)]
