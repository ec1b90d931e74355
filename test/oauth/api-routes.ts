import type { ScopeName } from '../support/people.ts'

const SIGN_IN: ScopeName[] = ['Authentication Only', 'Manage Users', 'Manage All']
const READ: ScopeName[] = ['Read Users', 'Manage Users', 'Read All', 'Manage All']

/** Every route of the API that takes an access token, and the scopes that OneLogin's documentation gives it. */
export const BEARER_ROUTES: { method: string; path: string; scopes: ScopeName[] }[] = [
  { method: 'GET', path: '/auth/rate_limit', scopes: READ },
  { method: 'POST', path: '/api/1/login/auth', scopes: SIGN_IN },
  { method: 'POST', path: '/api/1/login/verify_factor', scopes: SIGN_IN },
  { method: 'POST', path: '/api/1/saml_assertion', scopes: SIGN_IN },
  { method: 'POST', path: '/api/1/saml_assertion/verify_factor', scopes: SIGN_IN },
  { method: 'POST', path: '/api/2/saml_assertion', scopes: SIGN_IN },
  { method: 'POST', path: '/api/2/saml_assertion/verify_factor', scopes: SIGN_IN },
]
