import { z } from 'zod'
import { optionalText } from '../http/api-input.ts'
import { envelope } from '../http/api-wire.ts'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import { mayAuthenticate } from '../http/guards.ts'
import type { Reply } from '../http/reply.ts'
import { answerByApi, credentialsShape, startByApi, verifyFactorShape } from './api-sign-in.ts'
import { readAllowedOrigins } from './allowed-origins.ts'
import { LOGIN_OPERATIONS } from './operations.ts'
import { issueSessionToken } from './session-token.ts'
import type { SignedIn, SignInDeps } from './sign-in.ts'
import {
  mfaEnvelope,
  pendingEnvelope,
  toDevices,
  toLoginUser,
  toSdkTime,
  withFields,
} from './sign-in-answers.ts'

type LoginDeps = SignInDeps & Parameters<typeof mayAuthenticate>[0]

const loginBody = z.looseObject({
  ...credentialsShape,
  return_to_url: optionalText('return_to_url', { max: 2048 }),
  ip_address: optionalText('ip_address'),
  browser_id: optionalText('browser_id'),
  fields: optionalText('fields'),
})

const asList = (fields: string | undefined) => fields?.split(',').map((name) => name.trim())

/** What both calls answer when the person is in: a session token, for one browser session. */
async function authenticated(d: LoginDeps, signedIn: SignedIn): Promise<Reply> {
  const { token, expiresAt } = await issueSessionToken(d, signedIn)
  const item = {
    status: 'Authenticated',
    user: withFields(signedIn.user, signedIn.extras.fields),
    return_to_url: signedIn.extras.returnTo ?? null,
    expires_at: toSdkTime(expiresAt),
    session_token: token,
  }
  return { json: envelope([item]) }
}

/** The origins may come with the password, with the code, or with both. */
const withOrigins = ({ extras, ...signedIn }: SignedIn, more: readonly string[]): SignedIn => ({
  ...signedIn,
  extras: { ...extras, allowedOrigins: [...new Set([...(extras.allowedOrigins ?? []), ...more])] },
})

const createSessionLoginToken = (d: LoginDeps) =>
  endpoint({
    method: 'post',
    path: '/api/1/login/auth',
    guard: mayAuthenticate(d),
    doc: LOGIN_OPERATIONS.createSessionLoginToken,
    input: { body: loginBody },
    async handle({ body }, { caller, request }) {
      const extras = {
        returnTo: body.return_to_url,
        allowedOrigins: readAllowedOrigins(request),
        fields: asList(body.fields),
      }
      const outcome = await startByApi(d, body, extras, { door: 'api_login', caller, request })
      if (outcome.is === 'done') return authenticated(d, outcome.signedIn)
      return {
        json: mfaEnvelope({
          user: toLoginUser(outcome.open.user),
          state_token: outcome.open.attemptId,
          callback_url: `${request.ownOrigin()}/api/1/login/verify_factor`,
          devices: toDevices(outcome.open.step.choices),
        }),
      }
    },
  })

const verifyFactor = (d: LoginDeps) =>
  endpoint({
    method: 'post',
    path: '/api/1/login/verify_factor',
    guard: mayAuthenticate(d),
    doc: LOGIN_OPERATIONS.verifyFactor,
    input: { body: z.looseObject(verifyFactorShape) },
    async handle({ body }, { caller, request }) {
      const allowedOrigins = readAllowedOrigins(request) // before the code is used up
      const outcome = await answerByApi(d, body, { door: 'api_login', caller, request })
      if (outcome.is === 'done') return authenticated(d, withOrigins(outcome.signedIn, allowedOrigins))
      return { json: pendingEnvelope(outcome.factor) }
    },
  })

/** Sign-in for programs: OneLogin's login pages API. */
export const loginApiRoutes = (d: LoginDeps): ApiRoute[] => [createSessionLoginToken(d), verifyFactor(d)]
