import { z } from 'zod'
import type { AccountStore } from '../directory/account-store.ts'
import type { AppStore } from '../directory/app-store.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import { idLike, requiredText } from '../http/api-input.ts'
import { envelope } from '../http/api-wire.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import type { Reply } from '../http/reply.ts'
import { originOf, type RequestFacts } from '../http/request.ts'
import { READ_SCOPES, SIGN_IN_SCOPES } from '../oauth/scope.ts'
import { HOUR } from '../platform/clock.ts'
import { isSamlApp, issueResponse, type IssueDeps } from '../saml/issue-response.ts'
import { element, type Xml } from '../saml/xml.ts'
import { answerPassword } from '../signin/password-only.ts'
import { startSignIn, type SignedIn, type SignInDeps } from '../signin/sign-in.ts'
import { legacyKeyInBody, legacyKeyOrNone, type KeyGuardDeps } from './key-guard.ts'
import type { LegacyCaller } from './legacy-key.ts'
import { plainText } from './query.ts'
import { field, xmlReply } from './xml-fields.ts'

export type LegacySignInDeps = SignInDeps &
  IssueDeps &
  KeyGuardDeps & { account: Pick<AccountStore, 'account'>; apps: AppStore }

type Message = 'Success' | 'Invalid password' | 'Account not found' | 'User not found'

const answer = (message: Message, user?: User): Xml =>
  element(
    'response',
    {},
    field('authenticated', String(user !== undefined)),
    ...(user ? [field('firstname', user.firstname), field('lastname', user.lastname)] : []),
    field('message', message),
  )

const credentials = z.looseObject({ email: plainText(1024), password: plainText(4096) })
type Credentials = z.output<typeof credentials>

async function delegatedAuth(
  d: LegacySignInDeps,
  caller: LegacyCaller,
  { email, password }: Credentials,
  request: RequestFacts,
): Promise<Xml> {
  // Who may not read people is not told who exists.
  const unknown: Message = READ_SCOPES.includes(caller.scope) ? 'User not found' : 'Invalid password'
  if (!email || !password) return answer(email ? 'Invalid password' : unknown)
  const origin = originOf(request, caller.clientId)
  const outcome = await answerPassword(d, { login: email, password, origin })
  if (outcome.is === 'right') return answer('Success', outcome.user)
  return answer(outcome.known ? 'Invalid password' : unknown)
}

/** Always 200: what is wrong stands in the answer, also when too many tries were. */
async function answered(
  d: LegacySignInDeps,
  ...given: [LegacyCaller | undefined, Credentials, RequestFacts]
): Promise<Reply> {
  const [caller, input, request] = given
  if (!caller) return xmlReply(answer('Account not found'))
  try {
    return xmlReply(await delegatedAuth(d, caller, input, request))
  } catch (error) {
    if (!(error instanceof Problem) || error.code !== 'rate_limited') throw error
    return {
      ...xmlReply(answer('Invalid password')),
      headers: { 'Retry-After': String(error.retryAfterSeconds) },
    }
  }
}

const delegatedAuthByQuery = (d: LegacySignInDeps) =>
  endpoint({
    method: 'get',
    path: '/api/v3/delegated_auth',
    guard: legacyKeyOrNone(d, SIGN_IN_SCOPES),
    input: { query: credentials },
    handle: ({ query }, { caller, request }) => answered(d, caller, query, request),
  })

/** What the body leaves out may stand in the query. */
const delegatedAuthByBody = (d: LegacySignInDeps) =>
  endpoint({
    method: 'post',
    path: '/api/v3/delegated_auth',
    guard: legacyKeyOrNone(d, SIGN_IN_SCOPES),
    input: { query: credentials, body: credentials },
    handle: ({ query, body }, { caller, request }) =>
      answered(
        d,
        caller,
        { email: body.email ?? query.email, password: body.password ?? query.password },
        request,
      ),
  })

const refused = () => new Problem('invalid_credentials', { message: 'Authentication Failed' })

/** A person whose password is right and of whom nothing more is asked: these resources know no second factor. */
async function signIn(
  d: LegacySignInDeps,
  { username, password, app_id: appId }: { username: string; password: string; app_id: number },
  caller: LegacyCaller,
  request: RequestFacts,
): Promise<SignedIn> {
  const outcome = await startSignIn(d, {
    door: 'saml_assertion',
    login: username,
    password,
    holder: caller.clientId,
    extras: { appId },
    origin: originOf(request, caller.clientId),
  })
  if (outcome.is !== 'done') throw refused()
  return outcome.signedIn
}

const samlAssertion = (d: LegacySignInDeps) =>
  endpoint({
    method: 'post',
    path: '/api/v3/saml/assertion',
    guard: legacyKeyInBody(d, SIGN_IN_SCOPES),
    input: {
      body: z.looseObject({
        username: requiredText('username', 'username is empty'),
        password: requiredText('password', 'password is empty', { max: 4096 }),
        app_id: idLike('app_id', 'app_id is empty'),
      }),
    },
    async handle({ body }, { caller, request }) {
      const app = await d.apps.find(body.app_id)
      if (!app || !isSamlApp(app))
        throw new Problem('not_found', { message: `App for id ${body.app_id} was not found` })
      const { user, authTime } = await signIn(d, body, caller, request)
      const { policy } = await d.account.account()
      const { samlResponse } = await issueResponse(d, {
        user,
        app,
        authTime,
        sessionEndsAt: authTime + policy.session_hours * HOUR,
        origin: originOf(request, caller.clientId),
      })
      return { json: envelope(samlResponse) }
    },
  })

/** Passwords that programs have, told right or wrong, or turned into a samlAssertion. */
export const legacySignInRoutes = (d: LegacySignInDeps): Route<RequestFacts>[] => [
  delegatedAuthByQuery(d),
  delegatedAuthByBody(d),
  samlAssertion(d),
]
