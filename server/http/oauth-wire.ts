/** Refusals of the OAuth endpoints and of what their tokens open, in the shape of RFC 6749 section 5.2. */
import { Problem, type ProblemCode } from '../errors.ts'
import { refusalText, statusOf } from './api-wire.ts'

/** RFC 6749, 6750, 7009, 8628, 9449 and 9470; the last two are our own. */
const STATUS = {
  invalid_request: 400,
  invalid_client: 400,
  invalid_grant: 400,
  invalid_scope: 400,
  unsupported_grant_type: 400,
  unsupported_response_type: 400,
  authorization_pending: 400,
  slow_down: 400,
  expired_token: 400,
  access_denied: 403,
  invalid_token: 401,
  invalid_dpop_proof: 401,
  use_dpop_nonce: 401,
  insufficient_user_authentication: 401,
  session_ends_soon: 403,
  not_found: 404,
} as const
export type OauthErrorCode = keyof typeof STATUS

/** What a client may read beside the code and the text, e.g. `max_age`. */
type Extra = Readonly<Record<string, string | number>>

/** A refusal that names an OAuth error. */
export class OauthProblem extends Problem {
  readonly error: OauthErrorCode
  readonly extra: Extra
  /** At the token endpoint a refused proof is a bad request, at a resource an unauthorized one (RFC 9449 sections 5, 7.1, 8). */
  readonly status: number

  constructor(error: OauthErrorCode, message: string, { extra = {}, status }: Detail = {}) {
    super('oauth_refused', { message })
    this.error = error
    this.extra = extra
    this.status = status ?? STATUS[error]
  }
}

interface Detail {
  extra?: Extra
  status?: number
}

/** How other refusals read here. */
const CODES: Partial<Record<ProblemCode, string>> = {
  rate_limited: 'slow_down',
  unavailable: 'temporarily_unavailable',
  busy: 'temporarily_unavailable',
  no_route: 'not_found',
  not_found: 'not_found',
  app_not_assigned: 'access_denied',
}

/** A refusal as clients of the broker read it. */
export interface OauthRefusal {
  status: number
  json: object
  /** `WWW-Authenticate`, at resources. */
  challenge?: string
}

export function refusalOauth(thrown: unknown, requestId: string): OauthRefusal {
  if (thrown instanceof OauthProblem) {
    const { error, message, extra, status } = thrown
    const json = { error, error_description: message, ...extra, request_id: requestId }
    return status === 401 ? { status, json, challenge: challengeOf(thrown) } : { status, json }
  }
  const status = statusOf(thrown)
  const known = thrown instanceof Problem ? (CODES[thrown.code] ?? 'invalid_request') : 'server_error'
  return { status, json: { error: known, error_description: refusalText(thrown), request_id: requestId } }
}

/** RFC 9449 section 7.1, and RFC 9470 section 3 for what a fresh sign-in would need. */
function challengeOf({ error, message, extra }: OauthProblem): string {
  const parts = { error, error_description: message.replaceAll(/["\\]/g, ''), ...extra, algs: 'ES256' }
  return `DPoP ${Object.entries(parts)
    .map(([name, value]) => `${name}="${value}"`)
    .join(', ')}`
}
