import { z } from 'zod'
import type { PendingStore } from '../pending/pending-store.ts'
import { SECOND, type Clock } from '../platform/clock.ts'
import { hexToken, type Random } from '../platform/random.ts'
import { passedSchema } from './attempt.ts'
import type { SignedIn } from './sign-in.ts'

export const SESSION_TOKEN_SECONDS = 120

const recordSchema = z.strictObject({
  userId: z.number(),
  epoch: z.number(),
  amr: z.array(z.string()),
  passed: passedSchema,
  authTime: z.number(),
  /** Browser origins that may redeem it, beside our own. */
  allowedOrigins: z.array(z.string()),
  returnTo: z.string().optional(),
})

/** What a session token is good for: a browser session of this person, once. */
export type SessionTokenRecord = z.output<typeof recordSchema>

interface SessionTokenDeps {
  clock: Clock
  random: Random
  pending: Pick<PendingStore, 'put' | 'peek' | 'take'>
}

/** OneLogin's one-use login token: 160 random bits, 120 s. */
export async function issueSessionToken(
  d: SessionTokenDeps,
  { user, amr, passed, authTime, extras }: SignedIn,
): Promise<{ token: string; expiresAt: number }> {
  const token = hexToken(d.random, 20)
  const record: SessionTokenRecord = {
    userId: user.id,
    epoch: user.sessionEpoch,
    amr,
    passed,
    authTime,
    allowedOrigins: extras.allowedOrigins ?? [],
    ...(extras.returnTo !== undefined && { returnTo: extras.returnTo }),
  }
  await d.pending.put('session_token', token, JSON.stringify(record), SESSION_TOKEN_SECONDS)
  // A preflight carries no token, so the origins of living tokens are known by themselves.
  for (const origin of record.allowedOrigins)
    await d.pending.put('cors_origin', origin, '1', SESSION_TOKEN_SECONDS)
  return { token, expiresAt: d.clock() + SESSION_TOKEN_SECONDS * SECOND }
}

const parse = (value: string | undefined): SessionTokenRecord | undefined =>
  value === undefined ? undefined : recordSchema.parse(JSON.parse(value))

/** Looks at a token without using it up. */
export const readSessionToken = async (d: Pick<SessionTokenDeps, 'pending'>, token: string) =>
  parse(await d.pending.peek('session_token', token))

/** Uses a token up: of racing calls exactly one gets the record. */
export const takeSessionToken = async (d: Pick<SessionTokenDeps, 'pending'>, token: string) =>
  parse(await d.pending.take('session_token', token))
