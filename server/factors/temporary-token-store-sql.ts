import type { Database } from '../platform/database/database.ts'
import { prepared } from '../platform/database/prepared.ts'
import type { TemporaryTokenStore } from './temporary-token-store.ts'

const alive = prepared((db, { userId, now }: { userId: number; now: number }) =>
  db.selectFrom('temporaryTokens').select('userId').where('userId', '=', userId).where('expiresAt', '>', now),
)

export function temporaryTokenStoreSql(db: Database): TemporaryTokenStore {
  return {
    async put({ userId, reusable, ...token }) {
      const row = { ...token, reusable: reusable ? 1 : 0 }
      await db
        .insertInto('temporaryTokens')
        .values({ userId, ...row })
        .onConflict((conflict) => conflict.column('userId').doUpdateSet(row))
        .execute()
    },
    async isAlive(userId, now) {
      return (await alive(db, { userId, now })).length > 0
    },
    async use(userId, tokenDigest, now) {
      const { numDeletedRows } = await db
        .deleteFrom('temporaryTokens')
        .where('userId', '=', userId)
        .where('tokenDigest', '=', tokenDigest)
        .where('expiresAt', '>', now)
        .where('reusable', '=', 0)
        .executeTakeFirst()
      if (numDeletedRows > 0n) return true
      const kept = await db
        .selectFrom('temporaryTokens')
        .select('userId')
        .where('userId', '=', userId)
        .where('tokenDigest', '=', tokenDigest)
        .where('expiresAt', '>', now)
        .where('reusable', '=', 1)
        .executeTakeFirst()
      return kept !== undefined
    },
  }
}
