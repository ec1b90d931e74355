import type { Row } from '../platform/database/schema.ts'

/** OneLogin's `status` of a user, by number. Only `active` signs in. */
export const USER_STATUS = {
  unactivated: 0,
  active: 1,
  suspended: 2,
  locked: 3,
  passwordExpired: 4,
  awaitingPasswordReset: 5,
  passwordPending: 7,
  securityQuestionsRequired: 8,
} as const
export type UserStatus = (typeof USER_STATUS)[keyof typeof USER_STATUS]

/** OneLogin's `state` of a user, by number. */
export const USER_STATE = { unapproved: 0, approved: 1, rejected: 2, unlicensed: 3 } as const

/** A person in the directory, with the ids of the roles they hold in the order these were given. */
export interface User extends Omit<Row<'users'>, 'emailKey' | 'usernameKey' | 'customAttributes'> {
  roleIds: number[]
  customAttributes: Record<string, string>
}

/** How an e-mail or username is compared: Unicode, case and surrounding space make no second person. */
export const loginKey = (login: string): string => login.normalize('NFKC').trim().toLowerCase()

/** What to call a person on a page or in an event. */
export const displayName = (user: Pick<User, 'firstname' | 'lastname' | 'email' | 'username'>): string =>
  `${user.firstname} ${user.lastname}`.trim() || user.email || user.username
