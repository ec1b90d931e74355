import type { User } from './user.ts'

/** How many wrong passwords lock a person, and for how long. */
export interface LockRule {
  maxInvalidAttempts: number
  lockMs: number
  now: number
}

/**
 * Whether a password may be looked at. `locked`: not until a lock ends. `used_up`: as many tries as may be are counted,
 * some of them perhaps good ones that are still being checked and will be given back; the first was at `since`.
 */
export type PasswordTry =
  { is: 'counted'; tries: number } | { is: 'locked' } | { is: 'used_up'; since: number }

/** People. Every counter here changes in one statement, so that racing sign-ins cannot lose a count. */
export interface UserStore {
  find(id: number): Promise<User | undefined>
  /** By e-mail, else by username; compared with `loginKey`. */
  findByLogin(login: string): Promise<User | undefined>
  /** Counts one password try before it is checked, so that parallel guesses cannot pass the limit. */
  reservePasswordTry(id: number, rule: LockRule): Promise<PasswordTry>
  /** Gives a reserved try back that was never checked. */
  releasePasswordTry(id: number): Promise<void>
  /** Locks the person for guessing. False when a lock is on already, which then stays as it is. */
  lockForGuessing(id: number, rule: LockRule): Promise<boolean>
  /** A right password: the counter goes to 0 and a lock whose time has passed is lifted. */
  clearPasswordTries(id: number, now: number): Promise<void>
  /** Replaces the stored password form by a better one of the same password, if it is still the old one. */
  upgradePassword(id: number, old: string, better: string): Promise<void>
  recordSignIn(id: number, now: number): Promise<void>
  /** Uses up one of `limit` sign-ins without the factor that is required; false when all have been. */
  spendGrace(id: number, limit: number): Promise<boolean>
  /** Ends every session and half-done attempt of the person. */
  endSessions(id: number): Promise<void>
}
