import { createHash } from 'node:crypto'
import type { PendingKind } from './pending-store.ts'

/** The name an engine knows a record by: the kind in clear, the id only as its SHA-256. */
export const recordName = (kind: PendingKind, id: string): string =>
  `${kind}:${createHash('sha256').update(id).digest('base64url')}`

/** Whole milliseconds, rounded up. Zero or less means that the time is over already. */
export function lifetimeMs(seconds: number): number {
  const ms = Math.ceil(seconds * 1000)
  if (!Number.isSafeInteger(ms)) throw new RangeError('a lifetime must be a finite number of seconds')
  return ms
}
