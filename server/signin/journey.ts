import { isAllowed, type Policy } from '../directory/policy.ts'
import { USER_STATE, USER_STATUS, type User, type UserStatus } from '../directory/user.ts'
import { FACTORS, type FactorKind, type Standing } from '../factors/factor-kind.ts'
import { DAY } from '../platform/clock.ts'

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

/**
 * What begins an attempt. A link stands for a password that its person has not chosen yet, or has forgotten; a passkey
 * that has checked who holds it for a password and a factor.
 */
export const FIRST_PROOFS = ['password', 'passkey', 'invite', 'reset'] as const
type FirstProof = (typeof FIRST_PROOFS)[number]
/** What an attempt has passed: how it began, the factors that were proved, and a password that was chosen in it. `later`: they put setting a factor up off. */
export type Passed = FirstProof | FactorKind | 'new_password' | 'later'

/** Why a person has to choose a password before they go on. */
export type NewPasswordReason = 'invite' | 'reset' | 'expired' | 'awaiting_reset' | 'pending'

type FactorRules = Pick<Policy, 'mfa' | 'allowed_factors'>

/** All that the next step depends on. */
export interface JourneyFacts<A extends { factor: FactorKind }> extends FactorRules {
  passed: readonly Passed[]
  refusal: Refusal | undefined
  /** Whether a new password can be chosen at this door; at any other, who needs one is refused. */
  canChangePassword: boolean
  /** Sign-ins that the person may still make without the factor that is required. */
  graceLeft: number
  /** What the person could answer with now. */
  authenticators: readonly A[]
  /** The factor that was proved in this browser before, where that is remembered and still counts. */
  remembered?: FactorKind | undefined
  /** What the person may set up. */
  enrollable: readonly FactorKind[]
  /** Whether that can be done at this door. */
  canEnrol: boolean
}

export type Step<A> =
  | { step: 'password' }
  | { step: 'refused'; refusal: Refusal }
  | { step: 'factor'; choices: readonly A[] }
  | { step: 'new_password'; reason: NewPasswordReason }
  /** `later`: sign-ins for which it may still be put off. */
  | { step: 'enrol'; kinds: readonly FactorKind[]; later: number }
  | { step: 'done'; secondFactor: boolean; spendsGrace?: true }

/** Refusals that end with a new password, by what began the attempt. Nobody activates themselves by a reset. */
const CHANGED: Partial<Record<Refusal, NewPasswordReason>> = {
  password_expired: 'expired',
  awaiting_reset: 'awaiting_reset',
  password_pending: 'pending',
}
const HEALED: Record<FirstProof, Partial<Record<Refusal, NewPasswordReason>>> = {
  password: CHANGED,
  passkey: CHANGED,
  invite: {
    unactivated: 'invite',
    password_pending: 'invite',
    password_expired: 'invite',
    awaiting_reset: 'invite',
  },
  reset: { password_expired: 'reset', awaiting_reset: 'reset' },
}

/**
 * Decides what comes next from recorded facts alone. Pages and API ask here; neither names its next step itself,
 * so a second factor is asked where a session is made and never at one route. A new password is chosen after the
 * factor, and a missing factor set up after that; a reset ends there, at the sign-in page, so that no letter alone ever signs anybody in.
 */
export function nextStep<A extends { factor: FactorKind }>(facts: JourneyFacts<A>): Step<A> {
  const { passed, refusal } = facts
  const first = FIRST_PROOFS.find((proof) => passed.includes(proof))
  const changed = passed.includes('new_password')
  if (!first || (first === 'reset' && changed)) return { step: 'password' }
  const reason = changed ? undefined : newPasswordReason(first, facts)
  if (refusal && !reason) return { step: 'refused', refusal }
  return factorStep(facts, first) ?? newPasswordStep(reason) ?? lastStep(facts)
}

function newPasswordReason(
  first: FirstProof,
  { refusal, canChangePassword }: Pick<JourneyFacts<never>, 'refusal' | 'canChangePassword'>,
): NewPasswordReason | undefined {
  if (!canChangePassword) return undefined
  if (refusal) return HEALED[first][refusal]
  return isLink(first) ? first : undefined
}

const isLink = (first: FirstProof): first is 'invite' | 'reset' => first === 'invite' || first === 'reset'

const isFactor = (passed: Passed): passed is FactorKind =>
  passed !== 'new_password' && passed !== 'later' && !(FIRST_PROOFS as readonly Passed[]).includes(passed)

/** The factors among what was passed. */
export const factorsIn = (passed: readonly Passed[]): FactorKind[] => passed.filter(isFactor)

const MAILBOX: FactorKind = 'email'

/**
 * Who came by a letter has shown that the mailbox is theirs: a code to the same mailbox would show nothing more. Only
 * who is invited, and has nothing else that counts, is asked for one.
 */
