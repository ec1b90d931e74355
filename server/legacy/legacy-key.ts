import type { Origin } from '../events/event-store.ts'
import { apiCredentialCreated, apiCredentialDisabled } from '../events/events.ts'
import type { Scope } from '../oauth/scope.ts'
import type { Bearer } from '../oauth/token-store.ts'
import { sha256 } from '../platform/master-key.ts'
import { hexToken, type Random } from '../platform/random.ts'
import type { Transact } from '../stores.ts'
import type { LegacyKeyStore } from './legacy-key-store.ts'

/** Who calls with an API key, toward delegation and events. */
export type LegacyCaller = Pick<Bearer, 'clientId' | 'scope' | 'ownerUserId'>

const KEY = /^[0-9a-f]{40}$/

/** Who has this key; `undefined` when nobody may use it. */
export async function findLegacyCaller(
  legacyKeys: Pick<LegacyKeyStore, 'findUsable'>,
  key: string,
): Promise<LegacyCaller | undefined> {
  const found = KEY.test(key) ? await legacyKeys.findUsable(sha256(key)) : undefined
  return (
    found && {
      clientId: eventName(found.name),
      scope: found.scope,
      ownerUserId: found.ownerUserId ?? undefined,
    }
  )
}

/** How events name a key as their client. */
const eventName = (name: string): string => `legacy:${name}`

interface ManageKeyDeps {
  random: Random
  transact: Transact
}

/** Makes a key and gives it in clear text, this once; `undefined` when another has the name. */
export async function createLegacyKey(
  d: ManageKeyDeps,
  { name, scope, ownerUserId }: { name: string; scope: Scope; ownerUserId: number | null },
  origin: Origin,
): Promise<string | undefined> {
  const key = hexToken(d.random, 20) // 40 digits, as OneLogin's are
  const made = await d.transact(async ({ legacyKeys, events }) => {
    const isNew = await legacyKeys.create({ name, scope, ownerUserId, enabled: true, keyHash: sha256(key) })
    if (isNew) await events.append(apiCredentialCreated(origin, eventName(name)))
    return isNew
  })
  return made ? key : undefined
}

/** False when no key has this name. */
export const disableLegacyKey = (d: ManageKeyDeps, name: string, origin: Origin): Promise<boolean> =>
  d.transact(async ({ legacyKeys, events }) => {
    const known = await legacyKeys.disable(name)
    if (known) await events.append(apiCredentialDisabled(origin, eventName(name)))
    return known
  })
