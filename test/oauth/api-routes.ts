import type { ScopeName } from '../support/people.ts'

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'
export interface BearerRoute {
  method: Method
  path: string
  scopes: ScopeName[]
}

const SIGN_IN: ScopeName[] = ['Authentication Only', 'Manage Users', 'Manage All']
const READ: ScopeName[] = ['Read Users', 'Manage Users', 'Read All', 'Manage All']
const READ_ALL: ScopeName[] = ['Read All', 'Manage All']
const MANAGE: ScopeName[] = ['Manage Users', 'Manage All']
const MANAGE_ALL: ScopeName[] = ['Manage All']

const on = (method: Method, scopes: ScopeName[], ...paths: string[]): BearerRoute[] =>
  paths.map((path) => ({ method, path, scopes }))

const PERSON = '/api/1/users/:id'
const DEVICES = `${PERSON}/otp_devices`

/** The ways to sign people in by API. */
export const SIGN_IN_ROUTES: BearerRoute[] = on(
  'POST',
  SIGN_IN,
  '/api/1/login/auth',
  '/api/1/login/verify_factor',
  '/api/1/saml_assertion',
  '/api/1/saml_assertion/verify_factor',
  '/api/2/saml_assertion',
  '/api/2/saml_assertion/verify_factor',
)

/** Routes that take an access token, and the scopes that OneLogin's documentation gives them. */
export const BEARER_ROUTES: BearerRoute[] = [
  ...on('GET', READ, '/auth/rate_limit'),
  ...SIGN_IN_ROUTES,
  ...on('GET', READ, '/api/1/users', '/api/1/users/custom_attributes', PERSON, `${PERSON}/apps`),
  ...on('GET', READ_ALL, `${PERSON}/roles`),
  ...on('POST', MANAGE, '/api/1/users'),
  ...on('PUT', MANAGE, PERSON, `${PERSON}/add_roles`, `${PERSON}/set_custom_attributes`, `${PERSON}/logout`),
  ...on('PUT', MANAGE_ALL, `${PERSON}/remove_roles`, `${PERSON}/set_state`, `${PERSON}/lock_user`),
  ...on('PUT', MANAGE_ALL, '/api/1/users/set_password_clear_text/:id'),
  ...on('PUT', MANAGE_ALL, '/api/1/users/set_password_using_salt/:id'),
  ...on('DELETE', MANAGE, PERSON),
  ...on(
    'GET',
    READ,
    `${PERSON}/auth_factors`,
    `${PERSON}/auth_factor`,
    DEVICES,
    '/api/2/mfa/users/:id/devices',
  ),
  ...on('POST', MANAGE, DEVICES, `${DEVICES}/:device_id/trigger`, `${DEVICES}/:device_id/verify`),
  ...on('POST', MANAGE, `${PERSON}/mfa_token`),
  ...on('DELETE', MANAGE, `${DEVICES}/:device_id`),
  ...on('GET', READ, '/api/1/roles', '/api/1/roles/:id', '/api/1/groups', '/api/1/groups/:id'),
  ...on('GET', READ_ALL, '/api/1/events', '/api/1/events/:id'),
  ...on('POST', MANAGE_ALL, '/api/1/events'),
]
