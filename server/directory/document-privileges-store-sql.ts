import type { Database } from '../platform/database/database.ts'
import { insertRows } from '../platform/database/insert-rows.ts'
import type { NewRow } from '../platform/database/schema.ts'
import { grouped } from './document-lists.ts'
import type { Holders, StoredPrivilege } from './document-store.ts'

export async function storedPrivileges(db: Database): Promise<StoredPrivilege[]> {
  const rows = await db.selectFrom('privileges').selectAll().orderBy('createdAt').orderBy('id').execute()
  const roles = await db.selectFrom('privilegeRoles').selectAll().orderBy('roleId').execute()
  const people = await db.selectFrom('privilegeUsers').selectAll().orderBy('userId').execute()
  const rolesOf = grouped(roles, ({ privilegeId }) => privilegeId)
  const peopleOf = grouped(people, ({ privilegeId }) => privilegeId)
  return rows.map((row) => ({
    ...row,
    roleIds: (rolesOf.get(row.id) ?? []).map(({ roleId }) => roleId),
    userIds: (peopleOf.get(row.id) ?? []).map(({ userId }) => userId),
  }))
}

export async function putPrivilege(
  db: Database,
  row: NewRow<'privileges'>,
  { roleIds, userIds }: Holders,
): Promise<void> {
  const { id: privilegeId, ...columns } = row
  await db
    .insertInto('privileges')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
    .execute()
  await db.deleteFrom('privilegeRoles').where('privilegeId', '=', privilegeId).execute()
  await db.deleteFrom('privilegeUsers').where('privilegeId', '=', privilegeId).execute()
  await insertRows(
    db,
    'privilegeRoles',
    roleIds.map((roleId) => ({ privilegeId, roleId })),
  )
  await insertRows(
    db,
    'privilegeUsers',
    userIds.map((userId) => ({ privilegeId, userId })),
  )
}
