import type { Clock } from './clock.ts'

/** Keeps what `load` gave for `ms`; callers in between share one load. A failed load is not kept. */
export function cached<T>(clock: Clock, ms: number, load: () => Promise<T>): () => Promise<T> {
  let kept: { value: Promise<T>; since: number } | undefined
  return () => {
    const age = kept === undefined ? ms : clock() - kept.since
    if (kept && age >= 0 && age < ms) return kept.value // below 0: the clock was set back
    const value = load()
    kept = { value, since: clock() }
    value.catch(() => {
      if (kept?.value === value) kept = undefined
    })
    return value
  }
}
