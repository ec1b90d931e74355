import { hasProved } from '../account/fresh-sign-in.ts'
import { Problem } from '../errors.ts'
import { policyFor } from '../directory/policy-for.ts'
import type { User } from '../directory/user.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { formActionTo } from '../http/headers.ts'
import { OauthProblem } from '../http/oauth-wire.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import type { PageRequest } from '../http/request.ts'
import { HOUR, SECOND } from '../platform/clock.ts'
import type { Sealer } from '../platform/sealing.ts'
import { z } from 'zod'
import { loginPath } from '../signin/login-path.ts'
import { personOf, signedIn, type SessionCheckDeps, type SignedInPerson } from '../signin/signed-in.ts'
import { stepUp } from '../signin/step-up.ts'
import {
  authorizeQuery,
  openAsked,
  readAsked,
  returnOf,
  sealAsked,
  type AskedSession,
  type Return,
} from './asked-session.ts'
import { grantOf, issueCode } from './authorization-code.ts'
import { heldRoles, type RoleDeps } from './aws-roles.ts'
import { deliveryTo } from './client.ts'
import { codeView } from './code-view.ts'
import { consentFacts } from './consent.ts'
import { consentView } from './consent-view.ts'
import { whyNoKey } from './live-session.ts'

export type AuthorizeDeps = SessionCheckDeps & RoleDeps & { sealer: Sealer; publicUrl: string }

const PATH = '/oauth/authorize'
const pathOf = (d: AuthorizeDeps, asked: AskedSession) => `${PATH}?asked=${sealAsked(d, asked)}`

/** Back to the command line, with `state` and who answers (RFC 9207). */
function backTo(d: AuthorizeDeps, { redirectUri, state }: Return, answer: Record<string, string>): string {
  const url = new URL(redirectUri)
  for (const [name, value] of Object.entries({ ...answer, state, iss: d.publicUrl }))
    url.searchParams.set(name, value)
  return url.href
}

/** A refusal that the command line is to read; where a person pastes, they read it themselves. */
function refusal(d: AuthorizeDeps, to: Return, error: unknown): Reply {
  if (!(error instanceof OauthProblem)) throw error
  if (deliveryTo(to.redirectUri, d.publicUrl) === 'paste')
    throw new Problem('invalid_request', { message: error.message })
  return { redirect: backTo(d, to, { error: error.error, error_description: error.message }) }
}

/**
 * Whether the sign-in in this browser is not good enough for what is asked: a session of a whole day has to begin with a
 * sign-in of the first half of one, and a browser that was remembered has proved nothing. Who has just signed in for it
 * is not asked again.
 */
async function needsSignIn(
  d: AuthorizeDeps,
  { user, session }: SignedInPerson,
  asked: AskedSession,
): Promise<boolean> {
  if (!hasProved(session)) return true
  if (session.authTime >= asked.askedAt) return false
  const { broker_session_hours: hours } = await policyFor(d, { user })
  const age = d.clock() - session.authTime
  const tooOld = age > (hours * HOUR) / 2 || (asked.maxAge !== undefined && age > asked.maxAge * SECOND)
  return tooOld || asked.amr.some((name) => !session.amr.includes(name))
}

/** The role that is asked for, if its person holds it: then its app's rules are asked here and not at the first use. */
async function appOf(d: AuthorizeDeps, user: User, { roleArn }: AskedSession): Promise<number | undefined> {
  if (roleArn === undefined) return undefined
  const held = await heldRoles(d, user.roleIds)
  return held.find(({ awsRole }) => awsRole.role_arn === roleArn)?.app.id
}

async function requireKeyStorage(d: AuthorizeDeps, user: User, { keyStorage }: AskedSession): Promise<void> {
  const why = whyNoKey(await policyFor(d, { user }), keyStorage)
  if (why !== undefined) throw new OauthProblem('access_denied', why)
}

/** The page that asks, or the sign-in that comes before it. */
async function consent(d: AuthorizeDeps, request: PageRequest, asked: AskedSession): Promise<Reply> {
  const person = await personOf(d, request.session)
  const path = pathOf(d, asked)
  if (!person) return { redirect: loginPath(path) }
  if (await needsSignIn(d, person, asked)) return { redirect: loginPath(path, { fresh: true }) }
  request.speakTo(person.user)
  const { user, session } = person
  await requireKeyStorage(d, user, asked)
  const appId = await appOf(d, user, asked)
  const missing =
    appId === undefined ? undefined : await stepUp(d, request, person, { appId, returnTo: path })
  if (missing) return missing
  const view = consentView({
    ...(await consentFacts(d, request, person)),
    device: asked,
    address: request.address,
    lacks: asked.amr.filter((name) => !session.amr.includes(name)),
    action: PATH,
    hidden: { name: 'asked', value: sealAsked(d, asked) },
  })
  return { page: 'broker/consent.njk', view, formAction: formActionTo(asked.redirectUri) }
}

const getAuthorize = (d: AuthorizeDeps) =>
  endpoint({
    method: 'get',
    path: PATH,
    guard: anybody,
    input: { query: authorizeQuery },
    async handle({ query }, { request }: { request: PageRequest; caller: undefined }) {
      if (query.asked !== undefined) {
        const asked = openAsked(d, query.asked)
        return consent(d, request, asked).catch((error: unknown) => refusal(d, asked, error))
      }
      const to = returnOf(query, d.publicUrl)
      try {
        return await consent(d, request, readAsked(query, to, d.clock()))
      } catch (error) {
        return refusal(d, to, error)
      }
    },
  })

/** Asked each time, signed in or not: any program can say that it is this one (RFC 8252 section 8.6). */
const postAuthorize = (d: AuthorizeDeps) =>
  endpoint({
    method: 'post',
    path: PATH,
    guard: signedIn(d),
    input: { body: z.looseObject({ asked: pageText(8000), action: pageText(20) }) },
    async handle({ body }, { caller, request }) {
      const asked = openAsked(d, body.asked ?? '')
      const delivery = deliveryTo(asked.redirectUri, d.publicUrl) ?? 'loopback'
      if (body.action !== 'allow') {
        if (delivery === 'paste') return { redirect: '/' }
        return refusal(d, asked, new OauthProblem('access_denied', 'The request was denied in the browser'))
      }
      if (await needsSignIn(d, caller, asked))
        return { redirect: loginPath(pathOf(d, asked), { fresh: true }) }
      const { challenge, redirectUri } = asked
      const code = await issueCode(d, { ...grantOf(caller, asked), challenge, redirectUri }, delivery)
      if (delivery === 'loopback') return { redirect: backTo(d, asked, { code }) }
      const view = codeView({ page: request.page(), code: `${code}#${asked.state}` })
      return { page: 'broker/code.njk', view }
    },
  })

/** Where a person agrees that a command line may go on as them. */
export const authorizeRoutes = (d: AuthorizeDeps): Route<PageRequest>[] => [getAuthorize(d), postAuthorize(d)]
