import { sql, type Kysely, type RawBuilder, type SqlBool } from 'kysely'
import type { Database } from './database.ts'
import type { Row, Schema } from './schema.ts'
import { without } from './without.ts'
import type { Condition, ListPage, ListQuery, Place, Test } from '../listing.ts'

type Sql = RawBuilder<unknown>

/** A stretch of rows to fetch, in an order that an index has. */
export interface Span {
  where: RawBuilder<SqlBool>[]
  orderBy: Sql[]
  limit: number
  offset: number
}

/** What rows are sorted by. Without a key they are sorted by id. */
export interface RowOrder {
  key: Sql | undefined
  id: Sql
}

const literal = (text: string): string => text.replace(/[\\%_]/g, '\\$&')

function testSql(column: Sql, test: Test): RawBuilder<SqlBool> {
  switch (test.is) {
    case 'equal':
      return sql`${column} = ${test.to}`
    case 'oneOf':
      return sql`${column} in (${sql.join(test.values)})`
    case 'like':
      // Both sides lowered by the same function: SQLite knows the case of ASCII letters only.
      return sql`lower(${column}) like lower(${test.parts.map(literal).join('%')}) escape '\\'`
    case 'above':
      return sql`${column} > ${test.than}`
    case 'below':
      return sql`${column} < ${test.than}`
  }
}

/** A condition on a column of `table`. */
export function conditionSql<C extends string>(table: string, condition: Condition<C>): RawBuilder<SqlBool> {
  const column = sql.ref(`${table}.${condition.column}`)
  const holds = testSql(column, condition.test)
  return condition.not ? sql`(${column} is null or not (${holds}))` : holds
}

/** Above every text that begins with a prefix, in the order of code points. */
const LAST = '\u{10FFFF}'

/** Whether a column that is kept in the order of code points begins with `prefix`. */
export const beginsWith = (column: Sql, prefix: string): RawBuilder<SqlBool> =>
  sql`${column} >= ${prefix} and ${column} < ${prefix + LAST}`

/**
 * One page by key. Rows with the same key as the place it starts from are fetched on their own, by id: an engine
 * finds both stretches in an index on (key, id), which it does not for a comparison of pairs with expressions.
 */
export async function keysetPage<R extends { id: number; sortKey: string | number }>(
  query: Pick<ListQuery<string>, 'sort' | 'limit' | 'from' | 'skip'>,
  order: RowOrder,
  fetch: (span: Span) => Promise<R[]>,
): Promise<ListPage<R>> {
  const { from, limit, skip = 0 } = query
  const backwards = from?.direction === 'before'
  const down = query.sort.descending !== backwards
  const inOrder = (by: Sql): Sql => (down ? sql`${by} desc` : sql`${by} asc`)
  const beyond = (by: Sql, value: unknown): RawBuilder<SqlBool> =>
    down ? sql`${by} < ${value}` : sql`${by} > ${value}`
  const { key, id } = order
  const wanted = limit + 1
  const rows: R[] = []
  if (from && key) {
    const where = [sql<SqlBool>`${key} = ${from.key}`, beyond(id, from.id)]
    rows.push(...(await fetch({ where, orderBy: [inOrder(id)], limit: wanted, offset: 0 })))
  }
  if (rows.length < wanted) {
    const where = from ? [key ? beyond(key, from.key) : beyond(id, from.id)] : []
    const orderBy = key ? [inOrder(key), inOrder(id)] : [inOrder(id)]
    rows.push(...(await fetch({ where, orderBy, limit: wanted - rows.length, offset: skip })))
  }
  const items = rows.slice(0, limit)
  if (backwards) items.reverse()
  return { items, ...neighbours(items, from?.direction, rows.length > limit) }
}

const placeOf = (row: { id: number; sortKey: string | number } | undefined): Place | undefined =>
  row && { key: row.sortKey, id: row.id }

/** Whoever comes from a page has that page behind them; ahead is what was fetched too much. */
function neighbours(
  items: readonly { id: number; sortKey: string | number }[],
  direction: 'after' | 'before' | undefined,
  more: boolean,
) {
  return {
    before: (direction === 'before' ? more : direction === 'after') ? placeOf(items[0]) : undefined,
    after: (direction === 'before' ? true : more) ? placeOf(items.at(-1)) : undefined,
  }
}

type ListedRow = Record<string, unknown> & { id: number; sortKey: string | number }

/** One page of a table's rows; every condition and order stands for an index on (column, id), the column never empty. */
export async function listRows<T extends keyof Schema>(
  db: Database,
  table: T,
  query: ListQuery<keyof Row<T> & string>,
): Promise<ListPage<Row<T>>> {
  // Kysely's types need a name where the query is written, and this table is picked at run time.
  const any = db as unknown as Kysely<{ picked: ListedRow }>
  const id = sql.ref<number>(`${table}.id`)
  const key = query.sort.column === 'id' ? undefined : sql.ref(`${table}.${query.sort.column}`)
  const conditions = query.where.map((condition) => conditionSql(table, condition))
  const page = await keysetPage<ListedRow>(query, { key, id }, ({ where, orderBy, limit, offset }) => {
    let select = any.selectFrom(table as 'picked').selectAll(table as 'picked')
    // The place comes first: of two bounds of one column, SQLite walks its index from the first.
    for (const condition of [...where, ...conditions]) select = select.where(condition)
    for (const by of orderBy) select = select.orderBy(by)
    const sortKey = (key ?? id).$castTo<string | number>().as('sortKey')
    if (offset > 0) select = select.offset(offset)
    return select.select(sortKey).limit(limit).execute() as Promise<ListedRow[]>
  })
  return { ...page, items: page.items.map((row) => without(row, 'sortKey') as unknown as Row<T>) }
}
