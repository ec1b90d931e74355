import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database/database.ts'
import type { CredentialStore } from './credential-store.ts'
import type { Scope } from './scope.ts'

export function credentialStoreSql(db: Database, clock: Clock): CredentialStore {
  return {
    async findByClientId(clientId) {
      const row = await db
        .selectFrom('apiCredentials')
        .select(['id', 'name', 'clientId', 'clientSecretHash', 'scope', 'enabled'])
        .where('clientId', '=', clientId)
        .executeTakeFirst()
      return row && { ...row, scope: row.scope as Scope, enabled: row.enabled === 1 }
    },
    async create({ enabled, ...credential }) {
      await db
        .insertInto('apiCredentials')
        .values({ ...credential, enabled: enabled ? 1 : 0, createdAt: clock() })
        .execute()
    },
    async setOwner(clientId, ownerUserId) {
      await db.updateTable('apiCredentials').set({ ownerUserId }).where('clientId', '=', clientId).execute()
    },
  }
}
