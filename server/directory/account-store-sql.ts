import { brandSchema } from '../branding/brand.ts'
import type { Database } from '../platform/database/database.ts'
import type { AccountStore } from './account-store.ts'
import { policySchema } from './policy.ts'

export function accountStoreSql(db: Database): AccountStore {
  return {
    async account() {
      const { id, subdomain, name, policy } = await db
        .selectFrom('account')
        .selectAll()
        .executeTakeFirstOrThrow()
      return { id, subdomain, name, policy: policySchema.parse(JSON.parse(policy)) }
    },
    async brands() {
      const rows = await db.selectFrom('brands').selectAll().orderBy('position').execute()
      return rows.map((row) => brandSchema.parse(JSON.parse(row.settings)))
    },
    async embedTokenHash() {
      const row = await db.selectFrom('account').select('embedTokenHash').executeTakeFirst()
      return row?.embedTokenHash ?? null
    },
    async setEmbedTokenHash(embedTokenHash) {
      await db.updateTable('account').set({ embedTokenHash }).execute()
    },
  }
}
