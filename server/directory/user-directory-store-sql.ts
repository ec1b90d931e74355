import { uniqueViolation, type Database } from '../platform/database/database.ts'
import type { Row } from '../platform/database/schema.ts'
import { searchTerms, type Searchable } from './search-terms.ts'
import { listUsers, withRoles } from './user-list-store-sql.ts'
import type { UserDirectoryStore } from './user-directory-store.ts'
import { LoginTaken, type UserChange } from './user-record.ts'
import { loginKey } from './user.ts'

const keyOrNull = (login: string): string | null => loginKey(login) || null

/** Brings a person's search terms up to date with their names. */
export async function writeSearchTerms(db: Database, userId: number): Promise<void> {
  const names = await db
    .selectFrom('users')
    .select(['emailKey', 'usernameKey', 'firstname', 'lastname'])
    .where('id', '=', userId)
    .executeTakeFirst()
  const wanted = new Set(names && searchTerms(names))
  const before = await db.selectFrom('userTerms').select('term').where('userId', '=', userId).execute()
  const gone = before.map(({ term }) => term).filter((term) => !wanted.delete(term))
  if (gone.length > 0)
    await db.deleteFrom('userTerms').where('userId', '=', userId).where('term', 'in', gone).execute()
  await addTerms(db, userId, [...wanted])
}

/** The search terms of a person who is new. */
export const addSearchTerms = (db: Database, userId: number, names: Searchable): Promise<void> =>
  addTerms(db, userId, searchTerms(names))

async function addTerms(db: Database, userId: number, terms: readonly string[]): Promise<void> {
  if (terms.length === 0) return
  await db
    .insertInto('userTerms')
    .values(terms.map((term) => ({ userId, term })))
    .execute()
}

/** What `change` writes, with the columns that follow from it. */
const columnsOf = ({ customAttributes, ...rest }: UserChange) => ({
  ...rest,
  ...(rest.email !== undefined && { emailKey: keyOrNull(rest.email) }),
  ...(rest.username !== undefined && { usernameKey: keyOrNull(rest.username) }),
  ...(customAttributes && { customAttributes: JSON.stringify(customAttributes) }),
})

const NAMES = ['email', 'username', 'firstname', 'lastname'] as const satisfies (keyof Row<'users'>)[]

async function orTaken<T>(write: Promise<T>): Promise<T> {
  try {
    return await write
  } catch (error) {
    const what = uniqueViolation(error)
    if (what?.includes('emailKey')) throw new LoginTaken('email', error)
    if (what?.includes('usernameKey')) throw new LoginTaken('username', error)
    throw error
  }
}

async function takenBy(db: Database, login: string | undefined, exceptId: number): Promise<boolean> {
  const key = login === undefined ? null : keyOrNull(login)
  if (key === null) return false
  const owner = await db
    .selectFrom('users')
    .select('id')
    .where((eb) => eb.or([eb('emailKey', '=', key), eb('usernameKey', '=', key)]))
    .where('id', '!=', exceptId)
    .limit(1)
    .executeTakeFirst()
  return owner !== undefined
}

async function addRoles(db: Database, userId: number, roleIds: readonly number[]): Promise<void> {
  const last = await db
    .selectFrom('userRoles')
    .select((eb) => eb.fn.max('position').as('position'))
    .where('userId', '=', userId)
    .executeTakeFirst()
  const first = ((last?.position as number | null | undefined) ?? -1) + 1
  const rows = [...new Set(roleIds)].map((roleId, i) => ({ userId, roleId, position: first + i }))
  if (rows.length === 0) return
  await db
    .insertInto('userRoles')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['userId', 'roleId']).doNothing())
    .execute()
}

export function userDirectoryStoreSql(db: Database): UserDirectoryStore {
  return {
    list: (query, reach) => listUsers(db, query, reach),

    async hold(id) {
      // A write that changes nothing: the row is ours until the transaction ends, in both engines.
      const rows = await db
        .updateTable('users')
        .set((eb) => ({ updatedAt: eb.ref('updatedAt') }))
        .where('id', '=', id)
        .returningAll()
        .execute()
      return (await withRoles(db, rows))[0]
    },

    async takenLogins({ email, username }, exceptId = 0) {
      const taken = await Promise.all([takenBy(db, email, exceptId), takenBy(db, username, exceptId)])
      return (['email', 'username'] as const).filter((_, i) => taken[i])
    },

    async create({ customAttributes = {}, ...user }) {
      const row = {
        ...user,
        emailKey: keyOrNull(user.email),
        usernameKey: keyOrNull(user.username),
        customAttributes: JSON.stringify(customAttributes),
        // Not 0: a session of somebody who had this id before and was deleted must not be theirs.
        sessionEpoch: user.createdAt,
      }
      const { id } = await orTaken(
        db.insertInto('users').values(row).returning('id').executeTakeFirstOrThrow(),
      )
      await addSearchTerms(db, id, row)
      return id
    },

    async update(id, change) {
      const columns = columnsOf(change)
      if (Object.keys(columns).length === 0) return
      await orTaken(db.updateTable('users').set(columns).where('id', '=', id).execute())
      if (NAMES.some((name) => change[name] !== undefined)) await writeSearchTerms(db, id)
    },

    async endSessions(id) {
      await db
        .updateTable('users')
        .set((eb) => ({ sessionEpoch: eb('sessionEpoch', '+', 1) }))
        .where('id', '=', id)
        .execute()
    },

    async remove(id) {
      await db.deleteFrom('users').where('id', '=', id).execute()
    },

    addRoles: (id, roleIds) => addRoles(db, id, roleIds),

    async removeRoles(id, roleIds) {
      if (roleIds.length === 0) return
      await db.deleteFrom('userRoles').where('userId', '=', id).where('roleId', 'in', roleIds).execute()
    },

    async customAttributeNames() {
      const rows = await db.selectFrom('customAttributes').select('name').orderBy('position').execute()
      return rows.map(({ name }) => name)
    },
  }
}
