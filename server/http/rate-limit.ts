import { Problem } from '../errors.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import type { RequestFacts } from './request.ts'

const WINDOW_SECONDS = 3600
const ACCOUNT = 'account'

/** OneLogin's names, on headers and in `GET /auth/rate_limit`; the last one in seconds. */
export const RATE_LIMIT_NAMES = ['X-RateLimit-Limit', 'X-RateLimit-Remaining', 'X-RateLimit-Reset'] as const
export type RateLimitState = Record<(typeof RATE_LIMIT_NAMES)[number], number>

/** The account's API calls, counted over all processes. */
export interface RateLimit {
  /** Counts one call and puts the state on its answer. @throws Problem `rate_limited` past the limit */
  spend(request: RequestFacts): Promise<void>
  /** What this call, already counted, was told. */
  shownTo(request: RequestFacts): RateLimitState
}

export function rateLimit({
  pending,
  limit,
}: {
  pending: Pick<PendingStore, 'count'>
  limit: number
}): RateLimit {
  const shown = new WeakMap<RequestFacts, RateLimitState>()
  return {
    async spend(request) {
      const { count, resetSeconds } = await pending.count('rate_limit', ACCOUNT, WINDOW_SECONDS)
      const state: RateLimitState = {
        'X-RateLimit-Limit': limit,
        'X-RateLimit-Remaining': Math.max(0, limit - count),
        'X-RateLimit-Reset': resetSeconds,
      }
      shown.set(request, state)
      for (const [name, value] of Object.entries(state)) request.setHeader(name, String(value))
      if (count > limit) throw new Problem('rate_limited', { retryAfterSeconds: resetSeconds })
    },
    shownTo(request) {
      const state = shown.get(request)
      if (!state) throw new Error('the rate limit is shown to a call that was not counted')
      return state
    },
  }
}
