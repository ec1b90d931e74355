import type { Clock } from './clock.ts'

/** Keeps what `load` gave for `ms`; callers in between share one load. A failed load is not kept. */
export function cached<T>(clock: Clock, ms: number, load: () => Promise<T>): () => Promise<T> {
  let kept: { value: Promise<T>; until: number } | undefined
  return () => {
    if (kept && kept.until > clock()) return kept.value
    const value = load()
    kept = { value, until: clock() + ms }
    value.catch(() => {
      kept = undefined
    })
    return value
  }
}
