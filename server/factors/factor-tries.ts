import type { AccountStore } from '../directory/account-store.ts'
import type { PendingStore } from '../pending/pending-store.ts'

/** Wrong codes that end an attempt, or a challenge of the API. */
export const TRIES_PER_QUESTION = 5
const HOUR_SECONDS = 3600
/** Longer than any attempt can be made to last, or waiting would bring new tries. */
const QUESTION_SECONDS = 4 * HOUR_SECONDS

interface TryDeps {
  account: Pick<AccountStore, 'account'>
  pending: Pick<PendingStore, 'count' | 'uncount'>
}

const personKey = (userId: number) => `user:${userId}`

/**
 * Counts a try of the person, and of the question if it has an id, before the code is looked at: parallel guesses
 * cannot pass, and every door that takes codes shares the person's budget. Tells how many tries the question has had.
 */
export async function reserveFactorTry(
  d: TryDeps,
  userId: number,
  questionId: string | undefined,
): Promise<number | 'none_left'> {
  const { policy } = await d.account.account()
  const here = questionId === undefined ? undefined : await countHere(d, questionId)
  if (here !== undefined && here > TRIES_PER_QUESTION) return 'none_left' // looked at by nobody: costs the person nothing
  const person = await d.pending.count('failed_factor', personKey(userId), HOUR_SECONDS)
  return person.count > policy.max_factor_failures_per_hour ? 'none_left' : (here ?? person.count)
}

const questionKey = (questionId: string) => `attempt:${questionId}`

const countHere = async (d: Pick<TryDeps, 'pending'>, questionId: string): Promise<number> =>
  (await d.pending.count('failed_factor', questionKey(questionId), QUESTION_SECONDS)).count

/** Whether a question has had all of its tries; one of them may still be being looked at. */
export const areTriesSpent = async (
  d: { pending: Pick<PendingStore, 'counted'> },
  questionId: string,
): Promise<boolean> =>
  (await d.pending.counted('failed_factor', questionKey(questionId))) >= TRIES_PER_QUESTION

/** Gives the person's try back: the code was right. */
export const returnFactorTry = (d: Pick<TryDeps, 'pending'>, userId: number): Promise<void> =>
  d.pending.uncount('failed_factor', personKey(userId))
