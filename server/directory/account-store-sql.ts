import { brandSchema } from '../branding/brand.ts'
import type { Database } from '../platform/database/database.ts'
import { prepared } from '../platform/database/prepared.ts'
import { keptByText } from '../platform/kept.ts'
import type { AccountStore } from './account-store.ts'
import { policyOverridesSchema, policySchema } from './policy.ts'

// Read at every sign-in, changed once in a while.
const toPolicy = keptByText((text) => policySchema.parse(JSON.parse(text)), 10)
const toOverrides = keptByText((text) => policyOverridesSchema.parse(JSON.parse(text)))

const accountOf = prepared((db) => db.selectFrom('account').select(['id', 'subdomain', 'name', 'policy']))
const rulesOf = prepared((db, { groupId, appId }: { groupId: number | null; appId: number | null }) =>
  db
    .selectFrom('account')
    .select((eb) => [
      'policy',
      eb.selectFrom('groups').select('policy').where('id', '=', groupId).as('ofGroup'),
      eb.selectFrom('apps').select('policy').where('id', '=', appId).as('ofApp'),
    ]),
)

export function accountStoreSql(db: Database): AccountStore {
  return {
    async account() {
      const [account] = await accountOf(db, {})
      const { id, subdomain, name, policy } = account!
      return { id, subdomain, name, policy: toPolicy(policy) }
    },
    async rules(groupId, appId) {
      const [rules] = await rulesOf(db, { groupId, appId: appId ?? null })
      const { policy, ofGroup, ofApp } = rules!
      return {
        account: toPolicy(policy),
        own: [ofGroup, ofApp].flatMap((text) => (text ? [toOverrides(text)] : [])),
      }
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
