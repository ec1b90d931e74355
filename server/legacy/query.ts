import { z } from 'zod'
import { isStorable } from '../http/api-input.ts'

/** Anything, also nothing at all. */
const given = z.unknown().optional()

/** A whole number of the query, or its default. */
export const integerIn = <D>(name: string, fallback: D, { min = 1, max = Number.MAX_SAFE_INTEGER } = {}) =>
  given.transform((value, ctx): number | D => {
    if (value === undefined || value === '') return fallback
    const number = typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : -1
    if (number >= min && number <= max) return number
    ctx.addIssue({ code: 'custom', message: `${name} should be a whole number from ${min} to ${max}` })
    return z.NEVER
  })

/** `true`, in any case. */
export const isTrue = given.transform((value) => typeof value === 'string' && value.toLowerCase() === 'true')

/** Text that is there and that a database can hold; anything else is `undefined`. */
export const plainText = (max: number) => z.string().max(max).refine(isStorable).optional().catch(undefined)

/** Pages are counted from 1. What lies before a page is read to leave it out, so `from_id` is the better way. */
export const pageIn = integerIn('page', 1, { max: 100_000 })
