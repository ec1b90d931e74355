import { z } from 'zod'
import { parseSaltedSha256, saltedSha256, type StoredPassword } from '../platform/password-hash.ts'

const PEPPERED = 'peppered:'
/** More memory, passes or rounds than this let one imported person slow every sign-in. */
const MAX_ARGON2 = { memoryKib: 1_048_576, passes: 20, lanes: 16 }
const MAX_BCRYPT_COST = 15

/** The bytes of unpadded base64, `undefined` when it is not exactly what encoding them gives. */
function decoded(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64').replace(/=+$/, '') === text ? bytes : undefined
}

const within = (value: number | undefined, min: number, max: number): boolean =>
  value !== undefined && value >= min && value <= max

/** PHC string of Argon2id version 1.3 (RFC 9106), with a cost that a sign-in can bear. */
function isArgon2id(text: string): boolean {
  const parts =
    /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([\w+/]{1,100})\$([\w+/]{1,100})$/.exec(text)
  if (!parts) return false
  const [memoryKib = 0, passes = 0, lanes = 0] = parts.slice(1, 4).map(Number)
  return (
    within(lanes, 1, MAX_ARGON2.lanes) &&
    within(passes, 1, MAX_ARGON2.passes) &&
    within(memoryKib, 8 * lanes, MAX_ARGON2.memoryKib) &&
    within(decoded(parts[4]!)?.length, 8, 48) &&
    within(decoded(parts[5]!)?.length, 16, 64)
  )
}

function isBcrypt(text: string): boolean {
  const cost = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/.exec(text)?.[1]
  return cost !== undefined && within(Number(cost), 4, MAX_BCRYPT_COST)
}

const ARGON2ID_FORM =
  'must be an Argon2id hash, $argon2id$v=19$m=…,t=…,p=…$salt$hash, of at most 1 GiB and 20 passes'
const FORMS =
  'must be $argon2id$…, $2b$…, {"algorithm":"salt+sha256","salt":…,"hash":…} or ' +
  '{"algorithm":"argon2id+pepper","hash":…}'

const encodedHash = z
  .string()
  .refine((text) => text.startsWith('$2') || isArgon2id(text), { error: ARGON2ID_FORM })
  .refine((text) => !text.startsWith('$2') || isBcrypt(text), {
    error: `must be a bcrypt hash, $2b$cost$…, with a cost from 4 to ${MAX_BCRYPT_COST}`,
  })

const saltedHash = z.strictObject({
  algorithm: z.literal('salt+sha256'),
  salt: z.string().max(256).default(''),
  /** SHA-256 of salt and password, in this order. */
  hash: z.string().regex(/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal digits'),
})

/** Ours: mixed with a key that is derived from the master key, so it verifies under the same one only. */
const pepperedHash = z.strictObject({
  algorithm: z.literal('argon2id+pepper'),
  hash: z.string().refine(isArgon2id, { error: ARGON2ID_FORM }),
})

const forms = z.union([encodedHash, saltedHash, pepperedHash], { error: FORMS })

/** A password that somebody else, or another Doorward, has hashed. */
export type PasswordHashForm = z.input<typeof forms>

function toStored(form: z.output<typeof forms>): StoredPassword {
  if (typeof form === 'string') return form
  return form.algorithm === 'salt+sha256' ? saltedSha256(form.salt, form.hash) : PEPPERED + form.hash
}

/** Every form of `password_hash`, read as we store it. */
export const passwordHashSchema = forms.transform(toStored)

/** The form in which the document shows a stored password; importing that stores the same text again. */
export function toPasswordHashForm(stored: StoredPassword): PasswordHashForm {
  if (stored.startsWith(PEPPERED))
    return { algorithm: 'argon2id+pepper', hash: stored.slice(PEPPERED.length) }
  const salted = parseSaltedSha256(stored)
  return salted ? { algorithm: 'salt+sha256', ...salted } : stored
}
