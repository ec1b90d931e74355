import type { Post } from '../branding/post.ts'
import { policyFor } from '../directory/policy-for.ts'
import type { Policy } from '../directory/policy.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { EventDraft, Origin } from '../events/event-store.ts'
import {
  apiAuthenticationFailed,
  authenticatedViaApi,
  portalSignInFailed,
  sessionTokenIssued,
  sessionTokenRefused,
  signedInToPortal,
  userUnlocked,
} from '../events/events.ts'
import type { Authenticator, AuthenticatorStore } from '../factors/authenticator-store.ts'
import { enrollableFactors, hasFull } from '../factors/enrolment.ts'
import { FACTORS, type FactorKind } from '../factors/factor-kind.ts'
import { temporaryAuthenticator } from '../factors/temporary-token.ts'
import type { TemporaryTokenStore } from '../factors/temporary-token-store.ts'
import { openAttempt, type Attempt, type AttemptExtras, type Door, type KeptAttempt } from './attempt.ts'
import type { Factor } from '../factors/factor.ts'
import type { Log } from '../platform/log.ts'
import type { Metrics } from '../platform/metrics.ts'
import type { Random } from '../platform/random.ts'
import type { Sealer } from '../platform/sealing.ts'
import {
  besideGuessing,
  factorsIn,
  nextStep,
  signInRefusal,
  type Passed,
  type Refusal,
  type Step,
} from './journey.ts'
import { lockLetter } from './letters.ts'
import { isRemembered, isToBeAskedAgain, rememberedIn, type RememberedDeps } from './remembered-browsers.ts'
import { checkPassword, type PasswordCheckDeps, type PasswordOutcome } from './password-check.ts'

export interface PasswordDeps extends PasswordCheckDeps {
  post: Pick<Post, 'send' | 'sendLater'>
  log: Log
  metrics: Pick<Metrics, 'signIns'>
}

export interface SignInDeps extends PasswordDeps, Pick<RememberedDeps, 'remembered'> {
  random: Random
  publicUrl: string
  sealer: Sealer
  authenticators: AuthenticatorStore
  temporaryTokens: Pick<TemporaryTokenStore, 'isAlive'>
  factors: Record<FactorKind, Factor>
}

/** A person who has proved all that was asked: what every door hands something out for. */
export interface SignedIn {
  user: User
  /** RFC 8176: `pwd`, and after a second factor what it proved, and `mfa`. */
  amr: string[]
  /** The steps that were passed. */
  passed: Attempt['passed']
  /** When the password was right, ms. */
  authTime: number
  factorAt: number | undefined
  /** What was remembered of the browser, and whether it is to be from now on. */
  remembered: Attempt['remembered']
  remember: boolean
  extras: AttemptExtras
}

/** What an attempt may wait for. */
export type OpenStep = Extract<Step<Authenticator>, { step: 'factor' | 'new_password' | 'enrol' }>

/** An attempt that its holder may go on with, whom it is about, and what it waits for. */
export interface OpenAttempt<S extends OpenStep = OpenStep> extends KeptAttempt {
  user: User
  /** The rules that hold for it. */
  policy: Policy
  step: S
}

/** Where an attempt stands after a step was passed. `password`: only a sign-in from the beginning leads on. */
export type Progress =
  | { is: 'done'; signedIn: SignedIn }
  | { is: 'next'; open: OpenAttempt }
  | { is: 'refused'; refusal: Refusal }
  | { is: 'password' }

/** What follows a password that was checked. `invalid` is the one answer to unknown people and wrong passwords. */
export type StartOutcome = Exclude<Progress, { is: 'password' }> | { is: 'invalid' } | { is: 'locked' }

export interface StartInput {
  door: Door
  login: string
  password: string
  /** Who may go on with this attempt: the digest of the browser's CSRF secret, or the API credential. */
  holder: string
  extras: AttemptExtras
  origin: Origin
  /** Names the browser in which this person has signed in before, on pages. */
  knownAs?: ((user: User) => string | undefined) | undefined
  /** What the browser keeps for this person to be remembered by, on pages. */
  rememberedBy?: ((user: User) => string) | undefined
}