function besideTheLetter<A extends { factor: FactorKind }>(
  facts: JourneyFacts<A>,
  first: FirstProof,
): readonly A[] {
  if (!isLink(first)) return facts.authenticators
  const others = facts.authenticators.filter(({ factor }) => factor !== MAILBOX)
  const enough = others.some(({ factor }) => counts(facts, factor))
  return first === 'reset' || enough ? others : facts.authenticators
}

/** Whether a factor is what the rules ask for. */
const counts = ({ mfa, allowed_factors }: FactorRules, kind: FactorKind): boolean =>
  isAllowed({ allowed_factors }, kind) &&
  (mfa !== 'phishing_resistant' || FACTORS[kind].strength === 'phishing_resistant')

/** Only for who has a factor still: a remembered browser stands for asking, never for having. */
const isEnoughRemembered = (facts: Pick<JourneyFacts<never>, 'remembered' | 'mfa' | 'allowed_factors'>) =>
  facts.remembered !== undefined && counts(facts, facts.remembered)

/**
 * Who has none that counts, but has others, proves one of these first: otherwise a stolen password could set up what
 * counts.
 */
function factorStep<A extends { factor: FactorKind }>(
  facts: JourneyFacts<A>,
  first: FirstProof,
): Step<A> | undefined {
  const { passed, mfa, authenticators } = facts
  const proved = factorsIn(passed)
  if (mfa === 'none' || authenticators.length === 0) return undefined
  if (proved.some((kind) => counts(facts, kind)) || isEnoughRemembered(facts)) return undefined
  const all = besideTheLetter(facts, first)
  const enough = all.filter(({ factor }) => counts(facts, factor))
  if (enough.length > 0) return { step: 'factor', choices: withoutExtras(enough) }
  if (proved.length > 0) return undefined
  return all.length > 0
    ? { step: 'factor', choices: withoutExtras(all) }
    : { step: 'refused', refusal: 'no_usable_factor' }
}

/** What is only an extra is asked of nobody who has something stronger, and a backup comes last. */
function withoutExtras<A extends { factor: FactorKind }>(all: readonly A[]): readonly A[] {
  const having = (...standings: Standing[]) =>
    all.filter(({ factor }) => standings.includes(FACTORS[factor].standing))
  const full = having('full')
  return [...(full.length > 0 ? full : having('extra')), ...having('backup')]
}

const newPasswordStep = <A>(reason: NewPasswordReason | undefined): Step<A> | undefined =>
  reason && { step: 'new_password', reason }

/**
 * Nobody is let in without a factor where one is required: who has none that counts sets one up, where that can be done,
 * or uses up one of the sign-ins that are granted without.
 */
function lastStep<A extends { factor: FactorKind }>(facts: JourneyFacts<A>): Step<A> {
  const { passed, mfa, authenticators, graceLeft } = facts
  const proved = factorsIn(passed)
  const none = { step: 'done', secondFactor: false } as const
  if (proved.some((kind) => counts(facts, kind))) return { step: 'done', secondFactor: true }
  if (mfa === 'none' || (mfa === 'enrolled' && authenticators.length === 0 && !proved.length))
    return { ...none, secondFactor: proved.length > 0 }
  if (authenticators.length > 0 && isEnoughRemembered(facts)) return none
  if (passed.includes('later')) return none
  const kinds = facts.enrollable.filter((kind) => FACTORS[kind].standing === 'full' && counts(facts, kind))
  if (facts.canEnrol && kinds.length > 0) return { step: 'enrol', kinds, later: graceLeft }
  return graceLeft > 0 ? { ...none, spendsGrace: true } : { step: 'refused', refusal: 'no_usable_factor' }
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

/**
 * The same person without a lock that guessing elsewhere brought about: it is not meant for who has proved to be them, in
 * a session that is open or a browser that they are known in.
 */
export function besideGuessing<U extends Pick<User, 'status' | 'lockedUntil' | 'lockReason'>>(user: U): U {
  if (user.lockReason !== 'guessing') return user
  const status = user.status === USER_STATUS.locked ? USER_STATUS.active : user.status
  return { ...user, status, lockedUntil: null, lockReason: null }
}

type PasswordAge = Pick<User, 'passwordChangedAt' | 'createdAt'>

/**
 * The same at a sign-in, where a password may also be too old, if the policy says when that is. Of two reasons the one
 * that a new password does not end counts: it must not be chosen in vain.
 */
export function signInRefusal(
  user: Pick<User, 'state' | 'status' | 'lockedUntil'> & PasswordAge,
  policy: Pick<Policy, 'password_max_age_days'>,
  now: number,
): Refusal | undefined {
  const bornAt = user.passwordChangedAt ?? user.createdAt
  const maxAge = policy.password_max_age_days * DAY
  const refusal =
    refusalOf(user, now) ?? (maxAge > 0 && now >= bornAt + maxAge ? 'password_expired' : undefined)
  const healable = refusal !== undefined && refusal in HEALED.invite
  return (healable ? REFUSAL_OF_STATE[user.state] : undefined) ?? refusal
}
