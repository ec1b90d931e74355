import type { Database } from '../platform/database/database.ts'
import { prepared } from '../platform/database/prepared.ts'
import type { Scope } from './scope.ts'
import type { TokenStore } from './token-store.ts'

/** Credentials that may be used: a deleted owner takes theirs along. */
const usable = (db: Database) =>
  db
    .selectFrom('apiCredentials')
    .leftJoin('users as owner', 'owner.id', 'apiCredentials.ownerUserId')
    .where('apiCredentials.enabled', '=', 1)
    .where((eb) => eb.or([eb('apiCredentials.ownerUserId', 'is', null), eb('owner.id', 'is not', null)]))

const bearerOf = prepared((db, { accessTokenHash, now }: { accessTokenHash: string; now: number }) =>
  usable(db)
    .innerJoin('apiTokens', 'apiTokens.credentialId', 'apiCredentials.id')
    .select([
      'apiTokens.credentialId',
      'apiCredentials.clientId',
      'apiCredentials.scope',
      'apiCredentials.ownerUserId',
    ])
    .where('apiTokens.accessTokenHash', '=', accessTokenHash)
    .where('apiTokens.expiresAt', '>', now),
)

export function tokenStoreSql(db: Database): TokenStore {
  return {
    async add(credentialId, pair) {
      await db
        .insertInto('apiTokens')
        .values({ credentialId, ...pair })
        .execute()
    },
    async findBearer(accessTokenHash, now) {
      const [row] = await bearerOf(db, { accessTokenHash, now })
      return row && { ...row, scope: row.scope as Scope, ownerUserId: row.ownerUserId ?? undefined }
    },
    async takeForRefresh({ accessTokenHash, refreshTokenHash }, now) {
      const row = await db
        .deleteFrom('apiTokens')
        .where('refreshTokenHash', '=', refreshTokenHash)
        .where('accessTokenHash', '=', accessTokenHash)
        .where('refreshExpiresAt', '>', now)
        .where('credentialId', 'in', usable(db).select('apiCredentials.id'))
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
    async revokeAll(credentialId) {
      await db.deleteFrom('apiTokens').where('credentialId', '=', credentialId).execute()
    },
    async dropExpired(now) {
      await db.deleteFrom('apiTokens').where('refreshExpiresAt', '<=', now).execute()
    },
  }
}
