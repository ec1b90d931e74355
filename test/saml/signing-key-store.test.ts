import { expect, test } from 'vitest'
import { systemRandom } from '../../server/platform/random.ts'
import { aesSealer } from '../../server/platform/sealing.ts'
import { signingKeyStoreSql } from '../../server/saml/signing-key-store-sql.ts'
import { loadSigningKeys } from '../../server/saml/signing-keys.ts'
import type { Stores, Transact } from '../../server/stores.ts'
import { movableClock } from '../support/clock.ts'
import { STORE_ENGINES } from '../support/store-engines.ts'
import { signingKeyStoreContract } from './signing-key-store.contract.ts'

const clock = movableClock().now

for (const [engine, openEmpty] of STORE_ENGINES) {
  signingKeyStoreContract(engine, async () => {
    const db = await openEmpty()
    return {
      store: signingKeyStoreSql(db, clock),
      async retire(id) {
        await db.updateTable('signingKeys').set({ active: 0 }).where('id', '=', id).execute()
      },
    }
  })

  test(`loadSigningKeys, ${engine}: opens no key that was moved to another row or sealed under another master key`, async () => {
    const db = await openEmpty()
    const transact: Transact = (work) =>
      db.transaction().execute((tx) => work({ signingKeys: signingKeyStoreSql(tx, clock) } as Stores))
    const deps = (key: number) => ({
      clock,
      random: systemRandom,
      transact,
      sealer: aesSealer(Buffer.alloc(32, key), systemRandom),
    })
    const [made] = await loadSigningKeys(deps(1), 'login.acme.test')
    const [found] = await loadSigningKeys(deps(1), 'login.acme.test')
    expect(found.certificatePem).toBe(made.certificatePem)
    await expect(loadSigningKeys(deps(2), 'login.acme.test')).rejects.toThrow()
    await db.updateTable('signingKeys').set({ id: 1000 }).execute()
    await expect(loadSigningKeys(deps(1), 'login.acme.test')).rejects.toThrow()
  })
}
