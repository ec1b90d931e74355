import { brandSchema } from '../branding/brand.ts'
import type { Database } from '../platform/database/database.ts'
import type { AccountStore } from './account-store.ts'
import { policyOverridesSchema, policySchema } from './policy.ts'

export function accountStoreSql(db: Database): AccountStore {
  return {
    async account() {
      const { id, subdomain, name, policy } = await db
        .selectFrom('account')
        .selectAll()
        .executeTakeFirstOrThrow()
      return { id, subdomain, name, policy: policySchema.parse(JSON.parse(policy)) }
    },
    async overrides(groupId, appId) {
      const own = async (table: 'groups' | 'apps', id: number | null | undefined) =>
        id === null || id === undefined
          ? undefined
          : db.selectFrom(table).select('policy').where('id', '=', id).executeTakeFirst()
      const rows = [await own('groups', groupId), await own('apps', appId)]
      return rows.flatMap((row) => (row?.policy ? [policyOverridesSchema.parse(JSON.parse(row.policy))] : []))
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
