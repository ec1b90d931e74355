import { sql, type Kysely, type Transaction } from 'kysely'
import { engineOf, keepIdsAhead, uniqueViolation, type Database } from '../platform/database/database.ts'
import { insertRows } from '../platform/database/insert-rows.ts'
import { keepIdsAbove, newIds } from '../platform/database/row-ids.ts'
import type { NewRow, Schema } from '../platform/database/schema.ts'
import { claimsSql } from './document-claims-store-sql.ts'
import { grouped, slices } from './document-lists.ts'
import { countPeople, people, peopleAfter } from './document-people-store-sql.ts'
import { putPrivilege, storedPrivileges } from './document-privileges-store-sql.ts'
import { addNames, rename } from './person-names-store-sql.ts'
import { LoginTaken } from './user-record.ts'
import type {
  DirectoryReader,
  DirectoryWriter,
  DocumentStore,
  DocumentTable,
  NewPerson,
  Snapshot,
  StoredPerson,
} from './document-store.ts'

type AnyRow = Record<string, unknown> & { id: number }
/** Stands for a table picked at run time: Kysely's types need a name where the query is written. */
const pickedTable = (table: DocumentTable | 'account') => table as 'picked'

/** Values of one statement: SQLite takes 32,766, PostgreSQL 65,535. */
const MAX_VALUES = 1000

/** What a person's search terms depend on. */
const NAMES = ['emailKey', 'usernameKey', 'firstname', 'lastname']

// Not events: a stranger's failed sign-in does not make a directory.
const TABLES = ['users', 'roles', 'groups', 'apps', 'brands', 'apiCredentials'] as const

async function isEmpty(db: Database): Promise<boolean> {
  for (const table of TABLES) {
    const row = await db
      .selectFrom(table)
      .select((eb) => eb.val(1).as('one'))
      .limit(1)
      .executeTakeFirst()
    if (row) return false
  }
  return true
}

async function snapshot(db: Database): Promise<Snapshot> {
  const appRoles = await db.selectFrom('appRoles').selectAll().orderBy('roleId').execute()
  const rolesOf = grouped(appRoles, (row) => row.appId)
  const apps = await db.selectFrom('apps').selectAll().orderBy('id').execute()
  const attributes = await db.selectFrom('customAttributes').select('name').orderBy('position').execute()
  return {
    account: await db.selectFrom('account').selectAll().executeTakeFirst(),
    customAttributes: attributes.map((row) => row.name),
    groups: await db.selectFrom('groups').selectAll().orderBy('id').execute(),
    roles: await db.selectFrom('roles').selectAll().orderBy('id').execute(),
    apps: apps.map((app) => ({ ...app, roleIds: (rolesOf.get(app.id) ?? []).map((row) => row.roleId) })),
    brands: await db.selectFrom('brands').selectAll().orderBy('position').execute(),
    apiCredentials: await db.selectFrom('apiCredentials').selectAll().orderBy('id').execute(),
    legacyKeys: await db.selectFrom('legacyKeys').selectAll().orderBy('id').execute(),
    privileges: await storedPrivileges(db),
  }
}

const LOGIN = ['id', 'emailKey', 'usernameKey'] as const
const FACTOR = ['id', 'userId', 'factor', 'label'] as const

/** Asks for a list of values in pieces, and not at all for none. */
async function inPieces<V, R>(values: readonly V[], ask: (piece: V[]) => Promise<R[]>): Promise<R[]> {
  const found: R[] = []
  for (const piece of slices(values, MAX_VALUES)) found.push(...(await ask(piece)))
  return found
}

const logins: (db: Database) => DirectoryReader['logins'] = (db) => async (of) => {
  const by = (column: (typeof LOGIN)[number], values: readonly (string | number)[]) =>
    inPieces(values, (piece) =>
      db
        .selectFrom('users')
        .select(LOGIN)
        .where(column, 'in', piece as never)
        .execute(),
    )
  const found = [
    ...(await by('id', of.ids)),
    ...(await by('emailKey', of.emailKeys)),
    ...(await by('usernameKey', of.usernameKeys)),
  ]
  return [...new Map(found.map((row) => [row.id, row])).values()]
}

const factors: (db: Database) => DirectoryReader['factors'] = (db) => async (of) => {
  const by = (column: 'id' | 'userId', values: readonly number[]) =>
    inPieces(values, (piece) =>
      db.selectFrom('authenticators').select(FACTOR).where(column, 'in', piece).execute(),
    )
  const found = [...(await by('id', of.ids)), ...(await by('userId', of.userIds))]
  return [...new Map(found.map((row) => [row.id, row])).values()].sort((a, b) => a.id - b.id)
}

const reader = (db: Database): DirectoryReader => ({
  isEmpty: () => isEmpty(db),
  snapshot: () => snapshot(db),
  countPeople: () => countPeople(db),
  peopleAfter: (id, limit) => peopleAfter(db, id, limit),
  logins: logins(db),
  factors: factors(db),
  claims: () => claimsSql(db),
  async people(ids) {
    const found: StoredPerson[] = []
    for (const slice of slices(
      [...ids].sort((a, b) => a - b),
      MAX_VALUES,
    )) {
      found.push(...(await people(db, slice)))
    }
    return found
  },
})

