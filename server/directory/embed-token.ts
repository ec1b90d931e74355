import type { Origin } from '../events/event-store.ts'
import { embeddingDisabled, embeddingEnabled } from '../events/events.ts'
import { sha256 } from '../platform/master-key.ts'
import { hexToken, type Random } from '../platform/random.ts'
import type { Transact } from '../stores.ts'

interface EmbedTokenDeps {
  random: Random
  transact: Transact
}

/** Makes the token that shows people's apps to other sites, in place of the one before. In clear only this once. */
export async function createEmbedToken(d: EmbedTokenDeps, origin: Origin): Promise<string> {
  const token = hexToken(d.random, 20)
  await d.transact(async ({ account, events }) => {
    await account.setEmbedTokenHash(sha256(token))
    await events.append(embeddingEnabled(origin))
  })
  return token
}

/** Takes that token away: no other site shows anything any more. */
export const removeEmbedToken = (d: Pick<EmbedTokenDeps, 'transact'>, origin: Origin): Promise<void> =>
  d.transact(async ({ account, events }) => {
    await account.setEmbedTokenHash(null)
    await events.append(embeddingDisabled(origin))
  })
