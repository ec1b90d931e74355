import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database/database.ts'
import type { CredentialStore, ListedCredential } from './credential-store.ts'
import type { Scope } from './scope.ts'

const ownerOf = (id: number, email: string | null, username: string | null): ListedCredential['owner'] =>
  email === null ? 'gone' : { id, login: email || (username ?? '') }

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
    async list() {
      const rows = await db
        .selectFrom('apiCredentials')
        .leftJoin('users as owner', 'owner.id', 'apiCredentials.ownerUserId')
        .select(['apiCredentials.id', 'name', 'clientId', 'scope', 'enabled', 'apiCredentials.createdAt'])
        .select(['ownerUserId', 'owner.email', 'owner.username'])
        .orderBy('apiCredentials.id')
        .execute()
      return rows.map(({ ownerUserId, email, username, ...row }) => ({
        ...row,
        scope: row.scope as Scope,
        enabled: row.enabled === 1,
        owner: ownerUserId === null ? null : ownerOf(ownerUserId, email, username),
      }))
    },
    async create({ enabled, ...credential }) {
      await db
        .insertInto('apiCredentials')
        .values({ ...credential, enabled: enabled ? 1 : 0, createdAt: clock() })
        .execute()
    },
    async setEnabled(id, enabled) {
      const change = db.updateTable('apiCredentials').set({ enabled: enabled ? 1 : 0 })
      const { numUpdatedRows } = await change.where('id', '=', id).executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async remove(id) {
      const { numDeletedRows } = await db.deleteFrom('apiCredentials').where('id', '=', id).executeTakeFirst()
      return numDeletedRows > 0n
    },
    async setOwner(clientId, ownerUserId) {
      await db.updateTable('apiCredentials').set({ ownerUserId }).where('clientId', '=', clientId).execute()
    },
  }
}
