import { z } from 'zod'
import type { ListQuery } from '../platform/listing.ts'

/** Longer ones are not ours. */
const MAX_LENGTH = 4096
const DIRECTIONS = ['after', 'before'] as const
type From = NonNullable<ListQuery<string>['from']>

const content = z.tuple([
  z.string(),
  z.enum(DIRECTIONS),
  z.union([z.string(), z.number()]),
  z.int().nonnegative(),
])

/** A place in a list as clients carry it around; `digest` tells of which query. */
export const writeCursor = (digest: string, { direction, key, id }: From): string =>
  Buffer.from(JSON.stringify([digest, direction, key, id])).toString('base64url')

function parsed(cursor: string): unknown {
  if (cursor.length > MAX_LENGTH || !/^[\w-]+$/.test(cursor)) return undefined
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    return undefined
  }
}

/** Which way a cursor leads; a broken one leads nowhere, and is refused as `after`. */
export const cursorDirection = (cursor: string): From['direction'] => {
  const found = content.safeParse(parsed(cursor))
  return found.success ? found.data[1] : 'after'
}

/** The place a cursor names, `undefined` when it is broken, of another query, or of another direction. */
export function readCursor(
  cursor: string,
  of: { digest: string; direction: From['direction']; keyType: 'text' | 'number' },
): From | undefined {
  const found = content.safeParse(parsed(cursor))
  if (!found.success) return undefined
  const [digest, direction, key, id] = found.data
  const keyFits = typeof key === (of.keyType === 'text' ? 'string' : 'number') && key === asStored(key)
  if (digest !== of.digest || direction !== of.direction || !keyFits) return undefined
  return { direction, key, id }
}

/** What a database can compare with: PostgreSQL refuses NUL and halves of surrogate pairs. */
const asStored = (key: string | number): string | number | undefined => {
  if (typeof key === 'number') return Number.isSafeInteger(key) ? key : undefined
  return key.includes('\0') || !key.isWellFormed() ? undefined : key
}