/** One past the last position, so that what is added comes last. */
async function nextPosition(db: Database, table: 'customAttributes' | 'brands'): Promise<number> {
  const last = await db
    .selectFrom(table)
    .select('position')
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst()
  return last ? last.position + 1 : 0
}

async function setRoles(db: Database, of: 'user' | 'app', id: number, roleIds: readonly number[]) {
  if (of === 'user') await db.deleteFrom('userRoles').where('userId', '=', id).execute()
  else await db.deleteFrom('appRoles').where('appId', '=', id).execute()
  const rows = roleIds.map((roleId, position) => ({ roleId, position }))
  for (const slice of slices(rows, MAX_VALUES / 3)) {
    if (of === 'user') {
      await db
        .insertInto('userRoles')
        .values(slice.map((row) => ({ userId: id, ...row })))
        .execute()
    } else {
      await db
        .insertInto('appRoles')
        .values(slice.map(({ roleId }) => ({ appId: id, roleId })))
        .execute()
    }
  }
}

async function addPeople(db: Database, people: readonly NewPerson[]): Promise<void> {
  await insertRows(
    db,
    'users',
    people.map(({ row }) => row),
  )
  await addNames(
    db,
    people.map(({ row }) => row),
  )
  const roles = people.flatMap(({ row, roleIds }) =>
    roleIds.map((roleId, position) => ({ userId: row.id, roleId, position })),
  )
  await insertRows(db, 'userRoles', roles)
  await insertRows(
    db,
    'authenticators',
    people.flatMap(({ authenticators }) => authenticators),
  )
}

function writer(tx: Transaction<Schema>, numbered: Set<DocumentTable>): DirectoryWriter {
  const any = tx as unknown as Kysely<{ picked: AnyRow }>
  return {
    ...reader(tx),
    async insert(table, row) {
      if ('id' in row && row.id !== undefined) numbered.add(table)
      else if (numbered.delete(table)) await keepIdsAhead(tx, table)
      const insert = any.insertInto(pickedTable(table)).values(row)
      const { id } = await insert.returning('id').executeTakeFirstOrThrow()
      if (table === 'users') await addNames(tx, [{ ...(row as NewRow<'users'>), id }])
      return id
    },
    async update(table, id, patch) {
      if (Object.keys(patch).length === 0) return
      if (table === 'users' && NAMES.some((name) => name in patch)) return rename(tx, id, patch)
      const change = any.updateTable(pickedTable(table)).set(patch as Partial<AnyRow>)
      await change.where('id', '=', id).execute()
    },
    newIds: (table, count) => newIds(tx, table, count),
    keepIdsAbove: (table, id) => keepIdsAbove(tx, table, id),
    addPeople: (people) => addPeople(tx, people),
    addAuthenticators: (rows) => insertRows(tx, 'authenticators', rows),
    async removeAuthenticators(ids) {
      for (const slice of slices(ids, MAX_VALUES)) {
        await tx.deleteFrom('authenticators').where('id', 'in', slice).execute()
      }
    },
    setRoles: (of, id, roleIds) => setRoles(tx, of, id, roleIds),
    async addCustomAttribute(name) {
      const position = await nextPosition(tx, 'customAttributes')
      await tx.insertInto('customAttributes').values({ name, position }).execute()
    },
    putPrivilege: (row, holders) => putPrivilege(tx, row, holders),
    async putBrand(name, settings) {
      const position = await nextPosition(tx, 'brands')
      await tx
        .insertInto('brands')
        .values({ name, settings, position })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ settings }))
        .execute()
    },
  }
}

/** SQLite has one writer at a time. PostgreSQL has many: the account's row, locked by a change of nothing, queues them. */
const waitForOtherWrites = (tx: Database) =>
  tx
    .updateTable('account')
    .set((eb) => ({ name: eb.ref('name') }))
    .execute()

/** A directory of a million people takes longer than any request may. */
async function withoutHurry(db: Database): Promise<void> {
  if (engineOf(db) === 'postgres') await sql`set local statement_timeout = 0`.execute(db)
}

/** One snapshot for all reads. SQLite begins it without the write lock when told that nothing is written. */
const snapshotOf = (db: Database) =>
  engineOf(db) === 'sqlite'
    ? db.transaction().setAccessMode('read only')
    : db.transaction().setIsolationLevel('repeatable read')

/** What is written was checked in the same transaction, but on PostgreSQL the API makes people meanwhile. */
function toldWhenRaced(cause: unknown): never {
  if (!(cause instanceof LoginTaken) && uniqueViolation(cause) === undefined) throw cause
  throw new Error('Somebody else has taken a name of the document meanwhile. Nothing was kept: try again.', {
    cause,
  })
}

export const documentStoreSql = (db: Database): DocumentStore => ({
  read: (work) =>
    snapshotOf(db).execute(async (tx) => {
      await withoutHurry(tx)
      return work(reader(tx))
    }),
  write: (work) =>
    db.transaction().execute(async (tx) => {
      await withoutHurry(tx)
      await waitForOtherWrites(tx)
      const numbered = new Set<DocumentTable>()
      const result = await work(writer(tx, numbered)).catch(toldWhenRaced)
      for (const table of numbered) await keepIdsAhead(tx, table)
      return result
    }),
  isEmpty: () => isEmpty(db),
})
