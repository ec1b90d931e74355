import type { PendingStore } from '../pending/pending-store.ts'
import { cached } from '../platform/cached.ts'
import { MINUTE, SECOND, type Clock } from '../platform/clock.ts'

/** How long a failure counts for everybody. */
const WINDOW_SECONDS = (10 * MINUTE) / SECOND
/** While many fail, so many sign-ins a second are looked at; whoever comes back gets their turn. */
const ADMITTED_A_SECOND = 10
const LONGEST_WAIT_SECONDS = 60

/**
 * Slows everybody down who is not known while far more sign-ins fail than usual, from wherever they come: a password
 * that is tried on many people from many addresses reaches no limit of one person or one address.
 */
export function overallThrottle(d: { clock: Clock; pending: Pick<PendingStore, 'count' | 'counted'> }) {
  // What other processes have counted may be a second old.
  const failures = cached(d.clock, SECOND, () => d.pending.counted('failed_overall', 'all'))
  return {
    /** Seconds to wait, the longer the more have failed; `undefined`: go on. */
    async waitFor(most: number): Promise<number | undefined> {
      const excess = (await failures()) / most
      if (excess < 1) return undefined
      const now = String(Math.floor(d.clock() / SECOND))
      const { count } = await d.pending.count('admitted', now, 2)
      if (count <= ADMITTED_A_SECOND) return undefined
      return Math.min(LONGEST_WAIT_SECONDS, 2 ** Math.ceil(excess))
    },
    async noteFailure(): Promise<void> {
      await d.pending.count('failed_overall', 'all', WINDOW_SECONDS)
    },
  }
}

export type OverallThrottle = ReturnType<typeof overallThrottle>
