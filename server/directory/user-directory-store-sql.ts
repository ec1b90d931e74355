import type { Database } from '../platform/database/database.ts'
import type { Row } from '../platform/database/schema.ts'
import { rename, takenOf } from './person-names-store-sql.ts'
import { listUsers, withRoles } from './user-list-store-sql.ts'
import type { UserDirectoryStore } from './user-directory-store.ts'
import type { UserChange } from './user-record.ts'
import { loginKey } from './user.ts'

const NOBODY = 0

const keyOrNull = (login: string): string | null => loginKey(login) || null

/** What `change` writes, with the columns that follow from it. */
const columnsOf = ({ customAttributes, ...rest }: UserChange) => ({
  ...rest,
  ...(rest.email !== undefined && { emailKey: keyOrNull(rest.email) }),
  ...(rest.username !== undefined && { usernameKey: keyOrNull(rest.username) }),
  ...(customAttributes && { customAttributes: JSON.stringify(customAttributes) }),
})

const NAMES = ['email', 'username', 'firstname', 'lastname'] as const satisfies (keyof Row<'users'>)[]

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

    takenLogins: ({ email = '', username = '' }, exceptId = NOBODY) =>
      takenOf(db, { emailKey: keyOrNull(email), usernameKey: keyOrNull(username) }, exceptId),

    async create({ customAttributes = {}, ...user }) {
      const row = {
        ...user,
        customAttributes: JSON.stringify(customAttributes),
        // Not 0: a session of somebody who had this id before and was deleted must not be theirs.
        sessionEpoch: user.createdAt,
      }
      const { id } = await db.insertInto('users').values(row).returning('id').executeTakeFirstOrThrow()
      await rename(db, id, { emailKey: keyOrNull(user.email), usernameKey: keyOrNull(user.username) })
      return id
    },

    async update(id, change) {
      const columns = columnsOf(change)
      if (Object.keys(columns).length === 0) return
      const isNamed = NAMES.some((name) => change[name] !== undefined)
      await (isNamed
        ? rename(db, id, columns)
        : db.updateTable('users').set(columns).where('id', '=', id).execute())
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
