import { setTimeout as pause } from 'node:timers/promises'
import type { AccountStore } from '../directory/account-store.ts'
import type { Policy } from '../directory/policy.ts'
import type { LockRule, PasswordTry, UserStore } from '../directory/user-store.ts'
import { loginKey, type User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { Origin } from '../events/event-store.ts'
import { userLocked } from '../events/events.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { DAY, MINUTE, SECOND, type Clock } from '../platform/clock.ts'
import type { PasswordHasher } from '../platform/password-hash.ts'
import type { Transact } from '../stores.ts'
import { growing, reserveAddressTry, returnAddressTry } from './address-tries.ts'
import type { OverallThrottle } from './overall-throttle.ts'

/**
 * What a password try came to. `locked` is told to unknown people as well, after as many tries, and while it lasts
 * the password is not looked at: a lock that answers "right but locked" would let guessing go on.
 */
export type PasswordOutcome =
  | { is: 'right'; user: User; lockLifted: boolean; inKnownBrowser?: true }
  | { is: 'wrong'; user: User | undefined; lockedNow: boolean }
  | { is: 'locked'; user: User | undefined; lockedNow: boolean }
  | { is: 'throttled'; retryAfterSeconds: number }

export interface PasswordCheckDeps {
  clock: Clock
  hasher: PasswordHasher
  pending: PendingStore
  users: UserStore
  account: Pick<AccountStore, 'account' | 'rules'>
  transact: Transact
  overall: OverallThrottle
}

export interface Credentials {
  login: string
  password: string
  origin: Origin
  /** Names the browser in which this person has signed in before, on pages. */
  knownAs?: ((user: User) => string | undefined) | undefined
}

const lockRule = (policy: Policy, now: number): LockRule => ({
  maxInvalidAttempts: policy.max_invalid_attempts,
  lockMs: policy.lock_minutes * MINUTE,
  now,
})

/** Checks a password: the same work, in the same order, for people who exist and for those who do not. */
export async function checkPassword(d: PasswordCheckDeps, tried: Credentials): Promise<PasswordOutcome> {
  const { policy } = await d.account.account()
  const { address } = tried.origin
  const user = await d.users.findByLogin(tried.login)
  const rule = lockRule(policy, d.clock())
  const browser = user && tried.knownAs?.(user)
  if (user && browser !== undefined) return checkInKnownBrowser(d, user, browser, tried, rule)
  const wait = await d.overall.waitFor(policy.max_failures_overall)
  if (wait !== undefined) return { is: 'throttled', retryAfterSeconds: wait }
  const reserved = await reserveAddressTry(d, address, policy.max_failures_per_address)
  if (reserved.is === 'throttled') return reserved
  const check = user ? checkKnown(d, user, tried, rule) : checkUnknown(d, tried, rule)
  const outcome = await check.catch(async (error: unknown) => {
    await returnAddressTry(d, address) // nothing was checked, nothing was guessed
    throw error
  })
  if (outcome.is === 'right') await returnAddressTry(d, address)
  else await d.overall.noteFailure()
  return outcome
}

/**
 * A browser in which this person has signed in with the password that they have has a budget of its own: whoever guesses
 * elsewhere, however much, never locks its owner out of it. Nothing is locked here but this browser, for a while.
 */
async function checkInKnownBrowser(
  d: PasswordCheckDeps,
  user: User,
  browser: string,
  { password }: Credentials,
  rule: LockRule,
): Promise<PasswordOutcome> {
  const key = `${user.id} ${browser}`
  const { count } = await d.pending.count('failed_in_browser', key, rule.lockMs / SECOND)
  if (count > rule.maxInvalidAttempts) {
    await d.hasher.verify(null, password)
    return { is: 'locked', user, lockedNow: false }
  }
  const right = await d.hasher.verify(user.passwordHash, password).catch(async (error: unknown) => {
    await d.pending.uncount('failed_in_browser', key)
    throw error
  })
  if (!right) return { is: 'wrong', user, lockedNow: false }
  await d.pending.drop('failed_in_browser', key)
  await upgradeHash(d, user, password)
  return { is: 'right', user, lockLifted: false, inKnownBrowser: true }
}

/** Who is guessed at again and again within a day is locked for longer each time, whether they exist or not. */
async function lockMsOf(d: Pick<PasswordCheckDeps, 'pending'>, who: string, rule: LockRule): Promise<number> {
  const { count } = await d.pending.count('locks', who, DAY / SECOND)
  return growing(rule.lockMs, count, Math.max(DAY, rule.lockMs))
}
const lockedWho = ({ id }: User) => `user ${id}`

/** Locks the person and notes it, both or neither. */
async function lock(d: PasswordCheckDeps, user: User, origin: Origin, rule: LockRule): Promise<boolean> {
  const lockMs = await lockMsOf(d, lockedWho(user), rule)
  return d.transact(async ({ users, events }) => {
    const locked = await users.lockForGuessing(user.id, { ...rule, lockMs })
    if (locked) await events.append(userLocked(origin, user))
    return locked
  })
}

/** No password is checked for longer; tries that were counted before and never given back were cut off by a crash. */
const CHECK_TAKES_AT_MOST_MS = 2 * MINUTE

/** Many who sign in as one person at once are asked to come back; only tries that nobody will give back lock. */
async function lockUnlessCrowded(
  d: PasswordCheckDeps,
  user: User,
  origin: Origin,
  rule: LockRule,
  since: number,
): Promise<boolean> {
  if (since > d.clock() - CHECK_TAKES_AT_MOST_MS) throw new Problem('busy', { retryAfterSeconds: 2 })
  return lock(d, user, origin, rule)
}

/** In all about as long as the longest queue of password hashes. */
const PAUSES_MS = [10, 20, 40, 80, ...Array<number>(30).fill(160)]

/**
 * Waits while every try that may be is being checked: when these were right, this one may be checked as well, so
 * that a person who signs in many times at once is not taken for many guesses.
 */
async function counted(reserve: () => Promise<PasswordTry>): Promise<PasswordTry> {
  for (const ms of PAUSES_MS) {
    const tried = await reserve()
    if (tried.is !== 'used_up') return tried
    await pause(ms)
  }
  return reserve()
}

async function checkKnown(
  d: PasswordCheckDeps,
  user: User,
  { password, origin }: Credentials,
  rule: LockRule,
): Promise<PasswordOutcome> {
  const tried = await counted(() => d.users.reservePasswordTry(user.id, rule))
  if (tried.is !== 'counted') {
    await d.hasher.verify(null, password)
    const lockedNow = tried.is === 'used_up' && (await lockUnlessCrowded(d, user, origin, rule, tried.since))
    return { is: 'locked', user, lockedNow }
  }
  const right = await d.hasher.verify(user.passwordHash, password).catch(async (error: unknown) => {
    await d.users.releasePasswordTry(user.id)
    throw error
  })
  if (!right) {
    const lockedNow = tried.tries >= rule.maxInvalidAttempts && (await lock(d, user, origin, rule))
    return { is: 'wrong', user, lockedNow }
  }
  await d.users.clearPasswordTries(user.id, rule.now)
  await upgradeHash(d, user, password)
  const lockLifted = user.lockedUntil !== null && user.lockedUntil <= rule.now
  if (lockLifted) await d.pending.drop('locks', lockedWho(user))
  return { is: 'right', user, lockLifted }
}

/** An imported or weaker form is replaced while we know the password; if that fails, the next sign-in does it. */
async function upgradeHash(
  d: PasswordCheckDeps,
  { id, passwordHash }: User,
  password: string,
): Promise<void> {
  if (passwordHash === null || !d.hasher.needsRehash(passwordHash)) return
  const better = await d.hasher.hash(password).catch(() => undefined)
  if (better !== undefined) await d.users.upgradePassword(id, passwordHash, better)
}

/** Nobody has this name: tries are counted and locked all the same, where they are forgotten by themselves. */
async function checkUnknown(
  d: PasswordCheckDeps,
  { login, password }: Credentials,
  rule: LockRule,
): Promise<PasswordOutcome> {
  const key = loginKey(login)
  const tried = await counted(() => countUnknown(d, key, rule))
  await d.hasher.verify(null, password).catch(async (error: unknown) => {
    if (tried.is === 'counted') await d.pending.uncount('failed_password', key)
    throw error
  })
  if (tried.is === 'used_up') throw new Problem('busy', { retryAfterSeconds: 2 }) // as for people who exist
  const usedUp = tried.is === 'counted' && tried.tries >= rule.maxInvalidAttempts
  if (usedUp) {
    const lockMs = await lockMsOf(d, `login ${key}`, rule)
    await d.pending.put('locked_login', key, '1', lockMs / SECOND)
    await d.pending.drop('failed_password', key)
  }
  return { is: tried.is === 'counted' ? 'wrong' : 'locked', user: undefined, lockedNow: false }
}

async function countUnknown(
  { pending }: Pick<PasswordCheckDeps, 'pending'>,
  key: string,
  rule: LockRule,
): Promise<PasswordTry> {
  const locked = async () => (await pending.peek('locked_login', key)) !== undefined
  if (await locked()) return { is: 'locked' }
  const { count } = await pending.count('failed_password', key, DAY / SECOND)
  // Whoever locks drops the count, after the lock is set: a small count may be one that began anew in between.
  const fits = count <= rule.maxInvalidAttempts
  if (fits && !(await locked())) return { is: 'counted', tries: count }
  await pending.uncount('failed_password', key)
  return fits ? { is: 'locked' } : { is: 'used_up', since: rule.now }
}
