import { createHash } from 'node:crypto'
import { hash as argon2Hash, parseOptions, verify as argon2Verify } from '@node-rs/argon2'
import { sameSecret } from './master-key.ts'
import type { WorkQueue } from './work-queue.ts'

/** OWASP ASVS 5.0 appendix C: Argon2id with m >= 19456 KiB, t = 2, p = 1. */
export const ARGON2_DEFAULTS = { memoryCost: 19456, timeCost: 2, parallelism: 1 }
const MAX_BYTES = 1024
const BCRYPT_MAX_BYTES = 72

/**
 * A stored password, as text:
 * `peppered:$argon2id$…` ours; `$argon2id$…`, `$2b$…` imported; `salt+sha256:<salt, base64url>:<hex>` imported.
 */
export type StoredPassword = string

export interface PasswordHasher {
  hash(password: string): Promise<StoredPassword>
  /** Costs one Argon2id computation even when there is nothing to compare with, so that time does not tell who exists. */
  verify(stored: StoredPassword | null, password: string): Promise<boolean>
  /** True for an imported or weaker form, which a right password lets us replace. */
  needsRehash(stored: StoredPassword): boolean
}

/** SP 800-63B section 3.1.1.2 asks for one Unicode normalisation; NFC keeps what people typed. */
const normalised = (password: string) => password.normalize('NFC')

/** Other systems hashed what they were sent, composed or not; most passwords have one spelling only. */
const spellings = (password: string) => new Set([normalised(password), password, password.normalize('NFD')])

/** Longer passwords are refused, never cut. */
export const passwordFits = (password: string): boolean =>
  Buffer.byteLength(normalised(password)) <= MAX_BYTES

export const saltedSha256 = (salt: string, hex: string): StoredPassword =>
  `salt+sha256:${Buffer.from(salt).toString('base64url')}:${hex.toLowerCase()}`

/** The parts of a `salt+sha256` password, `undefined` for any other form. */
export function parseSaltedSha256(stored: StoredPassword): { salt: string; hash: string } | undefined {
  const [algorithm, salt = '', hash = ''] = stored.split(':')
  if (algorithm !== 'salt+sha256') return undefined
  return { salt: Buffer.from(salt, 'base64url').toString('utf8'), hash }
}

async function matchesBcrypt(stored: string, password: string): Promise<boolean> {
  // bcrypt reads 72 bytes and stops at NUL: anything longer would match by its beginning alone.
  if (Buffer.byteLength(password) > BCRYPT_MAX_BYTES || password.includes('\0')) return false
  const { compare } = await import('bcryptjs')
  return compare(password, stored)
}

const matchesSha256 = ({ salt, hash }: { salt: string; hash: string }, password: string) =>
  sameSecret(
    hash,
    createHash('sha256')
      .update(salt + password)
      .digest('hex'),
  )

/** Argon2id off the event loop, through `queue`; `pepper` is mixed in, so a database alone cannot be attacked. */
export function passwordHasher(
  pepper: Buffer,
  queue: WorkQueue,
  cost: { memoryCost: number; timeCost: number; parallelism: number } = ARGON2_DEFAULTS,
): PasswordHasher {
  const options = { ...cost, secret: pepper } // the package's algorithm is Argon2id unless told otherwise
  const hash = (password: string) => queue.run(async () => `peppered:${await argon2Hash(password, options)}`)
  let decoy: Promise<string> | undefined
  /** The same cost as a real verification. A full queue may refuse to make it: then the next one who asks does. */
  const decoyHash = () => {
    decoy ??= hash('').catch((error: unknown) => {
      decoy = undefined
      throw error
    })
    return decoy
  }
  const verifyOurs = (stored: string, password: string) =>
    queue.run(() => argon2Verify(stored.slice('peppered:'.length), password, { secret: pepper }))

  async function matchesImported(stored: StoredPassword, password: string): Promise<boolean> {
    if (stored.startsWith('$argon2')) return queue.run(() => argon2Verify(stored, password))
    if (stored.startsWith('$2')) return queue.run(() => matchesBcrypt(stored, password))
    const salted = parseSaltedSha256(stored)
    return salted !== undefined && matchesSha256(salted, password)
  }

  async function verifyFitting(stored: StoredPassword | null, password: string): Promise<boolean> {
    if (stored?.startsWith('peppered:')) return verifyOurs(stored, normalised(password))
    if (!stored?.startsWith('$argon2')) await verifyOurs(await decoyHash(), normalised(password))
    if (stored === null) return false
    for (const spelling of spellings(password)) if (await matchesImported(stored, spelling)) return true
    return false
  }
  return {
    hash: (password) => hash(normalised(password)),
    async verify(stored, password) {
      if (!passwordFits(password)) return false
      return verifyFitting(stored, password)
    },
    needsRehash(stored) {
      if (!stored.startsWith('peppered:')) return true
      const used = parseOptions(stored.slice('peppered:'.length))
      return used.memoryCost < cost.memoryCost || used.timeCost < cost.timeCost
    },
  }
}
