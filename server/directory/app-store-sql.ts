import type { Database } from '../platform/database/database.ts'
import { listRows } from '../platform/database/list-page.ts'
import { prepared } from '../platform/database/prepared.ts'
import type { Row } from '../platform/database/schema.ts'
import { keptByText } from '../platform/kept.ts'
import type { App, AppStore } from './app-store.ts'

const toSettings = keptByText((text): unknown => JSON.parse(text))

const toApp = ({ id, name, connector, icon, visible, settings }: Row<'apps'>): App => ({
  id,
  name,
  connector,
  icon,
  visible: visible === 1,
  settings: toSettings(settings),
})

const ofRoles = prepared((db, { roleIds }: { roleIds: readonly number[] }) => {
  const assigned = db.selectFrom('appRoles').select('appId').where('roleId', 'in', roleIds)
  return db.selectFrom('apps').selectAll().where('id', 'in', assigned).orderBy('name')
})
// Without a limit: SQLite would plan it anew each time, because a limit is a value that plans depend on.
const assignment = prepared((db, { appId, roleIds }: { appId: number; roleIds: readonly number[] }) =>
  db.selectFrom('appRoles').select('appId').where('appId', '=', appId).where('roleId', 'in', roleIds),
)

export function appStoreSql(db: Database): AppStore {
  return {
    async list(query) {
      const page = await listRows(db, 'apps', query)
      return { ...page, items: page.items.map(toApp) }
    },
    async find(id) {
      const row = await db.selectFrom('apps').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toApp(row)
    },
    async listForRoles(roleIds) {
      if (roleIds.length === 0) return []
      return (await ofRoles(db, { roleIds })).map(toApp)
    },
    async isAssigned(appId, roleIds) {
      if (roleIds.length === 0) return false
      return (await assignment(db, { appId, roleIds })).length > 0
    },
  }
}
