/** When each refusal happens, in the words of a reader. Status and text stand in `http/api-wire.ts`. */
import { Problem, type ProblemCode } from '../errors.ts'
import type { ApiRoute } from '../http/endpoint.ts'
import { refusalAs, refusalShapeAt, statusOf } from '../http/api-wire.ts'

const WHEN: Record<ProblemCode, string> = {
  invalid_request: 'Something in the path, the query or the body is wrong; the message names it.',
  invalid_json: 'The body is no JSON, or not of the kind that is asked for.',
  invalid_content_type: 'The body is not sent as JSON.',
  payload_too_large: 'The body is larger than 100 kB.',
  no_route: 'There is no such address, or not with this method.',
  not_found: 'What the path or the body names is not there.',
  conflict: 'It would break a rule of the directory, e.g. an e-mail or a name is taken.',
  authorization_malformed: 'There is no `Authorization: bearer:<access token>`.',
  client_credentials_missing: 'There is no client id and secret.',
  authentication_failure: 'The access token, or the client id and secret, is unknown, expired or revoked.',
  insufficient_permission: 'The credential has none of the scopes that are asked for.',
  invalid_grant_type: '`grant_type` is neither `client_credentials` nor `refresh_token`.',
  invalid_refresh_token: 'The two tokens do not belong together, are used or too old.',
  access_token_missing: 'The body has no `access_token`.',
  rate_limited:
    'There were too many calls, or too many codes for one person; `Retry-After` says when to come back.',
  cross_site: 'A page of a foreign site asked.',
  csrf_invalid: 'The form is too old.',
  invalid_credentials: 'Nobody has this username and password.',
  account_locked: 'The person is locked.',
  account_not_active: 'The password is right, but the person may not sign in now; the message says why.',
  invalid_subdomain: 'The subdomain is not that of the account.',
  attempt_invalid: 'The state token is unknown, expired, used, or was given to another credential.',
  factor_failed: 'The code is wrong. The state token lives on, for a few more tries.',
  no_usable_factor: 'A second factor is asked for and the person has none.',
  session_token_invalid: 'The session token is unknown, expired or used.',
  sign_in_required: 'Nobody is signed in.',
  app_not_assigned: 'The person has no role that opens this app.',
  oauth_refused: 'A command line asked for what it may not have.',
  beyond_privileges: 'The privileges of the owner of the credential do not cover this person.',
  unavailable: 'The database or Redis does not answer; `Retry-After` says when to come back.',
  busy: 'Too many passwords are being checked at once; `Retry-After` says when to come back.',
}

export interface Refusal {
  code: ProblemCode
  /** Of this code in this shape, for references. */
  name: string
  status: number
  when: string
  /** The body as it is sent. */
  body: object
}

const OF_A_BODY: readonly ProblemCode[] = ['invalid_json', 'invalid_content_type', 'payload_too_large']

/** Every refusal that a call of this route can meet: the guard's, the input's, its own, and the house's. */
export function refusalsOf({ paths, guard, input, doc }: ApiRoute): Refusal[] {
  const takes = input.body !== undefined || input.query !== undefined || input.params !== undefined
  const codes = new Set<ProblemCode>([
    ...(takes ? (['invalid_request'] as const) : []),
    ...(input.body ? OF_A_BODY : []),
    ...(guard.refusals ?? []),
    ...doc.refusals,
    'unavailable',
  ])
  const shape = refusalShapeAt(paths[0] ?? '')
  return [...codes].map((code) => {
    const problem = new Problem(code)
    return {
      code,
      name: `${shape}.${code}`,
      status: statusOf(problem),
      when: WHEN[code],
      body: refusalAs(shape, problem),
    }
  })
}
