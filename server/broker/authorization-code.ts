import { z } from 'zod'
import type { PendingStore } from '../pending/pending-store.ts'
import { prefixedToken, type Random } from '../platform/random.ts'
import type { SignedInPerson } from '../signin/signed-in.ts'
import type { Delivery } from './client.ts'
import { KEY_STORAGES } from './key-storage.ts'

/** Who has agreed to a broker session, how they had signed in, and for which device. */
export const grantSchema = z.strictObject({
  userId: z.number(),
  epoch: z.number(),
  amr: z.array(z.string()),
  passed: z.array(z.string()),
  authTime: z.number(),
  factorAt: z.number().optional(),
  jkt: z.string(),
  deviceName: z.string(),
  keyStorage: z.enum(KEY_STORAGES),
})
export type Grant = z.output<typeof grantSchema>
/** The device that asks. */
type AskedDevice = Pick<Grant, 'jkt' | 'deviceName' | 'keyStorage'>

/** What a session that begins now would be of, in the words that tokens and codes keep. */
export const grantOf = ({ user, session }: SignedInPerson, device: AskedDevice): Grant => ({
  userId: user.id,
  epoch: user.sessionEpoch,
  amr: session.amr,
  passed: session.passed,
  authTime: session.authTime,
  factorAt: session.factorAt,
  jkt: device.jkt,
  deviceName: device.deviceName,
  keyStorage: device.keyStorage,
})

const codeSchema = grantSchema.extend({ challenge: z.string(), redirectUri: z.string() })
/** What a code stands for. Only its challenge's verifier, sent to the same address by the same key, gets it. */
export type CodeGrant = z.output<typeof codeSchema>

interface CodeDeps {
  random: Random
  pending: Pick<PendingStore, 'put' | 'take' | 'peek'>
}

/** A browser brings it back at once, a person's hands take longer. */
export const CODE_SECONDS: Record<Delivery, number> = { loopback: 60, paste: 180 }
/** A code that comes a second time within this ends what it had given. */
const REUSE_NOTED_SECONDS = 600

export async function issueCode(d: CodeDeps, grant: CodeGrant, delivery: Delivery): Promise<string> {
  const code = prefixedToken(d.random, 'bc')
  await d.pending.put('broker_code', code, JSON.stringify(grant), CODE_SECONDS[delivery])
  return code
}

/** A code is good once, right or wrong. */
export async function takeCode(d: CodeDeps, code: string): Promise<CodeGrant | undefined> {
  const kept = await d.pending.take('broker_code', code)
  return kept === undefined ? undefined : codeSchema.parse(JSON.parse(kept))
}

export const noteCodeUsed = (d: CodeDeps, code: string, sessionId: number): Promise<void> =>
  d.pending.put('broker_code_used', code, String(sessionId), REUSE_NOTED_SECONDS)

/** The session that a code has given already (RFC 6749 section 4.1.2: then that ends). */
export async function sessionOfUsedCode(d: CodeDeps, code: string): Promise<number | undefined> {
  const id = await d.pending.peek('broker_code_used', code)
  return id === undefined ? undefined : Number(id)
}
