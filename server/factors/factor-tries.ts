import type { AccountStore } from '../directory/account-store.ts'
import type { PendingStore } from '../pending/pending-store.ts'

/** Wrong codes that end an attempt, or a challenge of the API. */
export const TRIES_PER_QUESTION = 5
const HOUR_SECONDS = 3600

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
  const person = await d.pending.count('failed_factor', personKey(userId), HOUR_SECONDS)
  if (person.count > policy.max_factor_failures_per_hour) return 'none_left'
  if (questionId === undefined) return person.count
  const here = await d.pending.count('failed_factor', `attempt:${questionId}`, HOUR_SECONDS)
  return here.count > TRIES_PER_QUESTION ? 'none_left' : here.count
}

/** Gives the person's try back: the code was right. */
export const returnFactorTry = (d: Pick<TryDeps, 'pending'>, userId: number): Promise<void> =>
  d.pending.uncount('failed_factor', personKey(userId))
