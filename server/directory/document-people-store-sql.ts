import type { Database } from '../platform/database/database.ts'
import type { Row } from '../platform/database/schema.ts'
import { grouped } from './document-lists.ts'
import type { StoredPerson } from './document-store.ts'

export async function people(db: Database, ids: readonly number[]): Promise<StoredPerson[]> {
  if (ids.length === 0) return []
  return whole(db, await db.selectFrom('users').selectAll().where('id', 'in', ids).orderBy('id').execute())
}

export async function peopleAfter(db: Database, id: number, limit: number): Promise<StoredPerson[]> {
  const behind = db.selectFrom('users').selectAll().where('id', '>', id)
  return whole(db, await behind.orderBy('id').limit(limit).execute())
}

/** People with all that is theirs. */
async function whole(db: Database, rows: readonly Row<'users'>[]): Promise<StoredPerson[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => row.id)
  const roles = await db
    .selectFrom('userRoles')
    .selectAll()
    .where('userId', 'in', ids)
    .orderBy('userId')
    .orderBy('position')
    .execute()
  const authenticators = await db
    .selectFrom('authenticators')
    .selectAll()
    .where('userId', 'in', ids)
    .orderBy('id')
    .execute()
  const rolesOf = grouped(roles, (row) => row.userId)
  const authenticatorsOf = grouped(authenticators, (row) => row.userId)
  return rows.map((row) => ({
    row,
    roleIds: (rolesOf.get(row.id) ?? []).map((role) => role.roleId),
    authenticators: authenticatorsOf.get(row.id) ?? [],
  }))
}

export async function countPeople(db: Database): Promise<number> {
  const { count } = await db
    .selectFrom('users')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow()
  return count
}
