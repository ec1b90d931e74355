import { Problem } from '../errors.ts'
import { DAY, SECOND, type Clock } from '../platform/clock.ts'
import { sameSecret, sha256 } from '../platform/master-key.ts'
import { hexToken, type Random } from '../platform/random.ts'
import type { Transact } from '../stores.ts'
import type { ApiCredential, CredentialStore } from './credential-store.ts'
import type { Bearer, TokenPair, TokenStore } from './token-store.ts'

/** OneLogin's lifetimes: an access token 10 hours, its refresh token 45 days, both from creation. */
export const ACCESS_TOKEN_SECONDS = 36_000
const REFRESH_TOKEN_MS = 45 * DAY

/** What a client gets, in clear and only this once. */
export interface IssuedTokens {
  accessToken: string
  refreshToken: string
  createdAt: number
}

interface TokenDeps {
  clock: Clock
  random: Random
  credentials: Pick<CredentialStore, 'findByClientId'>
  tokens: TokenStore
  transact: Transact
}

function freshPair(d: Pick<TokenDeps, 'clock' | 'random'>): { issued: IssuedTokens; pair: TokenPair } {
  const issued = {
    accessToken: hexToken(d.random, 32),
    refreshToken: hexToken(d.random, 32),
    createdAt: d.clock(),
  }
  return {
    issued,
    pair: {
      accessTokenHash: sha256(issued.accessToken),
      refreshTokenHash: sha256(issued.refreshToken),
      createdAt: issued.createdAt,
      expiresAt: issued.createdAt + ACCESS_TOKEN_SECONDS * SECOND,
      refreshExpiresAt: issued.createdAt + REFRESH_TOKEN_MS,
    },
  }
}

/** The API credential that this id and secret belong to. @throws Problem `authentication_failure` */
export async function authenticateClient(
  d: Pick<TokenDeps, 'credentials'>,
  client: { id: string; secret: string },
): Promise<ApiCredential> {
  const credential = await d.credentials.findByClientId(client.id)
  const right = sameSecret(credential?.clientSecretHash ?? '', sha256(client.secret))
  if (!credential?.enabled || !right) throw new Problem('authentication_failure')
  return credential
}

/** `grant_type=client_credentials` (RFC 6749 section 4.4). Earlier tokens stay alive: SDKs hold several. */
export async function generateTokens(d: TokenDeps, credential: ApiCredential): Promise<IssuedTokens> {
  const { issued, pair } = freshPair(d)
  await d.tokens.dropExpired(pair.createdAt)
  await d.tokens.add(credential.id, pair)
  return issued
}

/** `grant_type=refresh_token` (RFC 6749 section 6): both old tokens die with it. @throws Problem `invalid_refresh_token` */
export async function refreshTokens(
  d: TokenDeps,
  old: { accessToken: string; refreshToken: string },
): Promise<IssuedTokens> {
  const { issued, pair } = freshPair(d)
  await d.transact(async ({ tokens }) => {
    const hashes = { accessTokenHash: sha256(old.accessToken), refreshTokenHash: sha256(old.refreshToken) }
    const credentialId = await tokens.takeForRefresh(hashes, pair.createdAt)
    if (credentialId === undefined) throw new Problem('invalid_refresh_token')
    await tokens.add(credentialId, pair)
  })
  return issued
}

/** Who sends this access token. @throws Problem `authentication_failure` */
export async function findBearer(
  d: Pick<TokenDeps, 'tokens' | 'clock'>,
  accessToken: string,
): Promise<Bearer> {
  const bearer = await d.tokens.findBearer(sha256(accessToken), d.clock())
  if (!bearer) throw new Problem('authentication_failure')
  return bearer
}
