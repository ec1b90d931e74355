import type { Database } from '../platform/database/database.ts'
import type { Row } from '../platform/database/schema.ts'
import { slices } from './document-lists.ts'
import { statementsSchema, type Privilege } from './privileges.ts'
import type { HolderKind, PrivilegesStore } from './privileges-store.ts'

/** Values of one statement stay far below what either engine takes. */
const MAX_VALUES = 500

const toPrivilege = ({ id, name, description, statements }: Row<'privileges'>): Privilege => ({
  id,
  name,
  description,
  privilege: statementsSchema.parse(JSON.parse(statements)),
})

const columnsOf = ({ name, description, privilege }: Privilege) => ({
  name,
  description,
  statements: JSON.stringify(privilege),
})

async function unknownHolders(db: Database, kind: HolderKind, ids: readonly number[]): Promise<number[]> {
  const known = new Set<number>()
  for (const slice of slices([...ids], MAX_VALUES)) {
    const found =
      kind === 'user'
        ? await db.selectFrom('users').select('id').where('id', 'in', slice).execute()
        : await db.selectFrom('roles').select('id').where('id', 'in', slice).execute()
    for (const { id } of found) known.add(id)
  }
  return ids.filter((id) => !known.has(id))
}

async function holders(db: Database, privilegeId: string, kind: HolderKind): Promise<number[]> {
  if (kind === 'user') {
    const people = db.selectFrom('privilegeUsers').select('userId').where('privilegeId', '=', privilegeId)
    return (await people.orderBy('userId').execute()).map(({ userId }) => userId)
  }
  const roles = db.selectFrom('privilegeRoles').select('roleId').where('privilegeId', '=', privilegeId)
  return (await roles.orderBy('roleId').execute()).map(({ roleId }) => roleId)
}

async function grant(db: Database, privilegeId: string, kind: HolderKind, ids: readonly number[]) {
  for (const slice of slices([...new Set(ids)], MAX_VALUES)) {
    if (kind === 'user') {
      const rows = slice.map((userId) => ({ privilegeId, userId }))
      await db
        .insertInto('privilegeUsers')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    } else {
      const rows = slice.map((roleId) => ({ privilegeId, roleId }))
      await db
        .insertInto('privilegeRoles')
        .values(rows)
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    }
  }
}

async function withdraw(db: Database, privilegeId: string, kind: HolderKind, holderId: number) {
  const from =
    kind === 'user'
      ? db.deleteFrom('privilegeUsers').where('userId', '=', holderId)
      : db.deleteFrom('privilegeRoles').where('roleId', '=', holderId)
  const { numDeletedRows } = await from.where('privilegeId', '=', privilegeId).executeTakeFirst()
  return numDeletedRows > 0n
}

async function heldBy(db: Database, userId: number): Promise<Privilege[]> {
  const direct = db.selectFrom('privilegeUsers').select('privilegeId').where('userId', '=', userId)
  const byRole = db
    .selectFrom('privilegeRoles')
    .innerJoin('userRoles', 'userRoles.roleId', 'privilegeRoles.roleId')
    .select('privilegeRoles.privilegeId')
    .where('userRoles.userId', '=', userId)
  const rows = await db
    .selectFrom('privileges')
    .selectAll()
    .where((eb) => eb.or([eb('id', 'in', direct), eb('id', 'in', byRole)]))
    .orderBy('createdAt')
    .orderBy('id')
    .execute()
  return rows.map(toPrivilege)
}

async function heldByRoles(db: Database, roleIds: readonly number[]): Promise<Privilege[]> {
  const found = new Map<string, Privilege>()
  for (const slice of slices([...new Set(roleIds)], MAX_VALUES)) {
    const held = db.selectFrom('privilegeRoles').select('privilegeId').where('roleId', 'in', slice)
    const rows = await db.selectFrom('privileges').selectAll().where('id', 'in', held).execute()
    for (const row of rows) found.set(row.id, toPrivilege(row))
  }
  return [...found.values()]
}

export function privilegesStoreSql(db: Database): PrivilegesStore {
  return {
    async list() {
      const rows = await db.selectFrom('privileges').selectAll().orderBy('createdAt').orderBy('id').execute()
      return rows.map(toPrivilege)
    },
    async find(id) {
      const row = await db.selectFrom('privileges').selectAll().where('id', '=', id).executeTakeFirst()
      return row && toPrivilege(row)
    },
    async create(privilege, now) {
      await db
        .insertInto('privileges')
        .values({ id: privilege.id, ...columnsOf(privilege), createdAt: now })
        .execute()
    },
    async update(privilege) {
      const { numUpdatedRows } = await db
        .updateTable('privileges')
        .set(columnsOf(privilege))
        .where('id', '=', privilege.id)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async remove(id) {
      const { numDeletedRows } = await db.deleteFrom('privileges').where('id', '=', id).executeTakeFirst()
      return numDeletedRows > 0n
    },
    holders: (id, kind) => holders(db, id, kind),
    unknownHolders: (kind, ids) => unknownHolders(db, kind, ids),
    grant: (id, kind, holderIds) => grant(db, id, kind, holderIds),
    withdraw: (id, kind, holderId) => withdraw(db, id, kind, holderId),
    heldBy: (userId) => heldBy(db, userId),
    heldByRoles: (roleIds) => heldByRoles(db, roleIds),
  }
}
