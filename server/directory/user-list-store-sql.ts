import { sql, type RawBuilder, type SqlBool } from 'kysely'
import type { Database } from '../platform/database/database.ts'
import { beginsWith, conditionSql, keysetPage, type Span } from '../platform/database/list-page.ts'
import type { Row } from '../platform/database/schema.ts'
import { without } from '../platform/database/without.ts'
import type { Condition, ListPage, ListQuery } from '../platform/listing.ts'
import { grouped } from './document-lists.ts'
import { idsAmong, type Reach } from './privileges.ts'
import type { UserColumn } from './user-record.ts'
import { loginKey, type User } from './user.ts'

/** People with the ids of their directory roles in the order these were given. */
export async function withRoles(db: Database, rows: readonly Row<'users'>[]): Promise<User[]> {
  if (rows.length === 0) return []
  const roles = await db
    .selectFrom('userRoles')
    .select(['userId', 'roleId'])
    .where(
      'userId',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('userId')
    .orderBy('position')
    .execute()
  const rolesOf = grouped(roles, (role) => role.userId)
  return rows.map((row) => ({
    ...without(row, 'emailKey', 'usernameKey'),
    roleIds: (rolesOf.get(row.id) ?? []).map((role) => role.roleId),
    customAttributes: JSON.parse(row.customAttributes) as Record<string, string>,
  }))
}

/** Columns that may be empty, as their indexes hold them. */
const SORTED_WITH_EMPTY: Partial<Record<UserColumn, string>> = {
  emailKey: "''",
  usernameKey: "''",
  lastLogin: '0',
}

/** Columns whose text a person is also found by. */
const SEARCHED: readonly UserColumn[] = ['emailKey', 'usernameKey', 'firstname', 'lastname']

const USER_ID = sql.ref('users.id')
const TERM = sql.ref('userTerms.term')

function sortKey({ sort, search }: ListQuery<UserColumn>): RawBuilder<unknown> | undefined {
  if (search !== undefined) return TERM
  if (sort.column === 'id') return undefined
  const empty = SORTED_WITH_EMPTY[sort.column]
  const column = sql.ref(`users.${sort.column}`)
  return empty === undefined ? column : sql`coalesce(${column}, ${sql.raw(empty)})`
}

/** A pattern that begins with plain text is first looked up among the search terms, which have an index. */
function narrowed({ column, not, test }: Condition<UserColumn>): RawBuilder<SqlBool>[] {
  const start = test.is === 'like' ? test.parts[0]! : ''
  if (not || !SEARCHED.includes(column) || !/^[!-~]+$/.test(start)) return []
  const found = beginsWith(TERM, start.toLowerCase())
  return [
    sql`${USER_ID} in (select ${sql.ref('userTerms.userId')} from ${sql.table('userTerms')} where ${found})`,
  ]
}

function whereSql(condition: Condition<UserColumn>): RawBuilder<SqlBool>[] {
  if (condition.column !== 'roleId') return [conditionSql('users', condition), ...narrowed(condition)]
  const held = sql<SqlBool>`select 1 from ${sql.table('userRoles')} as ${sql.ref('held')}
    where ${sql.ref('held.userId')} = ${USER_ID} and ${conditionSql('held', { ...condition, not: false })}`
  return condition.not ? [sql`not exists (${held})`] : []
}

/** A person is shown once, for the first of their terms that was found. */
function foundBy(search: string): RawBuilder<SqlBool>[] {
  const earlier = sql.ref('earlier.term')
  return [
    beginsWith(TERM, search),
    sql`not exists (select 1 from ${sql.table('userTerms')} as ${sql.ref('earlier')}
      where ${sql.ref('earlier.userId')} = ${sql.ref('userTerms.userId')}
      and ${earlier} >= ${search} and ${earlier} < ${TERM})`,
  ]
}

/** Whom a reach covers, as a set that is worked out once a page: it costs what it covers, not what it passes over. */
function within(reach: Reach): RawBuilder<SqlBool>[] {
  if (reach === 'everything') return []
  const named = [...idsAmong(reach.ids), 0]
  const roles = [...reach.roleIds, 0]
  const held = sql`select ${sql.ref('userRoles.userId')} from ${sql.table('userRoles')}
    where ${sql.ref('userRoles.roleId')} in (${sql.join(roles)})`
  return [sql<SqlBool>`(${USER_ID} in (${sql.join(named)}) or ${USER_ID} in (${held}))`]
}

type ListedRow = Row<'users'> & { sortKey: string | number }

/** One page of people: the table that decides the order comes first, so that its index is walked and nothing sorted. */
export async function listUsers(
  db: Database,
  query: ListQuery<UserColumn>,
  reach: Reach = 'everything',
): Promise<ListPage<User>> {
  const key = sortKey(query)
  const role = query.where.find(({ column, not }) => column === 'roleId' && !not)
  const byRole = role?.test.is === 'equal' ? role.test.to : undefined
  const search = query.search === undefined ? undefined : loginKey(query.search)
  // The id as the index knows that gives the order: that of search terms, of a role, or of people.
  const byTerm = search !== undefined
  const walked = byTerm ? 'userTerms.userId' : byRole !== undefined && !key ? 'userRoles.userId' : 'users.id'
  const id = sql.ref(walked)
  const found = search === undefined ? [] : foundBy(search)
  const conditions = [...query.where.flatMap(whereSql), ...found, ...within(reach)]
  const page = await keysetPage<ListedRow>(query, { key, id }, ({ where, orderBy, limit, offset }: Span) => {
    let select = db
      .selectFrom('users')
      .selectAll('users')
      .select((key ?? id).$castTo<string | number>().as('sortKey'))
      .$if(search !== undefined, (q) => q.innerJoin('userTerms', 'userTerms.userId', 'users.id') as never)
      .$if(byRole !== undefined, (q) => q.innerJoin('userRoles', 'userRoles.userId', 'users.id') as never)
      .limit(limit)
    if (byRole !== undefined) select = select.where(sql<SqlBool>`${sql.ref('userRoles.roleId')} = ${byRole}`)
    // The place comes first: of two bounds of one column, SQLite walks its index from the first.
    for (const condition of [...where, ...conditions]) select = select.where(condition)
    for (const by of orderBy) select = select.orderBy(by)
    if (offset > 0) select = select.offset(offset)
    return select.execute()
  })
  const rows = page.items.map((row) => without(row, 'sortKey'))
  return { ...page, items: await withRoles(db, rows) }
}
