import { z } from 'zod'

/** Text that every part behind us can keep: no NUL (PostgreSQL refuses it), no half of a surrogate pair. */
export const isStorable = (text: string): boolean => !text.includes('\0') && text.isWellFormed()

/** Anything, also nothing at all. What it is to be stands in `meta`, for the API's document. */
const given = z.unknown().optional()
/** A key that has to be there; the document lifts it into the list that its object has. */
const required = { required: true }
const text = ({ max = 1024 }: Bounds) => ({ maxLength: max })

const DIGITS = /^\d{1,15}$/

const wrongType = (name: string, type: string) => `${name} has incorrect data type. It should be -> ${type}`

type Bounds = { max?: number }

function readText(name: string, value: unknown, { max = 1024 }: Bounds, ctx: z.RefinementCtx): string {
  if (typeof value !== 'string') ctx.addIssue({ code: 'custom', message: wrongType(name, 'string') })
  else if (!isStorable(value))
    ctx.addIssue({ code: 'custom', message: `${name} has characters that are not allowed` })
  else if (value.length > max)
    ctx.addIssue({ code: 'custom', message: `${name} is too long. It may have ${max} characters` })
  else return value
  return z.NEVER
}

/** Text that must be there; when it is missing or blank the answer is `empty`, as a plain message. */
export const requiredText = (name: string, empty: string, bounds: Bounds = {}) =>
  given
    .transform((value, ctx): string => {
      if (value === undefined || value === null || value === '') {
        ctx.addIssue({ code: 'custom', message: empty, params: { plain: true } })
        return z.NEVER
      }
      return readText(name, value, bounds, ctx)
    })
    .meta({ type: 'string', minLength: 1, ...text(bounds), ...required })

/** Text that may be missing or null. */
export const optionalText = (name: string, bounds: Bounds = {}) =>
  given
    .transform((value, ctx): string | undefined =>
      value === undefined || value === null ? undefined : readText(name, value, bounds, ctx),
    )
    .meta({ type: ['string', 'null'], ...text(bounds) })

/** A whole number that clients send as a number or as digits in a string. */
export const idLike = (name: string, empty: string) =>
  given
    .transform((value, ctx): number => {
      if (value === undefined || value === null || value === '') {
        ctx.addIssue({ code: 'custom', message: empty, params: { plain: true } })
        return z.NEVER
      }
      const digits = typeof value === 'number' ? String(value) : value
      if (typeof digits === 'string' && DIGITS.test(digits)) return Number(digits)
      ctx.addIssue({ code: 'custom', message: wrongType(name, 'integer') })
      return z.NEVER
    })
    .meta({ type: ['integer', 'string'], minimum: 0, pattern: DIGITS.source, ...required })

/** A whole number that may be missing or null; only JSON's own numbers. */
export const optionalInteger = (
  name: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {},
) =>
  given
    .transform((value, ctx): number | undefined => {
      if (value === undefined || value === null) return undefined
      if (typeof value !== 'number' || !Number.isSafeInteger(value))
        ctx.addIssue({ code: 'custom', message: wrongType(name, 'integer') })
      else if (value < min || value > max)
        ctx.addIssue({ code: 'custom', message: `${name} should be between ${min} and ${max}` })
      else return value
      return z.NEVER
    })
    .meta({ type: ['integer', 'null'], minimum: min, maximum: max })

/** `true`, or `"true"` as some clients spell it; false when missing. */
export const flag = (name: string) =>
  given
    .transform((value, ctx): boolean => {
      if (value === undefined || value === null || value === false || value === 'false') return false
      if (value === true || value === 'true') return true
      ctx.addIssue({ code: 'custom', message: wrongType(name, 'boolean') })
      return z.NEVER
    })
    .meta({ enum: [true, false, 'true', 'false', null] })

/** The id in a path. OneLogin says the same of every one that is no whole number. */
export const pathId = ({ orZero = false } = {}) =>
  given
    .transform((value, ctx): number => {
      const id = typeof value === 'string' && DIGITS.test(value) ? Number(value) : -1
      if (id > 0 || (id === 0 && orZero)) return id
      ctx.addIssue({ code: 'custom', message: 'ID is incorrect' })
      return z.NEVER
    })
    .meta({ type: 'integer', minimum: orZero ? 0 : 1 })
