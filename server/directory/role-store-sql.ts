import type { Database } from '../platform/database/database.ts'
import { listRows } from '../platform/database/list-page.ts'
import { grouped } from './document-lists.ts'
import type { RoleStore } from './role-store.ts'

async function members(db: Database, ids: readonly number[]) {
  if (ids.length === 0) return new Map<number, { userIds: number[]; appIds: number[] }>()
  const users = await db
    .selectFrom('userRoles')
    .select(['roleId', 'userId'])
    .where('roleId', 'in', ids)
    .orderBy('roleId')
    .orderBy('userId')
    .execute()
  const apps = await db
    .selectFrom('appRoles')
    .select(['roleId', 'appId'])
    .where('roleId', 'in', ids)
    .orderBy('appId')
    .execute()
  const usersOf = grouped(users, (row) => row.roleId)
  const appsOf = grouped(apps, (row) => row.roleId)
  return new Map(
    ids.map((id) => [
      id,
      {
        userIds: (usersOf.get(id) ?? []).map((row) => row.userId),
        appIds: (appsOf.get(id) ?? []).map((row) => row.appId),
      },
    ]),
  )
}

export function roleStoreSql(db: Database): RoleStore {
  return {
    list: (query) => listRows(db, 'roles', query),
    find: (id) => db.selectFrom('roles').selectAll().where('id', '=', id).executeTakeFirst(),
    async named(ids) {
      if (ids.length === 0) return []
      return db.selectFrom('roles').selectAll().where('id', 'in', ids).orderBy('id').execute()
    },
    async ids() {
      const rows = await db.selectFrom('roles').select('id').orderBy('id').execute()
      return rows.map(({ id }) => id)
    },
    async create(name) {
      const insert = db.insertInto('roles').values({ name })
      const row = await insert
        .onConflict((conflict) => conflict.column('name').doNothing())
        .returning('id')
        .executeTakeFirst()
      return row?.id
    },
    async rename(id, name) {
      const owner = await db.selectFrom('roles').select('id').where('name', '=', name).executeTakeFirst()
      if (owner && owner.id !== id) return false
      await db.updateTable('roles').set({ name }).where('id', '=', id).execute()
      return true
    },
    async remove(id) {
      await db.deleteFrom('roles').where('id', '=', id).execute()
    },
    members: (ids) => members(db, ids),
    async setApps(id, appIds) {
      await db.deleteFrom('appRoles').where('roleId', '=', id).execute()
      const rows = [...new Set(appIds)].map((appId) => ({ appId, roleId: id }))
      if (rows.length > 0) await db.insertInto('appRoles').values(rows).execute()
    },
  }
}
