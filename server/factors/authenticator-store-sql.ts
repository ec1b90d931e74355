import type { Database } from '../platform/database/database.ts'
import type { AuthenticatorStore } from './authenticator-store.ts'
import { FACTOR_KINDS, type FactorKind } from './factor-kind.ts'

const isKnown = (factor: string): factor is FactorKind => (FACTOR_KINDS as readonly string[]).includes(factor)

export function authenticatorStoreSql(db: Database): AuthenticatorStore {
  return {
    async listForUser(userId) {
      const rows = await db
        .selectFrom('authenticators')
        .select(['id', 'userId', 'factor', 'label', 'sealedSecret', 'isDefault'])
        .where('userId', '=', userId)
        .orderBy('isDefault', 'desc')
        .orderBy('id')
        .execute()
      return rows.flatMap((row) =>
        isKnown(row.factor) ? [{ ...row, factor: row.factor, isDefault: row.isDefault === 1 }] : [],
      )
    },
    async acceptStep(id, step) {
      const { numUpdatedRows } = await db
        .updateTable('authenticators')
        .set({ lastStep: step })
        .where('id', '=', id)
        .where('lastStep', '<', step)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async recordUse(id, now) {
      await db.updateTable('authenticators').set({ lastUsedAt: now }).where('id', '=', id).execute()
    },
  }
}
