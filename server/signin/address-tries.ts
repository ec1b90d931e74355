import { Problem } from '../errors.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { addressKey } from './address-key.ts'

const WINDOW_SECONDS = 600

/**
 * Counts a sign-in against the address that it comes from before anything is checked, so that parallel tries cannot
 * pass. Give it back when it was a good one. Seconds until the next, when there were too many.
 */
export async function reserveAddressTry(
  { pending }: { pending: Pick<PendingStore, 'count'> },
  address: string,
  most: number,
): Promise<{ is: 'counted' } | { is: 'throttled'; retryAfterSeconds: number }> {
  const { count, resetSeconds } = await pending.count('failed_address', addressKey(address), WINDOW_SECONDS)
  return count > most ? { is: 'throttled', retryAfterSeconds: resetSeconds } : { is: 'counted' }
}

export const returnAddressTry = (
  { pending }: { pending: Pick<PendingStore, 'uncount'> },
  address: string,
): Promise<void> => pending.uncount('failed_address', addressKey(address))

/** @throws Problem `rate_limited` */
export const tooMany = (retryAfterSeconds: number): Problem =>
  new Problem('rate_limited', { retryAfterSeconds })
