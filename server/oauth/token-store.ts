import type { Scope } from './scope.ts'

/** A pair of API tokens as the database keeps it: only digests. */
export interface TokenPair {
  accessTokenHash: string
  refreshTokenHash: string
  createdAt: number
  expiresAt: number
  refreshExpiresAt: number
}

/** Who a bearer is. */
export interface Bearer {
  credentialId: number
  clientId: string
  scope: Scope
  /** Whose privileges bound what it may do. */
  ownerUserId: number | undefined
}

export interface TokenStore {
  add(credentialId: number, pair: TokenPair): Promise<void>
  /** The bearer of a token that is alive at `now`, of a credential that is enabled and whose owner, if any, is there. */
  findBearer(accessTokenHash: string, now: number): Promise<Bearer | undefined>
  /** Ends the pair of a refresh that is right, for good: of racing refreshes exactly one gets the credential's id. */
  takeForRefresh(
    pair: Pick<TokenPair, 'accessTokenHash' | 'refreshTokenHash'>,
    now: number,
  ): Promise<number | undefined>
  /** Ends the pair of this access token if it is the credential's (RFC 7009 section 2.1). */
  revoke(credentialId: number, accessTokenHash: string): Promise<void>
  /** Ends every pair of the credential. */
  revokeAll(credentialId: number): Promise<void>
  /** Forgets pairs that can no longer be refreshed. */
  dropExpired(now: number): Promise<void>
}
