import type { Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import type { Sealer } from '../platform/sealing.ts'
import type { Transact } from '../stores.ts'
import { signingKeyPlace, type SigningKeyStore } from './signing-key-store.ts'
import { generateSigningKey, parseSigningKey, privateKeyPem, type SigningKey } from './signing-key.ts'

interface KeyDeps {
  clock: Clock
  random: Random
  sealer: Sealer
  transact: Transact
}

/** The keys we are known by, the one that signs first. Opened and parsed once, at start. */
export type SigningKeys = readonly [SigningKey, ...SigningKey[]]

async function openKeys(d: KeyDeps, store: SigningKeyStore): Promise<SigningKey[]> {
  return (await store.list()).map(({ id, sealedPrivateKey, certificatePem }) =>
    parseSigningKey({ privateKeyPem: d.sealer.open(sealedPrivateKey, signingKeyPlace(id)), certificatePem }),
  )
}

/** Opens the signing keys; on first start makes one and keeps it sealed. Of two processes that start at once one makes it. */
export async function loadSigningKeys(d: KeyDeps, commonName: string): Promise<SigningKeys> {
  const known = await d.transact(({ signingKeys }) => openKeys(d, signingKeys))
  if (known.length > 0) return known as [SigningKey, ...SigningKey[]]
  const made = await generateSigningKey({ commonName, nowMs: d.clock(), random: d.random })
  return d.transact(async ({ signingKeys }) => {
    if ((await signingKeys.list()).length === 0) {
      await signingKeys.add(made.certificatePem, (id) =>
        d.sealer.seal(privateKeyPem(made), signingKeyPlace(id)),
      )
    }
    return (await openKeys(d, signingKeys)) as [SigningKey, ...SigningKey[]]
  })
}