/** Every place that takes a password; the doors, and one that only tells whether it is right. */
export type PasswordDoor = Door | 'delegated_auth'

const SIGNED_IN: Record<Door, (origin: Origin, user: User) => EventDraft[]> = {
  portal: (origin, user) => [signedInToPortal(origin, user)],
  api_login: (origin, user) => [authenticatedViaApi(origin, user), sessionTokenIssued(origin, user)],
  saml_assertion: (origin, user) => [authenticatedViaApi(origin, user)],
}
const FAILED: Record<PasswordDoor, (origin: Origin, user: User | undefined, why: string) => EventDraft[]> = {
  portal: (...about) => [portalSignInFailed(...about)],
  api_login: (...about) => [apiAuthenticationFailed(...about), sessionTokenRefused(...about)],
  saml_assertion: (...about) => [apiAuthenticationFailed(...about)],
  delegated_auth: (...about) => [apiAuthenticationFailed(...about)],
}

/** First half of a sign-in, for every door: checks the password and says what comes next. */
export async function startSignIn(d: SignInDeps, input: StartInput): Promise<StartOutcome> {
  const outcome = await checkedPassword(d, input)
  if (outcome.is === 'right') return afterPassword(d, input, outcome)
  return { is: outcome.is === 'locked' ? 'locked' : 'invalid' }
}

interface PasswordInput extends Pick<StartInput, 'login' | 'password' | 'origin' | 'knownAs'> {
  door: PasswordDoor
}
type CheckedPassword = Exclude<PasswordOutcome, { is: 'throttled' }>

/** Checks a password and notes what came of it. @throws Problem `rate_limited` when too many were wrong */
export async function checkedPassword(d: PasswordDeps, input: PasswordInput): Promise<CheckedPassword> {
  const outcome = await checkPassword(d, input)
  if (outcome.is === 'throttled') {
    d.metrics.signIns.inc({ door: input.door, outcome: 'throttled' })
    throw new Problem('rate_limited', { retryAfterSeconds: outcome.retryAfterSeconds })
  }
  if (outcome.is !== 'right') await passwordFailed(d, input, outcome)
  else if (outcome.lockLifted)
    await d.transact(({ events }) => events.append(userUnlocked(input.origin, outcome.user)))
  return outcome
}

async function passwordFailed(
  d: PasswordDeps,
  { door, origin }: PasswordInput,
  outcome: Extract<PasswordOutcome, { is: 'wrong' | 'locked' }>,
): Promise<void> {
  await noteFailure(d, door, origin, outcome.user, outcome.is === 'locked' ? 'locked' : 'wrong password')
  if (outcome.lockedNow && outcome.user) {
    // The answer does not wait for the letter: a slow mail server must not tell who exists.
    d.post.sendLater(outcome.user, lockLetter)
  }
}

export async function noteFailure(
  d: Pick<SignInDeps, 'transact' | 'metrics'>,
  door: PasswordDoor,
  origin: Origin,
  user: User | undefined,
  why: string,
): Promise<void> {
  d.metrics.signIns.inc({ door, outcome: 'failed' })
  await d.transact(async ({ events }) => {
    for (const event of FAILED[door](origin, user, why)) await events.append(event)
  })
}

async function afterPassword(
  d: SignInDeps,
  input: StartInput,
  { user, inKnownBrowser }: Extract<PasswordOutcome, { is: 'right' }>,
): Promise<StartOutcome> {
  const token = input.rememberedBy?.(user) ?? ''
  const attempt: Attempt = {
    remembered: await rememberedIn(d, user, token, input.origin.address),
    door: input.door,
    userId: user.id,
    epoch: user.sessionEpoch,
    passed: ['password'],
    amr: [],
    holder: input.holder,
    known: inKnownBrowser,
    passwordAt: d.clock(),
    ...input.extras,
  }
  const progress = await proceed(d, attempt, user, input.origin)
  if (progress.is === 'password') throw new Error('the password was right, yet the journey asks for it')
  return progress
}

