/** What an API credential may do, as OneLogin names it. */
export const SCOPES = ['Authentication Only', 'Read Users', 'Manage Users', 'Read All', 'Manage All'] as const
export type Scope = (typeof SCOPES)[number]

/** Who may sign people in through the API. */
export const SIGN_IN_SCOPES: readonly Scope[] = ['Authentication Only', 'Manage Users', 'Manage All']
/** Everybody but `Authentication Only`, which can read nothing. */
export const READ_SCOPES: readonly Scope[] = ['Read Users', 'Manage Users', 'Read All', 'Manage All']
/** Who may change people. */
export const MANAGE_USERS_SCOPES: readonly Scope[] = ['Manage Users', 'Manage All']
/** Who may read what is not about people, e.g. events. */
export const READ_ALL_SCOPES: readonly Scope[] = ['Read All', 'Manage All']
/** Who may change anything. */
export const MANAGE_ALL_SCOPES: readonly Scope[] = ['Manage All']
