import { beginEnrolment, setupOf, type EnrolmentDeps } from '../factors/enrolment.ts'
import type { Authenticator } from '../factors/authenticator-store.ts'
import { FACTORS, type FactorKind } from '../factors/factor-kind.ts'
import type { ChallengeOutcome, Setup } from '../factors/factor.ts'
import { answerWith, askingOf, challengeWith, type AnswerOutcome, type Asker } from './answer-factor.ts'
import type { Origin } from '../events/event-store.ts'
import { changeAttempt, closeAttempt } from './attempt.ts'
import { proceed, type OpenAttempt, type OpenStep, type Progress, type SignInDeps } from './sign-in.ts'

/** An attempt that waits for a factor to be set up. */
export type OpenEnrolment = OpenAttempt<Extract<OpenStep, { step: 'enrol' }>>

/** What is being set up in an attempt, for the page that shows it. */
export interface Enrolling {
  open: OpenEnrolment
  authenticator: Authenticator
  setup: Setup
}

/**
 * Begins an authenticator within a sign-in, in place of the one that was begun in it before. It is not the person's
 * until they have proved it here. `undefined`: the attempt has ended, or asks for something else.
 */
export async function enrolInAttempt(
  d: SignInDeps & EnrolmentDeps,
  open: OpenEnrolment,
  wish: { kind: FactorKind; number?: string | undefined },
  asker: Asker,
): Promise<Enrolling | undefined> {
  if (!open.step.kinds.includes(wish.kind)) return undefined
  const { user, attempt } = open
  const authenticator = await beginEnrolment(d, user, wish, askingOf(open, asker))
  const read = await changeAttempt(d, open, { enrolling: authenticator.id })
  const dropped = read ? attempt.enrolling : authenticator.id
  if (dropped !== undefined) await d.authenticators.dropUnproved(user.id, { id: dropped })
  if (!read) return undefined
  return { open: { ...open, ...read }, authenticator, setup: await setupOf(d, user, authenticator) }
}

/** What this attempt is setting up, if that still waits for its proof. */
export async function enrollingIn(
  d: SignInDeps & EnrolmentDeps,
  open: OpenEnrolment,
): Promise<Enrolling | undefined> {
  const { user, attempt } = open
  const all = await d.authenticators.listAllForUser(user.id)
  const authenticator = all.find(({ id, active }) => id === attempt.enrolling && !active)
  if (!authenticator || !open.step.kinds.includes(authenticator.factor)) return undefined
  return { open, authenticator, setup: await setupOf(d, user, authenticator) }
}

/** Sends what a new authenticator is proved with, when it is proved with something that is sent. */
export const challengeNew = (
  d: SignInDeps,
  { open, authenticator }: Enrolling,
  asker: Asker,
): Promise<ChallengeOutcome> =>
  FACTORS[authenticator.factor].challenge === 'on_request'
    ? challengeWith(d, open, authenticator, asker)
    : Promise.resolve({ is: 'nothing_to_send' })

/** The answer that ends the setting up, and with it this step of the sign-in. */
export const proveNew = (
  d: SignInDeps,
  { open, authenticator }: Enrolling,
  answer: { code: string } & Asker,
): Promise<AnswerOutcome> => answerWith(d, open, authenticator, answer)

/** Goes on without, for one of the sign-ins that the rules grant. `undefined`: none is left, or somebody was first. */
export async function putOff(
  d: SignInDeps,
  { attemptId, attempt, user, policy }: OpenEnrolment,
  origin: Origin,
): Promise<Progress | undefined> {
  if (!(await closeAttempt(d, attemptId))) return undefined
  if (!(await d.users.spendGrace(user.id, policy.grace_sign_ins))) return undefined
  return proceed(d, { ...attempt, passed: [...attempt.passed, 'later'] }, user, origin)
}
