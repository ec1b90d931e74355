import type { Database } from '../platform/database/database.ts'
import { listRows } from '../platform/database/list-page.ts'
import type { GroupStore } from './group-store.ts'

export const groupStoreSql = (db: Database): GroupStore => ({
  list: (query) => listRows(db, 'groups', query),
  find: (id) => db.selectFrom('groups').selectAll().where('id', '=', id).executeTakeFirst(),
})
