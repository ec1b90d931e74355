import type { Clock } from '../../server/platform/clock.ts'

/** A clock that stands still until it is told to move. */
export interface MovableClock {
  now: Clock
  /** Moves forward, or back when negative. */
  advance(seconds: number): void
}

export function movableClock(startIso = '2030-01-01T00:00:00Z'): MovableClock {
  let ms = Date.parse(startIso)
  if (Number.isNaN(ms)) throw new Error(`no time: ${startIso}`)
  return {
    now: () => ms,
    advance: (seconds) => void (ms += Math.round(seconds * 1000)),
  }
}
