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

/** One way to prove a second factor. */
export interface Factor {
  /** Sends what the person needs to answer. @throws Problem `rate_limited`, `unavailable` */
  challenge(question: FactorQuestion): Promise<ChallengeOutcome>
  /** Whether `code` is right. Consumes it: the same code is never right again. */
  verify(question: FactorQuestion, code: string): Promise<boolean>
}
