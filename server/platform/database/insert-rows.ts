import { CompiledQuery } from 'kysely'
import { engineOf, type Database } from './database.ts'
import type { NewRow, Schema } from './schema.ts'

/** Values of one statement; SQLite takes 32,766, PostgreSQL 65,535, and neither gets faster beyond this. */
const MAX_VALUES = 5000

/**
 * Adds many rows. Written by hand, since building the statement took longer than running it; rows that have the same
 * columns go together, so whoever has many gives them all the same.
 */
export async function insertRows<T extends keyof Schema>(
  db: Database,
  table: T,
  rows: readonly NewRow<T>[],
): Promise<void> {
  const alike = new Map<string, Record<string, unknown>[]>()
  for (const row of rows as readonly Record<string, unknown>[]) {
    const shape = Object.keys(row).join()
    const group = alike.get(shape)
    if (group) group.push(row)
    else alike.set(shape, [row])
  }
  for (const group of alike.values()) {
    const columns = Object.keys(group[0]!)
    const atOnce = Math.max(1, Math.floor(MAX_VALUES / columns.length))
    for (let i = 0; i < group.length; i += atOnce) {
      const slice = group.slice(i, i + atOnce)
      const values = slice.flatMap((row) => columns.map((column) => row[column] ?? null))
      await db.executeQuery(CompiledQuery.raw(insertSql(db, table, columns, slice.length), values))
    }
  }
}

function insertSql(db: Database, table: string, columns: readonly string[], rows: number): string {
  const numbered = engineOf(db) === 'postgres'
  let next = 0
  const row = () => `(${columns.map(() => (numbered ? `$${++next}` : '?')).join()})`
  const names = columns.map((column) => `"${column}"`).join()
  return `insert into "${table}" (${names}) values ${Array.from({ length: rows }, row).join()}`
}
