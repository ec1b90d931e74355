import { z } from 'zod'
import { DOCUMENT_KINDS } from '../factors/factor-kind.ts'
import { passkeySchema } from '../factors/webauthn-ceremony.ts'
import { passwordFits } from '../platform/password-hash.ts'
import { passwordHashSchema } from './document-password.ts'
import { USER_STATE, USER_STATUS } from './user.ts'

/** A row's id: given once, never changed. */
export const idSchema = z.int().min(1)
/** A time as ISO 8601 text, read as milliseconds. */
export const timeSchema = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text))
/** The short name of a custom attribute. */
export const attributeName = z
  .string()
  .regex(/^[\w-]{1,64}$/, 'must be 1 to 64 letters, digits, underscores or hyphens')

const line = z.string().max(255).nullish()
const number = z.int().nullish()
const time = timeSchema.nullish()

/** Empty text and null both take the address away. */
const email = z
  .string()
  .max(254)
  .regex(/^([^\s@\p{Cc}]+@[^\s@\p{Cc}]+)?$/u, 'must be an e-mail address')
  .nullish()
const username = z
  .string()
  .max(255)
  .refine((text) => text === '' || text.trim() !== '', { error: 'must not be blank' })
  .nullish()

/** At least 80 bits, in a length that whole bytes encode to (RFC 4648 section 6). */
const isBase32Secret = (text: string): boolean =>
  /^[A-Z2-7]{16,128}$/.test(text) && [0, 2, 4, 5, 7].includes(text.length % 8)

const totpSecret = z
  .string()
  .max(256)
  .transform((text) => text.replace(/[\s=-]/g, '').toUpperCase())
  .refine(isBase32Secret, { error: 'must be Base32 (letters A to Z, digits 2 to 7), at least 16 characters' })

/** One enrolled factor of a person. */
export const factorSchema = z.strictObject({
  id: idSchema.optional(),
  type: z.enum(DOCUMENT_KINDS),
  label: z.string().min(1).max(255).optional(),
  /** TOTP only: the seed in Base32. */
  secret: totpSecret.optional(),
  /** WebAuthn only: what we keep of the passkey, all of it public. */
  passkey: passkeySchema.optional(),
  /** SMS and voice only: E.164. */
  number: z
    .string()
    .regex(/^\+[1-9]\d{6,14}$/, { error: 'must be a number in E.164, e.g. +4930123456' })
    .optional(),
  default: z.boolean().optional(),
  created_at: timeSchema.optional(),
  last_used_at: time,
})

/** One person; fields are spelled as OneLogin spells them. Null empties a field, a key that is absent leaves it. */
export const userSchema = z
  .strictObject({
    id: idSchema.optional(),
    email,
    username,
    firstname: line,
    lastname: line,
    status: z.literal(Object.values(USER_STATUS)).optional(),
    state: z.literal(Object.values(USER_STATE)).optional(),
    group_id: idSchema.nullish(),
    /** Ids of directory roles, in the order they were given; replaces those the person has. */
    roles: z.array(idSchema).max(10_000).optional(),
    comment: z.string().max(10_000).nullish(),
    /** OneLogin's older name for `comment`. */
    notes: z.string().max(10_000).nullish(),
    company: line,
    department: line,
    title: line,
    phone: line,
    external_id: line,
    directory_id: number,
    distinguished_name: z.string().max(2048).nullish(),
    samaccountname: line,
    userprincipalname: line,
    member_of: z.string().max(50_000).nullish(),
    manager_ad_id: line,
    manager_user_id: number,
    openid_name: line,
    locale_code: line,
    preferred_locale_code: line,
    trusted_idp_id: number,
    /** Short name -> text; only the names given change, null or empty text takes one away. */
    custom_attributes: z.record(attributeName, z.string().max(10_000).nullable()).optional(),
    invalid_login_attempts: z.int().min(0).max(1_000_000).nullish(),
    invalid_login_since: time,
    locked_until: time,
    lock_reason: z.enum(['guessing', 'administrator']).nullish(),
    last_login: time,
    activated_at: time,
    invitation_sent_at: time,
    password_changed_at: time,
    created_at: timeSchema.optional(),
    updated_at: timeSchema.optional(),
    /** In clear text; hashed before it is stored. */
    password: z.string().min(1).refine(passwordFits, { error: 'must be at most 1024 bytes long' }).optional(),
    /** Null takes the password away. */
    password_hash: passwordHashSchema.nullish(),
    /** Replaces those the person has. One without an id is the one of the same type and label. */
    factors: z.array(factorSchema).max(50).optional(),
  })
  .superRefine((user, context) => {
    if (user.password !== undefined && user.password_hash !== undefined) {
      context.addIssue({
        code: 'custom',
        path: ['password_hash'],
        message: 'cannot be given beside password',
      })
    }
    if (user.comment !== undefined && user.notes !== undefined) {
      context.addIssue({ code: 'custom', path: ['notes'], message: 'cannot be given beside comment' })
    }
  })

export type GivenUser = z.output<typeof userSchema>
export type GivenFactor = z.output<typeof factorSchema>
