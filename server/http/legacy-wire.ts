/** The refusals of OneLogin's v1-v3 resources: the only place that knows their titles and texts. */
import { Problem, type ProblemCode } from '../errors.ts'
import { element, join, shownText, type Xml } from '../saml/xml.ts'

type Line = readonly [status: number, title: string, message: string]

const INVALID = 'Invalid Request'
const UNAUTHORIZED = 'Unauthorized Access'
const FORBIDDEN = 'Forbidden'
const NOT_FOUND = 'Record Not Found'
const BAD_KEY = 'API key is invalid or missing'
const SIGN_IN_FAILED = 'Authentication Failed'
const AWAY = 'Service Unavailable'

/** `message` of a Problem may say more; then that stands instead. */
const REFUSALS: Record<ProblemCode, Line> = {
  invalid_request: [400, INVALID, 'The request is not valid'],
  invalid_json: [400, INVALID, 'The body could not be read'],
  invalid_content_type: [400, INVALID, 'Content-Type header must be set to application/xml'],
  payload_too_large: [400, INVALID, 'The body must not be larger than 100 kB'],
  no_route: [404, 'Not Found', 'No Route Exists'],
  not_found: [404, NOT_FOUND, 'Not found'],
  conflict: [400, INVALID, 'Validation failed'],
  authorization_malformed: [401, UNAUTHORIZED, BAD_KEY],
  client_credentials_missing: [401, UNAUTHORIZED, BAD_KEY],
  authentication_failure: [401, UNAUTHORIZED, BAD_KEY],
  insufficient_permission: [401, UNAUTHORIZED, 'This API key may not do this'],
  invalid_grant_type: [400, INVALID, 'The request is not valid'],
  invalid_refresh_token: [401, UNAUTHORIZED, BAD_KEY],
  access_token_missing: [400, INVALID, 'The request is not valid'],
  rate_limited: [429, 'Too Many Requests', 'Too many requests. Try again later'],
  cross_site: [403, FORBIDDEN, 'Requests from this origin are not allowed'],
  csrf_invalid: [403, FORBIDDEN, 'Requests from this origin are not allowed'],
  invalid_credentials: [401, UNAUTHORIZED, SIGN_IN_FAILED],
  account_locked: [401, UNAUTHORIZED, SIGN_IN_FAILED],
  account_not_active: [401, UNAUTHORIZED, SIGN_IN_FAILED],
  invalid_subdomain: [400, INVALID, 'Invalid subdomain'],
  attempt_invalid: [401, UNAUTHORIZED, SIGN_IN_FAILED],
  factor_failed: [401, UNAUTHORIZED, SIGN_IN_FAILED],
  no_usable_factor: [401, UNAUTHORIZED, SIGN_IN_FAILED],
  session_token_invalid: [401, UNAUTHORIZED, SIGN_IN_FAILED],
  sign_in_required: [401, UNAUTHORIZED, SIGN_IN_FAILED],
  app_not_assigned: [403, FORBIDDEN, 'User does not have access to this app'],
  oauth_refused: [400, 'bad request', 'Bad request'],
  beyond_privileges: [403, FORBIDDEN, 'This API key may not access this user'],
  unavailable: [503, AWAY, 'The service is not available right now. Try again later'],
  busy: [503, AWAY, 'Too many sign-ins at once. Try again later'],
}
const FAULT: Line = [500, 'Internal Server Error', 'Internal Server Error']

/** A record that is not there, with the title that OneLogin gives it. */
export class NoSuchRecord extends Problem {
  readonly title: string

  constructor(title: string, message: string) {
    super('not_found', { message })
    this.title = title
  }
}

export interface LegacyRefusal {
  status: number
  body: string
}

const lineOf = (error: unknown): Line => (error instanceof Problem ? REFUSALS[error.code] : FAULT)

function messageOf(error: unknown): string {
  const [, , standard] = lineOf(error)
  if (!(error instanceof Problem)) return standard
  const [description] = Object.values(error.fields)
  return description ?? (error.message === error.code ? standard : error.message)
}

const field = (name: string, value: string): Xml => element(name, {}, shownText(value))

/** `<error>` of the resources under `/api/v1` to `/api/v3`. */
export function refusalXml(error: unknown): LegacyRefusal {
  const [status, title] = lineOf(error)
  const shown = error instanceof NoSuchRecord ? error.title : title
  return { status, body: element('error', {}, field('title', shown), field('message', messageOf(error))) }
}

/** The oldest resources list what is wrong with a record, and say 422 of it. */
export function refusalOldest(error: unknown): LegacyRefusal {
  if (!(error instanceof Problem) || !['invalid_request', 'conflict'].includes(error.code))
    return refusalXml(error)
  return { status: 422, body: element('errors', {}, join([field('error', messageOf(error))])) }
}

/** How the resources that speak JSON answer a bad key. */
export const refusalOfKey = (): LegacyRefusal => ({
  status: 400,
  body: element('error', {}, field('message', BAD_KEY), field('code', 'invalid_or_missing_api_key')),
})
