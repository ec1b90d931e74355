import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database/database.ts'
import type { SigningKeyStore } from './signing-key-store.ts'

export function signingKeyStoreSql(db: Database, clock: Clock): SigningKeyStore {
  return {
    async list() {
      const rows = await db
        .selectFrom('signingKeys')
        .select(['id', 'sealedPrivateKey', 'certificatePem', 'active'])
        .orderBy('active', 'desc')
        .orderBy('id')
        .execute()
      return rows.map((row) => ({ ...row, active: row.active === 1 }))
    },
    async add(certificatePem, seal) {
      const { id } = await db
        .insertInto('signingKeys')
        .values({ sealedPrivateKey: '', certificatePem, createdAt: clock(), active: 1 })
        .returning('id')
        .executeTakeFirstOrThrow()
      await db
        .updateTable('signingKeys')
        .set({ sealedPrivateKey: seal(id) })
        .where('id', '=', id)
        .execute()
    },
  }
}
