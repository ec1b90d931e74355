import { z } from 'zod'
import type { AccountStore } from '../directory/account-store.ts'
import { Problem } from '../errors.ts'
import type { EventStore } from '../events/event-store.ts'
import { apiUnauthorized } from '../events/events.ts'
import { optionalText } from '../http/api-input.ts'
import { envelope, successStatus } from '../http/api-wire.ts'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import { mayRead, open } from '../http/guards.ts'
import type { OperationDoc } from '../http/operation.ts'
import type { RateLimit } from '../http/rate-limit.ts'
import { originOf, type RequestFacts } from '../http/request.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { HOUR, SECOND, type Clock } from '../platform/clock.ts'
import { sha256 } from '../platform/master-key.ts'
import type { Random } from '../platform/random.ts'
import type { Transact } from '../stores.ts'
import { readClientCredentials } from './client-credentials.ts'
import type { ApiCredential, CredentialStore } from './credential-store.ts'
import { OAUTH_OPERATIONS } from './operations.ts'
import type { Bearer, TokenStore } from './token-store.ts'
import { authenticateClient, generateTokens, refreshTokens, type IssuedTokens } from './tokens.ts'
import { toTokens } from './wire.ts'

interface OauthDeps {
  clock: Clock
  random: Random
  account: Pick<AccountStore, 'account'>
  credentials: CredentialStore
  tokens: TokenStore
  transact: Transact
  rateLimit: RateLimit
  events: Pick<EventStore, 'append'>
  pending: Pick<PendingStore, 'count'>
  findBearer(accessToken: string): Promise<Bearer>
}

const tokenBody = z.looseObject({
  grant_type: optionalText('grant_type'),
  client_id: optionalText('client_id'),
  client_secret: optionalText('client_secret'),
  access_token: optionalText('access_token'),
  refresh_token: optionalText('refresh_token'),
})
/** One client sends its grant type in the query, with an empty body. */
const tokenQuery = z.looseObject({ grant_type: optionalText('grant_type') })
type TokenBody = z.output<typeof tokenBody>

/** Wrong secrets of one credential that become events in an hour: a stranger must not fill the disk with them. */
const WRONG_SECRETS_NOTED = 20

/** The credential that the request proves by its secret. @throws Problem */
async function client(d: OauthDeps, body: TokenBody, request: RequestFacts): Promise<ApiCredential> {
  const given = readClientCredentials(request.header('authorization'), body)
  try {
    return await authenticateClient(d, given)
  } catch (error) {
    const known = await d.credentials.findByClientId(given.id)
    if (known) await noteWrongSecret(d, known, request)
    throw error
  }
}

async function noteWrongSecret(d: OauthDeps, { clientId, enabled }: ApiCredential, request: RequestFacts) {
  const { count } = await d.pending.count('wrong_secret', clientId, HOUR / SECOND)
  if (count > WRONG_SECRETS_NOTED) return
  const why = enabled ? 'wrong client secret' : 'the API credential is disabled, or its secret is wrong'
  await d.events.append(apiUnauthorized(originOf(request, clientId), why))
}

async function grant(d: OauthDeps, grantType: string | undefined, body: TokenBody, request: RequestFacts) {
  if (grantType === 'refresh_token') {
    const { access_token: accessToken = '', refresh_token: refreshToken = '' } = body
    return refreshTokens(d, { accessToken, refreshToken })
  }
  if (grantType !== 'client_credentials') throw new Problem('invalid_grant_type')
  return generateTokens(d, await client(d, body, request))
}

/** `POST` of either token address: the newer answers flat, the older in the envelope. */
const tokenEndpoint = (
  d: OauthDeps,
  path: string,
  doc: OperationDoc,
  shape: (tokens: ReturnType<typeof toTokens>) => unknown,
) =>
  endpoint({
    method: 'post',
    path,
    guard: open, // the client proves itself by its secret, or by the tokens it refreshes
    doc,
    input: { query: tokenQuery, body: tokenBody },
    async handle({ query, body }, { request }) {
      const issued: IssuedTokens = await grant(d, body.grant_type ?? query.grant_type, body, request)
      const { id } = await d.account.account()
      return { json: shape(toTokens(issued, id)) }
    },
  })

const revoke = (d: OauthDeps) =>
  endpoint({
    method: 'post',
    path: '/auth/oauth2/revoke',
    guard: open,
    doc: OAUTH_OPERATIONS.revokeTokens,
    input: { body: tokenBody },
    async handle({ body }, { request }) {
      const credential = await client(d, body, request)
      if (body.access_token === undefined || body.access_token === '')
        throw new Problem('access_token_missing')
      await d.tokens.revoke(credential.id, sha256(body.access_token))
      return { json: { status: successStatus() } } // also for a token nobody has (RFC 7009 section 2.2)
    },
  })

const getRateLimit = (d: OauthDeps) => {
  const guard = mayRead(d)
  return endpoint({
    method: 'get',
    path: '/auth/rate_limit',
    guard,
    doc: OAUTH_OPERATIONS.getRateLimit,
    async handle(_input, { request }) {
      return { json: envelope(d.rateLimit.shownTo(request)) }
    },
  })
}

/** API credentials at work: generate, refresh and revoke tokens, and what is left of the rate limit. */
export const oauthRoutes = (d: OauthDeps): ApiRoute[] => [
  tokenEndpoint(d, '/auth/oauth2/v2/token', OAUTH_OPERATIONS.generateTokens, (tokens) => tokens),
  tokenEndpoint(d, '/auth/oauth2/token', OAUTH_OPERATIONS.generateTokensInEnvelope, (tokens) =>
    envelope([tokens]),
  ),
  revoke(d),
  getRateLimit(d),
]
