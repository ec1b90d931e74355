import type { Scope } from '../oauth/scope.ts'
import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database/database.ts'
import type { LegacyKey, LegacyKeyStore } from './legacy-key-store.ts'

const COLUMNS = [
  'legacyKeys.id',
  'legacyKeys.name',
  'legacyKeys.scope',
  'legacyKeys.enabled',
  'legacyKeys.createdAt',
  'legacyKeys.ownerUserId',
] as const

type KeyRow = Omit<LegacyKey, 'scope' | 'enabled'> & { scope: string; enabled: number }
const toKey = (row: KeyRow): LegacyKey => ({
  ...row,
  scope: row.scope as Scope,
  enabled: row.enabled === 1,
})

export function legacyKeyStoreSql(db: Database, clock: Clock): LegacyKeyStore {
  return {
    async findUsable(keyHash) {
      const row = await db
        .selectFrom('legacyKeys')
        .leftJoin('users as owner', 'owner.id', 'legacyKeys.ownerUserId')
        .select(COLUMNS)
        .where('legacyKeys.keyHash', '=', keyHash)
        .where('legacyKeys.enabled', '=', 1)
        .where((eb) => eb.or([eb('legacyKeys.ownerUserId', 'is', null), eb('owner.id', 'is not', null)]))
        .executeTakeFirst()
      return row && toKey(row)
    },
    async create({ enabled, ...key }) {
      const row = await db
        .insertInto('legacyKeys')
        .values({ ...key, enabled: enabled ? 1 : 0, createdAt: clock() })
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returning('id')
        .executeTakeFirst()
      return row !== undefined
    },
    async list() {
      const rows = await db.selectFrom('legacyKeys').select(COLUMNS).orderBy('legacyKeys.id').execute()
      return rows.map(toKey)
    },
    async disable(name) {
      const row = await db
        .updateTable('legacyKeys')
        .set({ enabled: 0 })
        .where('name', '=', name)
        .returning('id')
        .executeTakeFirst()
      return row !== undefined
    },
  }
}
