import type { User } from './user.ts'

/** How many wrong passwords lock a person, and for how long. */
export interface LockRule {
  maxInvalidAttempts: number
  lockMs: number
  now: number
}

/** People. Every counter here changes in one statement, so that racing sign-ins cannot lose a count. */
export interface UserStore {
  find(id: number): Promise<User | undefined>
  /** By e-mail, else by username; compared with `loginKey`. */
  findByLogin(login: string): Promise<User | undefined>
  /**
   * Counts one password try before it is checked, so that parallel guesses cannot pass the limit.
   * `locked`: the person is locked by guessing, or the tries are used up; the password must not be looked at.
   */
  reservePasswordTry(id: number, rule: LockRule): Promise<{ locked: boolean; tries: number }>
  /** Gives a reserved try back that was never checked. */
  releasePasswordTry(id: number): Promise<void>
  /** Locks the person for guessing. False when somebody else's failure did it already. */
  lockForGuessing(id: number, rule: LockRule): Promise<boolean>
  /** A right password: the counter goes to 0 and a lock whose time has passed is lifted. */
  clearPasswordTries(id: number, now: number): Promise<void>
  /** Replaces the stored password form by a better one of the same password, if it is still the old one. */
  upgradePassword(id: number, old: string, better: string): Promise<void>
  recordSignIn(id: number, now: number): Promise<void>
}
