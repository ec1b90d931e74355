import { z } from 'zod'
import { FACTOR_KINDS } from '../factors/factor-kind.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { SECOND, type Clock } from '../platform/clock.ts'
import { hexToken, type Random } from '../platform/random.ts'
import { FIRST_PROOFS } from './journey.ts'

/** Through which door a person signs in. An attempt is answered through the door it began at, and no other. */
export const DOORS = ['portal', 'api_login', 'saml_assertion'] as const
export type Door = (typeof DOORS)[number]

/** How long a person has for a step. OneLogin gives programs 120 s. */
export const ATTEMPT_SECONDS: Record<Door, number> = { portal: 600, api_login: 120, saml_assertion: 120 }
/** WCAG 2.2, 2.2.1: a person may have more time at least ten times. */
const MOST_EXTENSIONS = 10

/** What was passed, as attempts and sessions keep it. */
export const passedSchema = z.array(z.enum([...FIRST_PROOFS, ...FACTOR_KINDS, 'new_password', 'later']))

/** As attempts and sessions keep what a browser is remembered for. */
export const rememberedSchema = z.strictObject({
  factor: z.enum(FACTOR_KINDS),
  since: z.number(),
  sameNetwork: z.boolean(),
})

const attemptSchema = z.strictObject({
  door: z.enum(DOORS),
  userId: z.number(),
  /** The person's session epoch at the password: a change of password or a log-out by force ends the attempt. */
  epoch: z.number(),
  passed: passedSchema,
  /** The link that began it, as SHA-256: a new password uses it up. */
  linkHash: z.string().optional(),
  /** What the factors proved beside the password, in the names of RFC 8176. */
  amr: z.array(z.string()),
  /** The authenticator that is being set up in this attempt; it counts once it has been proved. */
  enrolling: z.number().optional(),
  /** Whether guessing elsewhere is no hindrance: it began in a browser that its person is known in, or by a passkey. */
  known: z.boolean().optional(),
  /** What this browser is remembered for: then the factor is not asked, where the rules allow it. */
  remembered: rememberedSchema.optional(),
  /** Whether the person wishes this browser to be remembered. */
  remember: z.boolean().optional(),
  /** When the last factor was proved, ms. */
  factorAt: z.number().optional(),
  /** When the password was right, the link was opened or a new password chosen, ms. */
  passwordAt: z.number(),
  /** When it is over, ms: set as it is kept. */
  endsAt: z.number().optional(),
  /** How often its person has asked for more time. */
  extensions: z.number().optional(),
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
  clock: Clock
  pending: PendingStore
  random: Random
}

/** An attempt as it is kept, so that it is changed only if nobody else has changed it since. */
export interface KeptAttempt {
  attemptId: string
  attempt: Attempt
  kept: string
}

const endOf = (d: Pick<AttemptDeps, 'clock'>, { door }: Pick<Attempt, 'door'>): number =>
  d.clock() + ATTEMPT_SECONDS[door] * SECOND

export async function openAttempt(d: AttemptDeps, begun: Attempt): Promise<KeptAttempt> {
  const attemptId = hexToken(d.random, 20)
  const attempt = { ...begun, endsAt: endOf(d, begun) }
  const kept = JSON.stringify(attempt)
  await d.pending.put('attempt', attemptId, kept, ATTEMPT_SECONDS[attempt.door])
  return { attemptId, attempt, kept }
}

/** Programs keep their time: only a page can tell a person that it runs out. */
export const mayExtend = ({ door, extensions = 0 }: Attempt): boolean =>
  door === 'portal' && extensions < MOST_EXTENSIONS

/** Gives an attempt its full time again, a bounded number of times from the password on. `undefined`: it has ended or been changed. */
export async function extendAttempt(
  d: Pick<AttemptDeps, 'pending' | 'clock'>,
  open: KeptAttempt,
): Promise<KeptAttempt | undefined> {
  const { attempt, attemptId } = open
  const more = { endsAt: endOf(d, attempt), extensions: (attempt.extensions ?? 0) + 1 }
  const extended = await changeAttempt(d, open, more)
  // What somebody has taken in between stays gone: only the time of what is there is set.
  if (extended) await d.pending.touch('attempt', attemptId, ATTEMPT_SECONDS[attempt.door])
  return extended
}

export async function readAttempt(
  d: Pick<AttemptDeps, 'pending'>,
  attemptId: string,
): Promise<KeptAttempt | undefined> {
  const kept = await d.pending.peek('attempt', attemptId)
  return kept === undefined ? undefined : { attemptId, attempt: attemptSchema.parse(JSON.parse(kept)), kept }
}

/** Notes something in an attempt; its time stays. `undefined` for all but one of racing callers, or when it has ended. */
export async function changeAttempt(
  d: Pick<AttemptDeps, 'pending'>,
  { attemptId, attempt, kept }: KeptAttempt,
  change: Partial<Attempt>,
): Promise<KeptAttempt | undefined> {
  const changed = { ...attempt, ...change }
  const next = JSON.stringify(changed)
  const won = await d.pending.swap('attempt', attemptId, kept, next)
  return won ? { attemptId, attempt: changed, kept: next } : undefined
}

/** Ends an attempt. True for exactly one of racing callers: only that one may hand something out. */
export const closeAttempt = async (d: Pick<AttemptDeps, 'pending'>, id: string): Promise<boolean> =>
  (await d.pending.take('attempt', id)) !== undefined
