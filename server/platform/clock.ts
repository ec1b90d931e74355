/** Tells the time as milliseconds since 1970-01-01T00:00:00Z. Injected everywhere, so that tests can move it. */
export type Clock = () => number

export const systemClock: Clock = () => Date.now()

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** `2026-01-31T09:05:00.000Z`, the form of every time on our wires unless a wire says otherwise. */
export const isoTime = (ms: number): string => new Date(ms).toISOString()
