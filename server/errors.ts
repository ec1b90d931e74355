/**
 * Every refusal the server can make. Each wire (API envelope, API 2, pages) maps these codes to its own shape in a
 * total map, so a new code does not compile until every wire has a text for it.
 */
export type ProblemCode =
  // the request itself
  | 'invalid_request'
  | 'invalid_json'
  | 'invalid_content_type'
  | 'payload_too_large'
  | 'no_route'
  | 'not_found'
  | 'conflict'
  // who calls
  | 'authorization_malformed'
  | 'client_credentials_missing'
  | 'authentication_failure'
  | 'insufficient_permission'
  | 'invalid_grant_type'
  | 'invalid_refresh_token'
  | 'access_token_missing'
  | 'rate_limited'
  | 'cross_site'
  | 'csrf_invalid'
  // signing in
  | 'invalid_credentials'
  | 'account_locked'
  | 'account_not_active'
  | 'invalid_subdomain'
  | 'attempt_invalid'
  | 'factor_failed'
  | 'no_usable_factor'
  | 'session_token_invalid'
  | 'sign_in_required'
  | 'app_not_assigned'
  // command lines: what exactly stands in an `OauthProblem`
  | 'oauth_refused'
  // delegated administration
  | 'beyond_privileges'
  // the house
  | 'unavailable'
  | 'busy'

/** A refusal the caller may be told about. Anything else that is thrown is a bug and answers 500 without a word. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  /** Which input is wrong and why, e.g. `{ id: 'ID is incorrect' }`. Safe to show and to log. */
  readonly fields: Readonly<Record<string, string>>
  /** When to try again, for `unavailable`, `busy` and `rate_limited`. */
  readonly retryAfterSeconds: number | undefined

  constructor(
    code: ProblemCode,
    detail: {
      fields?: Record<string, string>
      message?: string
      retryAfterSeconds?: number
      cause?: unknown
    } = {},
  ) {
    super(detail.message ?? code, { cause: detail.cause })
    this.code = code
    this.fields = detail.fields ?? {}
    this.retryAfterSeconds = detail.retryAfterSeconds
  }
}