/** Goes on from what was passed: waits for the next step under a new id, finishes, or says why not. */
export async function proceed(
  d: SignInDeps,
  attempt: Attempt,
  user: User,
  origin: Origin,
): Promise<Progress> {
  const { step, policy } = await stepOf(d, attempt, user)
  switch (step.step) {
    case 'done':
      if (step.spendsGrace && !(await d.users.spendGrace(user.id, policy.grace_sign_ins))) {
        await noteFailure(d, attempt.door, origin, user, 'no_usable_factor')
        return { is: 'refused', refusal: 'no_usable_factor' }
      }
      return { is: 'done', signedIn: await finishSignIn(d, attempt, user, origin) }
    case 'factor':
    case 'new_password':
    case 'enrol':
      return { is: 'next', open: { ...(await openAttempt(d, attempt)), user, policy, step } }
    case 'refused':
      await noteFailure(d, attempt.door, origin, user, step.refusal)
      return { is: 'refused', refusal: step.refusal }
    case 'password':
      return { is: 'password' }
  }
}

/** What comes next for this attempt, from what the directory says now, and by which rules. */
export async function stepOf(
  d: SignInDeps,
  attempt: Attempt,
  user: User,
): Promise<{ step: Step<Authenticator>; policy: Policy }> {
  const policy = await policyFor(d, { user, appId: attempt.appId })
  const onPages = attempt.door === 'portal'
  const now = d.clock()
  const isStale = isToBeAskedAgain(policy, attempt.factorAt ?? attempt.passwordAt, now)
  const factors: readonly Passed[] = isStale ? factorsIn(attempt.passed) : []
  const { remembered } = attempt
  const step = nextStep({
    passed: attempt.passed.filter((one) => !factors.includes(one)),
    remembered:
      remembered && !isStale && isRemembered(policy, remembered, now) ? remembered.factor : undefined,
    refusal: signInRefusal(attempt.known ? besideGuessing(user) : user, policy, now),
    canChangePassword: onPages,
    mfa: policy.mfa,
    allowed_factors: policy.allowed_factors,
    graceLeft: Math.max(0, policy.grace_sign_ins - user.graceUsed),
    authenticators: await usableAuthenticators(d, user, policy),
    enrollable: enrollableFactors(d, user, policy),
    canEnrol: onPages,
  })
  return { step, policy }
}

/**
 * What this person could answer with now: a code by mail needs an address, and a backup something that it stands in for.
 * An administrator's token makes nobody need a second factor who needs none.
 */
async function usableAuthenticators(
  d: Pick<SignInDeps, 'authenticators' | 'factors' | 'temporaryTokens' | 'clock'>,
  user: User,
  { mfa }: Pick<Policy, 'mfa'>,
): Promise<Authenticator[]> {
  if (mfa === 'none') return []
  const all = await d.authenticators.listForUser(user.id)
  const usable = all.filter((one) => d.factors[one.factor].suits(user, one))
  const own = hasFull(all) ? usable : usable.filter(({ factor }) => FACTORS[factor].standing !== 'backup')
  const mayNeedToken = own.length > 0 || mfa !== 'enrolled'
  const hasToken = mayNeedToken && (await d.temporaryTokens.isAlive(user.id, d.clock()))
  return hasToken ? [...own, temporaryAuthenticator(user.id)] : own
}

/** The one place where a sign-in becomes one: notes it, whatever the door hands out then. */
export async function finishSignIn(
  d: SignInDeps,
  attempt: Attempt,
  user: User,
  origin: Origin,
): Promise<SignedIn> {
  await d.transact(async ({ users, events }) => {
    await users.recordSignIn(user.id, d.clock())
    for (const event of SIGNED_IN[attempt.door](origin, user)) await events.append(event)
  })
  d.metrics.signIns.inc({ door: attempt.door, outcome: 'done' })
  const { returnTo, allowedOrigins, fields, appId } = attempt
  const extras = { returnTo, allowedOrigins, fields, appId }
  const { passed, passwordAt: authTime, factorAt, remembered, remember = false } = attempt
  return { user, amr: amrOf(attempt), passed, authTime, factorAt, remembered, remember, extras }
}

/** RFC 8176 section 2. */
const amrOf = ({ passed, amr }: Attempt): string[] => {
  const first = passed.includes('passkey') ? [] : ['pwd']
  return factorsIn(passed).length > 0 ? [...new Set([...first, ...amr, 'mfa'])] : first
}
