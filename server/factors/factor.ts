import type { Reader } from '../branding/post.ts'
import type { Policy } from '../directory/policy.ts'
import type { User } from '../directory/user.ts'
import type { Origin } from '../events/event-store.ts'
import type { Authenticator } from './authenticator-store.ts'

/** How a question came about: what the person may be told of it, and what a factor may make depend on it. */
export interface Asking {
  policy: Policy
  origin: Origin
  /** The origin under which the person has our pages open; absent when a program asks for them. */
  pages?: string | undefined
  /** Names the browser that asks, on pages. */
  browser?: string | undefined
  /** How the page looks and speaks on which the person asks for a letter. */
  reader?: Reader | undefined
  /** The app that the person is on the way to. */
  appId?: number | undefined
}

/** Whose factor is asked, and in which attempt: an answer is good only for the attempt it was made for. */
export interface FactorQuestion {
  user: User
  authenticator: Authenticator
  attemptId: string
  asked: Asking
}

/** What the page needs beside the question: options for the browser's API, a number to compare, or which questions. */
export type Shown =
  { options: object } | { number: string; secondsLeft: number } | { questions: readonly number[] }

/**
 * What a challenge came to. `too_soon`: one is on its way already, nothing was sent again. `locked`: this attempt may
 * not ask for it any more.
 */
export type ChallengeOutcome =
  | { is: 'locked'; shows?: undefined }
  | { is: 'sent' | 'nothing_to_send'; shows?: Shown | undefined }
  | { is: 'too_soon'; waitSeconds?: number | undefined; shows?: Shown | undefined }

/**
 * What an answer came to. `pending`, `denied` and `lapsed` (nothing is being asked, or no longer) are for what
 * is answered elsewhere, and are asked for without a code.
 * A right one may say more exactly what was proved, and leave something else to be kept.
 */
export type Verdict =
  | { is: 'right'; amr?: readonly string[]; keeps?: string | null }
  | { is: 'wrong' }
  | { is: 'pending'; shows?: Shown | undefined }
  | { is: 'denied' }
  | { is: 'lapsed' }

export const RIGHT: Verdict = { is: 'right' }
export const WRONG: Verdict = { is: 'wrong' }

/** Who begins an authenticator, and what they gave for it. */
export interface Beginning {
  user: User
  /** The company, as authenticator apps and browsers show it. */
  issuer: string
  /** What the person has already, so that nothing is enrolled twice. */
  authenticators: readonly Authenticator[]
  asked: Asking
  /** What a person typed, e.g. a phone number. */
  number?: string | undefined
}

/** What the page shows while an authenticator is set up. Secret: nobody but its owner sees it, and only then. */
export type Setup =
  | { is: 'seed'; seed: string; otpauthUrl: string }
  | { is: 'sent'; to: string }
  | { is: 'browser'; options: object }
  | { is: 'codes'; codes: readonly string[] }
  | { is: 'questions'; questions: readonly number[] }
  | { is: 'elsewhere'; shows?: Shown | undefined }

/** One way to prove a second factor. */
export interface Factor {
  /** Whether this person can have it at all, or answer with this one: a code by mail needs an address. */
  suits(user: User, authenticator?: Authenticator): boolean
  /** Which of them it is, for its owner to see: a masked address, or nothing. */
  hint(user: User, authenticator: Authenticator): string
  /** Where something is sent to, in full, for those who look after people's factors. */
  phoneNumber?: (authenticator: Authenticator) => string
  /** Makes what a new authenticator keeps, to be sealed; null: nothing. @throws Problem `invalid_request` */
  begin(beginning: Beginning): Promise<string | null>
  /** What its owner needs to set it up, made anew each time from what `begin` kept. */
  setup(user: User, authenticator: Authenticator, issuer: string): Setup
  /** Sends, or makes, what the person needs to answer. @throws Problem `rate_limited`, `unavailable` */
  challenge(question: FactorQuestion): Promise<ChallengeOutcome>
  /** Looks at an answer. Consumes a right one: the same is never right again. */
  verify(question: FactorQuestion, answer: string): Promise<Verdict>
  /**
   * For what is answered elsewhere: how many seconds an answer to this attempt is still waited for, `undefined` once it
   * is there or none will come. Cheap, since pages ask it all the time.
   */
  waitsFor?(userId: number, attemptId: string): Promise<number | undefined>
  /** The same for the answer that ends the setting up, where that is another one. */
  prove?(question: FactorQuestion, answer: string): Promise<Verdict>
}

/** The answer of somebody whose authenticator may not be proved yet. */
export const verdictOn = (factor: Factor, question: FactorQuestion, answer: string): Promise<Verdict> =>
  question.authenticator.active || !factor.prove
    ? factor.verify(question, answer)
    : factor.prove(question, answer)
