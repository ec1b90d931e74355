import { z } from 'zod'
import type { PendingStore } from '../pending/pending-store.ts'
import { prefixedToken, type Random } from '../platform/random.ts'
import type { Sealer } from '../platform/sealing.ts'

/** What a link beside a mail code leads to: an attempt, and the authenticator that it answers for. */
const targetSchema = z.strictObject({ attemptId: z.string(), authenticatorId: z.number() })
export type MailLinkTarget = z.output<typeof targetSchema>

interface MailLinkDeps {
  random: Random
  sealer: Sealer
  pending: Pick<PendingStore, 'put' | 'peek'>
}

const PLACE = 'mail-link'
const TOKEN = /^dw_ml_[\w-]{43}$/

export const isMailLinkToken = (text: string): boolean => TOKEN.test(text)

/** Keeps a link for as long as its code. The attempt it leads to is a secret, and sealed. */
export async function putMailLink(d: MailLinkDeps, target: MailLinkTarget, seconds: number): Promise<string> {
  const token = prefixedToken(d.random, 'ml')
  await d.pending.put('mail_link', token, d.sealer.seal(JSON.stringify(target), PLACE), seconds)
  return token
}

/** Where a link leads, without using it up: it is the answer to its question, and used up as that. */
export async function readMailLink(
  d: Pick<MailLinkDeps, 'sealer' | 'pending'>,
  token: string,
): Promise<MailLinkTarget | undefined> {
  const kept = isMailLinkToken(token) ? await d.pending.peek('mail_link', token) : undefined
  return kept === undefined ? undefined : targetSchema.parse(JSON.parse(d.sealer.open(kept, PLACE)))
}
