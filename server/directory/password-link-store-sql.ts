import type { Database } from '../platform/database/database.ts'
import type { LinkPurpose, PasswordLinkStore } from './password-link-store.ts'

export function passwordLinkStoreSql(db: Database): PasswordLinkStore {
  return {
    async put({ userId, purpose, ...link }) {
      await db
        .insertInto('passwordLinks')
        .values({ userId, purpose, ...link })
        .onConflict((conflict) => conflict.columns(['userId', 'purpose']).doUpdateSet(link))
        .execute()
    },

    async find(tokenHash, now) {
      const row = await db
        .selectFrom('passwordLinks')
        .selectAll()
        .where('tokenHash', '=', tokenHash)
        .where('expiresAt', '>', now)
        .executeTakeFirst()
      return row && { ...row, purpose: row.purpose as LinkPurpose }
    },

    async take(tokenHash, now) {
      const { numDeletedRows } = await db
        .deleteFrom('passwordLinks')
        .where('tokenHash', '=', tokenHash)
        .where('expiresAt', '>', now)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
  }
}
