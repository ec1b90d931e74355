import { z } from 'zod'
import { requestOptions } from '../factors/webauthn.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import type { Random } from '../platform/random.ts'
import { safePath } from './allowed-origins.ts'
import { ANSWER_MAX } from './typed-answer.ts'
import { newPasskeyChallenge } from './passkey-challenge.ts'
import { signInWithPasskey, type PasskeyDeps } from './passkey-sign-in.ts'
import { loginPage, progressPage, refusalTold } from './step-pages.ts'

type Deps = PasskeyDeps & { random: Random }

/** What a script hands to the browser's API. Nothing is looked up and nothing is kept: it is the same for everybody. */
const postOptions = (d: Deps) =>
  endpoint({
    method: 'post',
    path: '/login/passkey/options',
    guard: anybody,
    csrf: 'browser',
    async handle(_input, { request }: { request: PageRequest; caller: undefined }) {
      const challenge = newPasskeyChallenge(d, request.browser)
      return { json: requestOptions(d.relyingParty.id, challenge, 'required', []) }
    },
  })

const postPasskey = (d: Deps) =>
  endpoint({
    method: 'post',
    path: '/login/passkey',
    guard: anybody,
    csrf: 'browser',
    input: { body: z.looseObject({ code: pageText(ANSWER_MAX), return_to: pageText(8000) }) },
    async handle({ body }, { request }: { request: PageRequest; caller: undefined }) {
      const returnTo = safePath(body.return_to)
      const outcome = await signInWithPasskey(d, {
        answer: body.code ?? '',
        holder: request.browser,
        pages: request.ownOrigin(),
        extras: { returnTo },
        origin: originOf(request),
      })
      switch (outcome.is) {
        case 'done':
        case 'next':
          return progressPage(d, request, outcome)
        case 'invalid':
        case 'locked':
          return loginPage(request, { returnTo, error: 'wrong_passkey' }, 401)
        case 'refused': {
          const told = refusalTold(outcome.refusal)
          const error = told === 'wrong_credentials' ? 'wrong_passkey' : told
          return loginPage(request, { returnTo, error }, 401)
        }
      }
    },
  })

/** Loaded by nobody but by its script. */
const showNone = () =>
  endpoint({
    method: 'get',
    path: '/login/passkey',
    guard: anybody,
    handle: () => Promise.resolve({ redirect: '/login' }),
  })

/** Other hosts of ours on which the passkeys of this one may be used (WebAuthn Level 3, 5.11). */
const showOrigins = (d: { ownOrigins: () => Promise<string[]> }) =>
  endpoint({
    method: 'get',
    path: '/.well-known/webauthn',
    guard: anybody,
    csrf: 'none',
    handle: async () => ({ json: { origins: await d.ownOrigins() } }),
  })

/** Signing in with a passkey alone. */
export const passkeyRoutes = (d: Deps & { ownOrigins: () => Promise<string[]> }): Route<PageRequest>[] => [
  showNone(),
  postOptions(d),
  postPasskey(d),
  showOrigins(d),
]
