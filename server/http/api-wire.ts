/** The OneLogin API's refusals: the only place that knows their numbers and texts. */
import { Problem, type ProblemCode } from '../errors.ts'

type Line = readonly [code: number, type: string, message: string]

const CONTENT_TYPE =
  'Content Type is not specified or specified incorrectly. Content-Type header must be set to application/json'
const UNAUTHORIZED = 'Unauthorized'
const BAD_REQUEST = 'bad request'

/** `message` of `invalid_request`, `not_found` and others may say more; then that stands instead. */
const REFUSALS: Record<ProblemCode, Line> = {
  invalid_request: [400, BAD_REQUEST, 'The request is not valid'],
  invalid_json: [400, BAD_REQUEST, 'Input JSON is not valid'],
  invalid_content_type: [400, BAD_REQUEST, CONTENT_TYPE],
  payload_too_large: [400, BAD_REQUEST, 'Input JSON is not valid. It must not be larger than 100 kB'],
  no_route: [404, 'not found', 'No Route Exists'],
  not_found: [404, 'not found', 'Not found'],
  conflict: [422, 'Unprocessable Entity', 'Validation failed'],
  authorization_malformed: [400, BAD_REQUEST, 'Authorization Information is incorrect'],
  client_credentials_missing: [400, BAD_REQUEST, 'The authorization information is missing'],
  authentication_failure: [401, UNAUTHORIZED, 'Authentication Failure'],
  insufficient_permission: [401, UNAUTHORIZED, 'Insufficient Permission'],
  invalid_grant_type: [400, BAD_REQUEST, 'grant_type is incorrect/absent'],
  invalid_refresh_token: [401, UNAUTHORIZED, 'Invalid Token'],
  access_token_missing: [400, BAD_REQUEST, 'Access Token Missing'],
  rate_limited: [429, 'Too Many Requests', 'Too many requests. Try again later'],
  cross_site: [403, 'forbidden', 'Requests from this origin are not allowed'],
  csrf_invalid: [403, 'forbidden', 'Requests from this origin are not allowed'],
  invalid_credentials: [401, UNAUTHORIZED, 'Authentication Failed: Invalid user credentials'],
  account_locked: [401, UNAUTHORIZED, 'User is locked. Access is unauthorized'],
  account_not_active: [401, UNAUTHORIZED, 'User is not active. Access is unauthorized'],
  invalid_subdomain: [400, BAD_REQUEST, 'Invalid subdomain'],
  attempt_invalid: [401, UNAUTHORIZED, 'State token is invalid or expired'],
  factor_failed: [401, UNAUTHORIZED, 'Failed authentication with this factor'],
  no_usable_factor: [401, UNAUTHORIZED, 'MFA is required and the user has no factor. Access is unauthorized'],
  session_token_invalid: [401, UNAUTHORIZED, 'Session token is invalid or expired'],
  sign_in_required: [401, UNAUTHORIZED, 'Authentication Failure'],
  app_not_assigned: [403, 'forbidden', 'User does not have access to this app'],
  oauth_refused: [400, BAD_REQUEST, 'The request is not allowed'],
  beyond_privileges: [403, 'forbidden', 'user is not authorized to access this User'],
  unavailable: [503, 'Service Unavailable', 'The service is not available right now. Try again later'],
  busy: [503, 'Service Unavailable', 'Too many sign-ins at once. Try again later'],
}
const FAULT: Line = [500, 'Internal Server Error', 'Internal Server Error']

/** HTTP status of any failure, on every wire. */
export const statusOf = (error: unknown): number => lineOf(error)[0]

const lineOf = (error: unknown): Line => (error instanceof Problem ? REFUSALS[error.code] : FAULT)

type Message = string | { description: string; attribute: string }

function messageOf(error: unknown): Message {
  const [, , standard] = lineOf(error)
  if (!(error instanceof Problem)) return standard
  const [field] = Object.entries(error.fields)
  if (field) return { description: field[1], attribute: field[0] }
  return error.message === error.code ? standard : error.message
}

const MAX_EVENT_TEXT = 255

/** A refusal in one line, for an event. */
export function refusalText(error: unknown): string {
  const message = messageOf(error)
  const text = typeof message === 'string' ? message : message.description
  return text.slice(0, MAX_EVENT_TEXT)
}

/** `status` of a success; `message` is compared literally by SDKs. */
export const successStatus = (message = 'Success') => ({ error: false, code: 200, type: 'success', message })

/** The success envelope of `/api/1`. */
export const envelope = (data: unknown, message?: string) => ({ status: successStatus(message), data })

/** The refusal envelope of `/api/1`. */
export function refusalV1(error: unknown) {
  const [code, type] = lineOf(error)
  return { status: { error: true, code, type, message: messageOf(error) } }
}

/** The shapes that a refusal has, by the age of the service that it came from. */
export type RefusalShape = 'envelope' | 'flat' | 'service'

const SERVICES = /^\/api\/1\/privileges(\/|$)/i
const FLAT = /^\/api\/2(\/|$)/i
export const refusalShapeAt = (path: string): RefusalShape =>
  SERVICES.test(path) ? 'service' : FLAT.test(path) ? 'flat' : 'envelope'

/** A refusal in one of its shapes. */
export const refusalAs = (shape: RefusalShape, error: unknown): object => REFUSAL[shape](error)

/** A refusal of `/api/2`, which has no envelope. */
function refusalV2(error: unknown) {
  const [statusCode, type] = lineOf(error)
  const message = messageOf(error)
  const name = type.replace(/(^|\s)\w/g, (letter) => letter.trim().toUpperCase())
  return { statusCode, name, message: typeof message === 'string' ? message : message.description }
}

/** A refusal of OneLogin's newer services, e.g. privileges: names end in `Error`, and a bad token is only `Unauthorized`. */
function refusalOfService(error: unknown) {
  const { statusCode, name } = refusalV2(error)
  const found = messageOf(error)
  const message = typeof found === 'string' ? found : `${found.attribute}: ${found.description}`
  const unknown = error instanceof Problem && error.code === 'authentication_failure'
  return { statusCode, name: `${name.replaceAll(' ', '')}Error`, message: unknown ? UNAUTHORIZED : message }
}

const REFUSAL: Record<RefusalShape, (error: unknown) => object> = {
  envelope: refusalV1,
  flat: refusalV2,
  service: refusalOfService,
}
