import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Kysely, Migrator, PostgresAdapter, sql, type Dialect } from 'kysely'
import { migrations } from './migrations.ts'
import type { Engine, Schema } from './schema.ts'
import { openSqlite, sqliteDialect } from './sqlite-dialect.ts'

export type Database = Kysely<Schema>

const ignore = () => undefined

/**
 * Opens the database of `sqlite:<path>` (`:memory:` too) or `postgres://…` and brings its schema up to date.
 * `onError` hears of idle connections that died.
 */
export async function openDatabase(url: string, onError: (error: Error) => void = ignore): Promise<Database> {
  const db = new Kysely<Schema>({ dialect: await dialectOf(url, onError) })
  try {
    await migrate(db)
  } catch (cause) {
    await db.destroy()
    throw cause
  }
  return db
}

async function dialectOf(url: string, onError: (error: Error) => void): Promise<Dialect> {
  if (/^postgres(ql)?:/.test(url)) {
    const { postgresDialect } = await import('./postgres-dialect.ts')
    return postgresDialect(url, onError)
  }
  const path = url.replace(/^sqlite:/, '')
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  return sqliteDialect(openSqlite(path))
}

/** Which engine is behind it, for the few places where the two differ. */
export const engineOf = (db: Database): Engine =>
  db.getExecutor().adapter instanceof PostgresAdapter ? 'postgres' : 'sqlite'

/** Runs what is missing, in one transaction under a lock. A database that is newer than this program is refused by name. */
async function migrate(db: Database): Promise<void> {
  const known = migrations(engineOf(db))
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => known },
    nameComparator: (a, b) => (a < b ? -1 : Number(a > b)), // by language, as is usual, loads all languages first
  })
  const { error } = await migrator.migrateToLatest()
  if (error === undefined) return
  const text = error instanceof Error ? error.message : JSON.stringify(error)
  const missing = /previously executed migration (\S+) is missing/.exec(text)?.[1]
  if (missing) {
    throw new Error(
      `This database has the schema change "${missing}", which this version of Doorward does not know. ` +
        'Start the version that made it, or a newer one.',
    )
  }
  throw error instanceof Error ? error : new Error(text)
}

/**
 * After a row was added under an id of its own: PostgreSQL must not hand that id out again, nor any below it. SQLite
 * sees to that by itself.
 */
export async function keepIdsAhead(db: Database, table: keyof Schema): Promise<void> {
  if (engineOf(db) === 'sqlite') return
  const name = sql.lit(`"${table}"`)
  const sequence = sql`pg_get_serial_sequence(${name}, 'id')`
  // Never backwards: the highest rows may have been deleted, and an id of theirs must not come back.
  const highest = sql`greatest((select max(id) from ${sql.table(table)}), nextval(${sequence}))`
  await sql`select setval(${sequence}, ${highest})`.execute(db)
}

/** The column or constraint that a unique violation names, `undefined` for any other error. */
export function uniqueViolation(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const sqlite = /UNIQUE constraint failed: (.+)$/.exec(error.message)?.[1]
  if (sqlite) return sqlite
  const { code, constraint } = error as { code?: unknown; constraint?: unknown }
  return code === '23505' && typeof constraint === 'string' ? constraint : undefined
}

/** PostgreSQL gave up a transaction that ran into another one; run again as a whole, it may pass. */
const isCollision = (error: unknown): boolean =>
  error instanceof Error && ['40001', '40P01'].includes(String((error as { code?: unknown }).code))

/** Tries of a transaction that others ran into. */
const COLLISIONS = 5

/** Does `work` in one transaction; where others ran into it, again as a whole. */
export async function inTransaction<T>(db: Database, work: (tx: Database) => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      if (tries === COLLISIONS || !isCollision(error)) throw error
    }
  }
}
