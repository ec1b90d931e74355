import type { Database } from '../platform/database/database.ts'
import type { Scope } from './scope.ts'
import type { TokenStore } from './token-store.ts'

export function tokenStoreSql(db: Database): TokenStore {
  return {
    async add(credentialId, pair) {
      await db
        .insertInto('apiTokens')
        .values({ credentialId, ...pair })
        .execute()
    },
    async findBearer(accessTokenHash, now) {
      const row = await db
        .selectFrom('apiTokens')
        .innerJoin('apiCredentials', 'apiCredentials.id', 'apiTokens.credentialId')
        .select(['apiTokens.credentialId', 'apiCredentials.clientId', 'apiCredentials.scope'])
        .where('apiTokens.accessTokenHash', '=', accessTokenHash)
        .where('apiTokens.expiresAt', '>', now)
        .where('apiCredentials.enabled', '=', 1)
        .executeTakeFirst()
      return row && { ...row, scope: row.scope as Scope }
    },
    async takeForRefresh({ accessTokenHash, refreshTokenHash }, now) {
      const enabled = db.selectFrom('apiCredentials').select('id').where('enabled', '=', 1)
      const row = await db
        .deleteFrom('apiTokens')
        .where('refreshTokenHash', '=', refreshTokenHash)
        .where('accessTokenHash', '=', accessTokenHash)
        .where('refreshExpiresAt', '>', now)
        .where('credentialId', 'in', enabled)
        .returning('credentialId')
        .executeTakeFirst()
      return row?.credentialId
    },
    async revoke(credentialId, accessTokenHash) {
      await db
        .deleteFrom('apiTokens')
        .where('credentialId', '=', credentialId)
        .where('accessTokenHash', '=', accessTokenHash)
        .execute()
    },
    async dropExpired(now) {
      await db.deleteFrom('apiTokens').where('refreshExpiresAt', '<=', now).execute()
    },
  }
}
