import { isoTime } from '../platform/clock.ts'
import { ACCESS_TOKEN_SECONDS, type IssuedTokens } from './tokens.ts'

/** The token answer of OneLogin (RFC 6749 section 5.1 with two more members). SDKs compute expiry from `created_at`. */
export const toTokens = (issued: IssuedTokens, accountId: number) => ({
  access_token: issued.accessToken,
  created_at: isoTime(issued.createdAt),
  expires_in: ACCESS_TOKEN_SECONDS,
  refresh_token: issued.refreshToken,
  token_type: 'bearer',
  account_id: accountId,
})
