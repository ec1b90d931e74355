import type { User } from '../directory/user.ts'
import type { Origin } from '../events/event-store.ts'
import { factorFailed, factorVerified } from '../events/events.ts'
import type { Authenticator } from '../factors/authenticator-store.ts'
import {
  areTriesSpent,
  reserveFactorTry,
  returnFactorTry,
  TRIES_PER_QUESTION,
} from '../factors/factor-tries.ts'
import type { ChallengeOutcome } from '../factors/factor.ts'
import { closeAttempt, readAttempt, type Attempt, type Door } from './attempt.ts'
import {
  proceed,
  stepOf,
  type OpenAttempt,
  type OpenStep,
  type Progress,
  type SignInDeps,
} from './sign-in.ts'

/** An attempt that waits for a second factor. */
export type OpenQuestion = OpenAttempt<Extract<OpenStep, { step: 'factor' }>>

export interface AttemptClaim {
  door: Door
  attemptId: string
  holder: string
  origin: Origin
}

/** What an answer came to. `ended`: there is no such attempt, or no longer, and it does not say which. */
export type AnswerOutcome =
  Exclude<Progress, { is: 'password' }> | { is: 'wrong'; triesLeft: number } | { is: 'ended' }

/**
 * Loads an attempt for whoever claims to hold it. A claim by somebody else, through another door, or about a person
 * who may no longer sign in ends the attempt: nobody can try that twice.
 */
export async function claimAttempt(d: SignInDeps, claim: AttemptClaim): Promise<OpenAttempt | undefined> {
  const attempt = await readAttempt(d, claim.attemptId)
  if (!attempt || (await areTriesSpent(d, claim.attemptId))) return undefined
  const user = await d.users.find(attempt.userId)
  const rightful = attempt.door === claim.door && attempt.holder === claim.holder
  const step =
    user && rightful && user.sessionEpoch === attempt.epoch ? await stepOf(d, attempt, user) : undefined
  if (user && (step?.step === 'factor' || step?.step === 'new_password')) {
    return { attemptId: claim.attemptId, attempt, user, step }
  }
  await closeAttempt(d, claim.attemptId)
  if (user)
    await noteFactorFailure(
      d,
      claim.origin,
      user,
      undefined,
      rightful ? 'no longer allowed' : 'foreign attempt',
    )
  return undefined
}

/** The authenticator that is meant, if it is this person's; naming another's ends the attempt. */
async function ownAuthenticator(d: SignInDeps, open: OpenQuestion, id: number, origin: Origin) {
  const authenticator = open.step.choices.find((choice) => choice.id === id)
  if (authenticator) return authenticator
  await closeAttempt(d, open.attemptId)
  await noteFactorFailure(d, origin, open.user, undefined, 'foreign authenticator')
  return undefined
}

/** Sends the person what they need to answer. `undefined`: the attempt has ended. */
export async function challengeFactor(
  d: SignInDeps,
  open: OpenQuestion,
  authenticatorId: number,
  origin: Origin,
): Promise<ChallengeOutcome | undefined> {
  const authenticator = await ownAuthenticator(d, open, authenticatorId, origin)
  if (!authenticator) return undefined
  return d.factors[authenticator.factor].challenge({
    user: open.user,
    authenticator,
    attemptId: open.attemptId,
  })
}

/** Second half of a sign-in, for every door: checks a code and goes on. Of racing right answers one does. */
export async function answerFactor(
  d: SignInDeps,
  open: OpenQuestion,
  answer: { authenticatorId: number; code: string; origin: Origin },
): Promise<AnswerOutcome> {
  const { origin } = answer
  const authenticator = await ownAuthenticator(d, open, answer.authenticatorId, origin)
  if (!authenticator) return { is: 'ended' }
  const tries = await reserveFactorTry(d, open.user.id, open.attemptId)
  if (tries === 'none_left') {
    await noteFactorFailure(d, origin, open.user, authenticator, 'too many wrong codes')
    return { is: 'ended' }
  }
  const question = { user: open.user, authenticator, attemptId: open.attemptId }
  const right = await d.factors[authenticator.factor].verify(question, answer.code)
  if (!right) return wrongCode(d, open, authenticator, tries, origin)
  await returnFactorTry(d, open.user.id)
  return finish(d, open, authenticator, origin)
}

async function wrongCode(
  d: SignInDeps,
  open: OpenQuestion,
  authenticator: Authenticator,
  tries: number,
  origin: Origin,
): Promise<AnswerOutcome> {
  await noteFactorFailure(d, origin, open.user, authenticator, 'wrong code')
  // With its tries spent the attempt is over for everybody but a right answer that is being looked at right now.
  return tries < TRIES_PER_QUESTION ? { is: 'wrong', triesLeft: TRIES_PER_QUESTION - tries } : { is: 'ended' }
}

async function finish(
  d: SignInDeps,
  { attemptId, attempt, user }: OpenQuestion,
  authenticator: Authenticator,
  origin: Origin,
): Promise<AnswerOutcome> {
  if (!(await closeAttempt(d, attemptId))) return { is: 'ended' }
  const passed: Attempt = { ...attempt, passed: [...attempt.passed, authenticator.factor] }
  await d.transact(async ({ authenticators, events }) => {
    await authenticators.recordUse(authenticator.id, d.clock())
    await events.append(factorVerified(origin, user, named(authenticator)))
  })
  const progress = await proceed(d, passed, user, origin)
  return progress.is === 'password' ? { is: 'ended' } : progress
}

const named = ({ id, label }: Authenticator) => ({ id, name: label })

async function noteFactorFailure(
  d: SignInDeps,
  origin: Origin,
  user: User,
  authenticator: Authenticator | undefined,
  why: string,
): Promise<void> {
  await d.transact(({ events }) =>
    events.append(factorFailed(origin, user, authenticator && named(authenticator), why)),
  )
}
