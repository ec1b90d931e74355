import type { Policy } from '../directory/policy.ts'
import { USER_STATE, USER_STATUS, type User, type UserStatus } from '../directory/user.ts'
import type { FactorKind } from '../factors/factor-kind.ts'

/** Why a person whose password is right may still not sign in. */
export type Refusal =
  | 'locked'
  | 'unactivated'
  | 'suspended'
  | 'password_expired'
  | 'awaiting_reset'
  | 'password_pending'
  | 'security_questions'
  | 'pending'
  | 'unapproved'
  | 'rejected'
  | 'unlicensed'
  | 'no_usable_factor'

/** All that the next step depends on. */
export interface JourneyFacts<A extends { factor: FactorKind }> {
  passed: readonly ('password' | FactorKind)[]
  refusal: Refusal | undefined
  mfa: Policy['mfa']
  authenticators: readonly A[]
}

export type Step<A> =
  | { step: 'password' }
  | { step: 'refused'; refusal: Refusal }
  | { step: 'factor'; choices: readonly A[] }
  | { step: 'done'; secondFactor: boolean }

/**
 * Decides what comes next from recorded facts alone. Pages and API ask here; neither names its next step itself,
 * so a second factor is asked where a session is made and never at one route.
 */
export function nextStep<A extends { factor: FactorKind }>(facts: JourneyFacts<A>): Step<A> {
  const { passed, refusal, mfa, authenticators } = facts
  if (!passed.includes('password')) return { step: 'password' }
  if (refusal) return { step: 'refused', refusal }
  if (passed.some((p) => p !== 'password')) return { step: 'done', secondFactor: true }
  if (mfa === 'none') return { step: 'done', secondFactor: false }
  if (authenticators.length > 0) return { step: 'factor', choices: authenticators }
  return mfa === 'required'
    ? { step: 'refused', refusal: 'no_usable_factor' }
    : { step: 'done', secondFactor: false }
}

const REFUSAL_OF_STATUS: Partial<Record<number, Refusal>> = {
  [USER_STATUS.unactivated]: 'unactivated',
  [USER_STATUS.suspended]: 'suspended',
  [USER_STATUS.locked]: 'locked',
  [USER_STATUS.passwordExpired]: 'password_expired',
  [USER_STATUS.awaitingPasswordReset]: 'awaiting_reset',
  [USER_STATUS.passwordPending]: 'password_pending',
  [USER_STATUS.securityQuestionsRequired]: 'security_questions',
} satisfies Record<Exclude<UserStatus, 1>, Refusal>

const REFUSAL_OF_STATE: Readonly<Record<number, Refusal>> = {
  [USER_STATE.unapproved]: 'unapproved',
  [USER_STATE.rejected]: 'rejected',
  [USER_STATE.unlicensed]: 'unlicensed',
}

/**
 * Why this person may not sign in at `now`; `undefined` when they may. Only people who are approved and have status 1
 * do; a lock ends by itself.
 */
export function refusalOf(
  user: Pick<User, 'state' | 'status' | 'lockedUntil'>,
  now: number,
): Refusal | undefined {
  return refusalOfStatus(user, now) ?? REFUSAL_OF_STATE[user.state]
}

function refusalOfStatus(user: Pick<User, 'status' | 'lockedUntil'>, now: number): Refusal | undefined {
  if (user.lockedUntil !== null && user.lockedUntil > now) return 'locked'
  if (user.status === USER_STATUS.active) return undefined
  if (user.status === USER_STATUS.locked && user.lockedUntil !== null) return undefined
  return REFUSAL_OF_STATUS[user.status] ?? 'pending'
}
