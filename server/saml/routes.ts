import { z } from 'zod'
import type { App } from '../directory/app-store.ts'
import { Problem } from '../errors.ts'
import { idLike } from '../http/api-input.ts'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import { mayAuthenticate } from '../http/guards.ts'
import { originOf, type RequestFacts } from '../http/request.ts'
import type { Bearer } from '../oauth/token-store.ts'
import { HOUR } from '../platform/clock.ts'
import { answerByApi, credentialsShape, startByApi, verifyFactorShape } from '../signin/api-sign-in.ts'
import type { SignedIn, SignInDeps } from '../signin/sign-in.ts'
import { isSamlApp, issueResponse, type IssueDeps } from './issue-response.ts'
import { SAML_OPERATIONS } from './operations.ts'
import { SAML_API_WIRE, type SamlApiVersion } from './wire.ts'

type SamlApiDeps = SignInDeps & IssueDeps & Parameters<typeof mayAuthenticate>[0]

const appId = idLike('app_id', 'app_id is empty')

/** @throws Problem `not_found` in the contract's words, `app_not_assigned` where the app has shut this door */
async function samlApp(d: SamlApiDeps, id: number): Promise<App> {
  const app = await d.apps.find(id)
  if (!app || !isSamlApp(app)) throw new Problem('not_found', { message: `App for id ${id} was not found` })
  if ((app.settings as { saml_assertion_api?: boolean } | null)?.saml_assertion_api === false)
    throw new Problem('app_not_assigned', { message: 'This app does not give samlAssertions to programs' })
  return app
}

async function samlAssertionFor(
  d: SamlApiDeps,
  app: App,
  signedIn: SignedIn,
  caller: Bearer,
  request: RequestFacts,
) {
  const { policy } = await d.account.account()
  const { samlResponse } = await issueResponse(d, {
    user: signedIn.user,
    app,
    authTime: signedIn.authTime,
    sessionEndsAt: signedIn.authTime + policy.session_hours * HOUR,
    origin: originOf(request, caller.clientId),
  })
  return samlResponse
}

const door = 'saml_assertion' as const

const generate = (d: SamlApiDeps, version: SamlApiVersion) =>
  endpoint({
    method: 'post',
    path: `/api/${version}/saml_assertion`,
    guard: mayAuthenticate(d),
    doc: SAML_OPERATIONS[version].generate,
    input: { body: z.looseObject({ ...credentialsShape, app_id: appId }) },
    async handle({ body }, { caller, request }) {
      const app = await samlApp(d, body.app_id)
      const outcome = await startByApi(d, body, { appId: app.id }, { door, caller, request })
      const wire = SAML_API_WIRE[version]
      if (outcome.is === 'done')
        return { json: wire.done(await samlAssertionFor(d, app, outcome.signedIn, caller, request)) }
      const callbackUrl = `${request.ownOrigin()}/api/${version}/saml_assertion/verify_factor`
      return { json: wire.factor(outcome.open, callbackUrl) }
    },
  })

const verify = (d: SamlApiDeps, version: SamlApiVersion) =>
  endpoint({
    method: 'post',
    path: `/api/${version}/saml_assertion/verify_factor`,
    guard: mayAuthenticate(d),
    doc: SAML_OPERATIONS[version].verify,
    input: { body: z.looseObject({ ...verifyFactorShape, app_id: appId }) },
    async handle({ body }, { caller, request }) {
      const app = await samlApp(d, body.app_id)
      const isForApp = ({ attempt }: { attempt: { appId?: number | undefined } }) => attempt.appId === app.id
      const outcome = await answerByApi(d, body, { door, caller, request }, isForApp)
      const wire = SAML_API_WIRE[version]
      if (outcome.is === 'done')
        return { json: wire.done(await samlAssertionFor(d, app, outcome.signedIn, caller, request)) }
      return { json: wire.pending(outcome.factor) }
    },
  })

/** A samlAssertion for programs: password, factor, Response. Both versions of OneLogin's contract. */
export const samlApiRoutes = (d: SamlApiDeps): ApiRoute[] =>
  ([1, 2] as const).flatMap((version) => [generate(d, version), verify(d, version)])
