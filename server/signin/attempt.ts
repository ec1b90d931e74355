import { z } from 'zod'
import { FACTOR_KINDS } from '../factors/factor-kind.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { hexToken, type Random } from '../platform/random.ts'
import { FIRST_PROOFS } from './journey.ts'

/** Through which door a person signs in. An attempt is answered through the door it began at, and no other. */
export const DOORS = ['portal', 'api_login', 'saml_assertion'] as const
export type Door = (typeof DOORS)[number]

/** How long a person has from the password to the last factor. OneLogin gives programs 120 s. */
export const ATTEMPT_SECONDS: Record<Door, number> = { portal: 600, api_login: 120, saml_assertion: 120 }

const attemptSchema = z.strictObject({
  door: z.enum(DOORS),
  userId: z.number(),
  /** The person's session epoch at the password: a change of password or a log-out by force ends the attempt. */
  epoch: z.number(),
  passed: z.array(z.enum([...FIRST_PROOFS, ...FACTOR_KINDS, 'new_password'])),
  /** The link that began it, as SHA-256: a new password uses it up. */
  linkHash: z.string().optional(),
  /** When the password was right, the link was opened or a new password chosen, ms. */
  passwordAt: z.number(),
  /** Who may go on: the digest of the browser's CSRF secret, or the API credential. */
  holder: z.string(),
  /** What the door needs at the end. */
  returnTo: z.string().optional(),
  allowedOrigins: z.array(z.string()).optional(),
  fields: z.array(z.string()).optional(),
  appId: z.number().optional(),
})

/** A sign-in in progress. Its id is the state token: 160 random bits, known to the one who began it. */
export type Attempt = z.output<typeof attemptSchema>
/** What a door gives along when a sign-in begins, and gets back when it is done. */
export interface AttemptExtras {
  returnTo?: string | undefined
  allowedOrigins?: string[] | undefined
  fields?: string[] | undefined
  appId?: number | undefined
}

interface AttemptDeps {
  pending: PendingStore
  random: Random
}

export async function openAttempt(d: AttemptDeps, attempt: Attempt): Promise<string> {
  const id = hexToken(d.random, 20)
  await d.pending.put('attempt', id, JSON.stringify(attempt), ATTEMPT_SECONDS[attempt.door])
  return id
}

export async function readAttempt(d: Pick<AttemptDeps, 'pending'>, id: string): Promise<Attempt | undefined> {
  const value = await d.pending.peek('attempt', id)
  return value === undefined ? undefined : attemptSchema.parse(JSON.parse(value))
}

/** Ends an attempt. True for exactly one of racing callers: only that one may hand something out. */
export const closeAttempt = async (d: Pick<AttemptDeps, 'pending'>, id: string): Promise<boolean> =>
  (await d.pending.take('attempt', id)) !== undefined
