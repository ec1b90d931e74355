import { sql } from 'kysely'
import { engineOf, type Database } from './database.ts'
import type { Schema } from './schema.ts'

/** Ids that no row of this table ever had, in order. SQLite counts them in a table of its own, PostgreSQL in a sequence. */
export async function newIds(db: Database, table: keyof Schema, count: number): Promise<number[]> {
  if (count === 0) return []
  if (engineOf(db) === 'sqlite') {
    await keepIdsAbove(db, table, 0)
    const counted = sql<{
      seq: number
    }>`update sqlite_sequence set seq = seq + ${count} where name = ${table} returning seq`
    const last = (await counted.execute(db)).rows[0]!.seq
    return Array.from({ length: count }, (_, i) => last - count + 1 + i)
  }
  const sequence = sql`pg_get_serial_sequence(${sql.lit(`"${table}"`)}, 'id')`
  const drawn = sql<{ id: number }>`select nextval(${sequence}) as id from generate_series(1, ${count}::int)`
  return (await drawn.execute(db)).rows.map(({ id }) => id)
}

/** From now on `newIds`, and rows added without an id, get ids above this one. */
export async function keepIdsAbove(db: Database, table: keyof Schema, id: number): Promise<void> {
  if (engineOf(db) === 'sqlite') {
    await sql`insert into sqlite_sequence (name, seq) select ${table}, 0
      where not exists (select 1 from sqlite_sequence where name = ${table})`.execute(db)
    await sql`update sqlite_sequence set seq = max(seq, ${id}) where name = ${table}`.execute(db)
  } else if (id > 0) {
    const sequence = sql`pg_get_serial_sequence(${sql.lit(`"${table}"`)}, 'id')`
    await sql`select setval(${sequence}, greatest(${id}::bigint, nextval(${sequence})))`.execute(db)
  }
}
