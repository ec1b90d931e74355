import type { User } from '../directory/user.ts'
import type { Authenticator } from './authenticator-store.ts'

/** Whose factor is asked, and in which attempt: a code answers only the attempt it was made for. */
export interface FactorQuestion {
  user: User
  authenticator: Authenticator
  attemptId: string
}

/** What a challenge came to. `too_soon`: one is on its way already, nothing was sent again. */
export type ChallengeOutcome = 'sent' | 'too_soon' | 'nothing_to_send'

/** What a person needs once to set their authenticator up. Secret: it leaves in the answer to the enrolment only. */
export interface FactorSetup {
  /** Base32, to be typed in. */
  seed: string
  /** `otpauth://…`, to be shown as a QR code. */
  otpauthUrl: string
}

/** What a new authenticator begins with. */
export interface NewSecret {
  secret: string | null
  setup?: FactorSetup
}

/** One way to prove a second factor. */
export interface Factor {
  /** Whether this person can have it at all: a code by mail needs an address. */
  suits(user: User): boolean
  /** Makes what a new authenticator keeps. `issuer` is the company, as authenticator apps show it. */
  enrol(user: User, issuer: string): NewSecret
  /** Sends what the person needs to answer. @throws Problem `rate_limited`, `unavailable` */
  challenge(question: FactorQuestion): Promise<ChallengeOutcome>
  /** Whether `code` is right. Consumes it: the same code is never right again. */
  verify(question: FactorQuestion, code: string): Promise<boolean>
}
