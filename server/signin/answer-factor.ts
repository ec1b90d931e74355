import type { Reader } from '../branding/post.ts'
import type { User } from '../directory/user.ts'
import type { Origin } from '../events/event-store.ts'
import { factorFailed, factorVerified } from '../events/events.ts'
import type { Authenticator } from '../factors/authenticator-store.ts'
import { keepProof } from '../factors/enrolment.ts'
import { FACTORS } from '../factors/factor-kind.ts'
import {
  areTriesSpent,
  reserveFactorTry,
  returnFactorTry,
  TRIES_PER_QUESTION,
} from '../factors/factor-tries.ts'
import {
  verdictOn,
  type Asking,
  type ChallengeOutcome,
  type FactorQuestion,
  type Shown,
  type Verdict,
} from '../factors/factor.ts'
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

/** Where an answer comes from. `pages`: our origin as the person's browser has it; `reader`: how the page looks and speaks. */
export interface Asker {
  origin: Origin
  pages?: string | undefined
  /** Names the person's browser, on pages. */
  browser?: string | undefined
  reader?: Reader | undefined
}

/** What an answer came to. `ended`: there is no such attempt, or no longer, and it does not say which. */
export type AnswerOutcome =
  | Exclude<Progress, { is: 'password' }>
  | { is: 'wrong'; triesLeft: number }
  | { is: 'pending'; shows?: Shown | undefined }
  | { is: 'denied' | 'lapsed' | 'ended' }

/**
 * Loads an attempt for whoever claims to hold it. A claim by somebody else, through another door, or about a person
 * who may no longer sign in ends the attempt: nobody can try that twice.
 */
export async function claimAttempt(d: SignInDeps, claim: AttemptClaim): Promise<OpenAttempt | undefined> {
  const { attemptId, origin } = claim
  const read = await readAttempt(d, attemptId)
  if (!read || (await areTriesSpent(d, attemptId))) return undefined
  const { attempt } = read
  const user = await d.users.find(attempt.userId)
  const rightful = attempt.door === claim.door && attempt.holder === claim.holder
  if (user && rightful && user.sessionEpoch === attempt.epoch) {
    const { step, policy } = await stepOf(d, attempt, user)
    if (step.step === 'factor' || step.step === 'new_password' || step.step === 'enrol')
      return { ...read, user, policy, step }
  }
  await closeAttempt(d, attemptId)
  if (user)
    await noteFactorFailure(d, origin, user, undefined, rightful ? 'no longer allowed' : 'foreign attempt')
  return undefined
}

export const askingOf = (
  { attempt, policy }: OpenAttempt,
  { origin, pages, browser, reader }: Asker,
): Asking => ({
  policy,
  appId: attempt.appId,
  origin,
  pages,
  browser,
  reader,
})

/** The authenticator that is meant, if it is among the choices; naming another's ends the attempt. */
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
  asker: Asker,
): Promise<ChallengeOutcome | undefined> {
  const authenticator = await ownAuthenticator(d, open, authenticatorId, asker.origin)
  return authenticator && challengeWith(d, open, authenticator, asker)
}

export const challengeWith = (
  d: SignInDeps,
  open: OpenAttempt,
  authenticator: Authenticator,
  asker: Asker,
): Promise<ChallengeOutcome> =>
  d.factors[authenticator.factor].challenge(questionTo(open, authenticator, asker))

const questionTo = (open: OpenAttempt, authenticator: Authenticator, asker: Asker): FactorQuestion => ({
  user: open.user,
  authenticator,
  attemptId: open.attemptId,
  asked: askingOf(open, asker),
})

/** Second half of a sign-in, for every door: checks an answer and goes on. Of racing right answers one gets on. */
export async function answerFactor(
  d: SignInDeps,
  open: OpenQuestion,
  answer: { authenticatorId: number; code: string; remember?: boolean | undefined } & Asker,
): Promise<AnswerOutcome> {
  const authenticator = await ownAuthenticator(d, open, answer.authenticatorId, answer.origin)
  return authenticator ? answerWith(d, open, authenticator, answer) : { is: 'ended' }
}

/** An answer to an authenticator that is among the choices, or is being set up in this attempt. */
export async function answerWith(
  d: SignInDeps,
  open: OpenAttempt,
  authenticator: Authenticator,
  answer: { code: string; remember?: boolean | undefined } & Asker,
): Promise<AnswerOutcome> {
  const { origin, remember } = answer
  const { user, attemptId } = open
  const polls = FACTORS[authenticator.factor].answeredBy === 'poll'
  // To ask whether it was approved elsewhere is no guess, and costs no try.
  const tries = polls ? 0 : await reserveFactorTry(d, user.id, attemptId)
  if (tries === 'none_left') {
    await noteFactorFailure(d, origin, user, authenticator, 'too many wrong codes')
    return { is: 'ended' }
  }
  const question = questionTo(open, authenticator, answer)
  const verdict = await verdictOn(d.factors[authenticator.factor], question, answer.code)
  switch (verdict.is) {
    case 'right':
      if (!polls) await returnFactorTry(d, user.id)
      return goOn(d, open, question, { ...verdict, remember })
    case 'wrong':
      return wrongCode(d, question, tries)
    case 'denied': // noted where it was denied
    case 'lapsed':
    case 'pending':
      return verdict
  }
}

async function wrongCode(
  d: SignInDeps,
  { user, authenticator, asked }: FactorQuestion,
  tries: number,
): Promise<AnswerOutcome> {
  await noteFactorFailure(d, asked.origin, user, authenticator, 'wrong code')
  // With its tries spent the attempt is over for everybody but a right answer that is being looked at right now.
  return tries < TRIES_PER_QUESTION ? { is: 'wrong', triesLeft: TRIES_PER_QUESTION - tries } : { is: 'ended' }
}

/** Ends the attempt, notes the proof and goes on with what it has passed now. */
async function goOn(
  d: SignInDeps,
  { attempt, attemptId, user }: OpenAttempt,
  question: FactorQuestion,
  verdict: Extract<Verdict, { is: 'right' }> & { remember?: boolean | undefined },
): Promise<AnswerOutcome> {
  const { authenticator, asked } = question
  if (!(await closeAttempt(d, attemptId))) return { is: 'ended' }
  const passed: Attempt = {
    ...attempt,
    passed: [...attempt.passed, authenticator.factor],
    amr: [...attempt.amr, ...(verdict.amr ?? FACTORS[authenticator.factor].amr)],
    remember: verdict.remember,
    factorAt: d.clock(),
  }
  await d.transact(async (stores) => {
    await keepProof(d, stores, question, verdict)
    await stores.events.append(factorVerified(asked.origin, user, named(authenticator)))
  })
  const progress = await proceed(d, passed, user, asked.origin)
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
