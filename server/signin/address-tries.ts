import { Problem } from '../errors.ts'
import { DAY, SECOND } from '../platform/clock.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { addressKey } from './address-key.ts'

const WINDOW_SECONDS = 600

/** Twice as long each time within a day, and no longer than that. */
export const growing = (first: number, times: number, most: number): number =>
  Math.min(most, first * 2 ** Math.min(times - 1, 30))

/**
 * Counts a sign-in against the address that it comes from before anything is checked, so that parallel tries cannot
 * pass. Give it back when it was a good one. Seconds until the next, when there were too many: each time longer.
 */
export async function reserveAddressTry(
  { pending }: { pending: Pick<PendingStore, 'count' | 'touch'> },
  address: string,
  most: number,
): Promise<{ is: 'counted' } | { is: 'throttled'; retryAfterSeconds: number }> {
  const key = addressKey(address)
  const { count, resetSeconds } = await pending.count('failed_address', key, WINDOW_SECONDS)
  if (count <= most) return { is: 'counted' }
  if (count > most + 1) return { is: 'throttled', retryAfterSeconds: resetSeconds }
  const { count: times } = await pending.count('address_throttled', key, DAY / SECOND)
  const retryAfterSeconds = growing(WINDOW_SECONDS, times, DAY / SECOND)
  await pending.touch('failed_address', key, retryAfterSeconds)
  return { is: 'throttled', retryAfterSeconds }
}

export const returnAddressTry = (
  { pending }: { pending: Pick<PendingStore, 'uncount'> },
  address: string,
): Promise<void> => pending.uncount('failed_address', addressKey(address))

/** @throws Problem `rate_limited` */
export const tooMany = (retryAfterSeconds: number): Problem =>
  new Problem('rate_limited', { retryAfterSeconds })
