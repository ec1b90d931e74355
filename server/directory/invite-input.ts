import { z } from 'zod'

const MAX_EMAIL = 254
const ADDRESS = /^[^\s@\p{Cc}\p{Cs}]+@[^\s@\p{Cc}\p{Cs}]+$/u

const plain = (message: string) => ({ code: 'custom' as const, message, params: { plain: true } })

const isMissing = (value: unknown): boolean => value === undefined || value === null || value === ''
const isAddress = (value: unknown): value is string =>
  typeof value === 'string' && value.length <= MAX_EMAIL && ADDRESS.test(value)

/** Whom to invite, in the contract's words when it is no address. */
export const inviteEmail = z
  .unknown()
  .optional()
  .transform((value, ctx): string => {
    if (isAddress(value)) return value
    ctx.addIssue(
      plain(isMissing(value) ? 'Email Parameter is missing' : 'Email Input is in incorrect format'),
    )
    return z.NEVER
  })
  .meta({ type: 'string', format: 'email', maxLength: MAX_EMAIL, required: true })

/** Where else the letter may go. */
export const personalEmail = z
  .unknown()
  .optional()
  .transform((value, ctx): string | undefined => {
    if (isMissing(value) || isAddress(value)) return (value as string) || undefined
    ctx.addIssue(plain('Email Input is in incorrect format'))
    return z.NEVER
  })
  .meta({ type: ['string', 'null'], format: 'email', maxLength: MAX_EMAIL })
