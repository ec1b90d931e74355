import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { Kysely, Migrator } from 'kysely'
import { migrations } from './migrations.ts'
import type { Engine, Schema } from './schema.ts'
import { openSqlite, sqliteDialect } from './sqlite-dialect.ts'

export type Database = Kysely<Schema>

/** Opens the database of `sqlite:<path>` (`:memory:` too) and brings its schema up to date. */
export async function openDatabase(url: string): Promise<Database> {
  const path = url.replace(/^sqlite:/, '')
  if (path !== ':memory:') mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const db = new Kysely<Schema>({ dialect: sqliteDialect(openSqlite(path)) })
  try {
    await migrate(db, 'sqlite')
  } catch (cause) {
    await db.destroy()
    throw cause
  }
  return db
}

/** Runs what is missing, in one transaction. A database that is newer than this program is refused by name. */
async function migrate(db: Database, engine: Engine): Promise<void> {
  const known = migrations(engine)
  const migrator = new Migrator({ db, provider: { getMigrations: async () => known } })
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

/** The column or constraint that a unique violation names, `undefined` for any other error. */
export function uniqueViolation(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const sqlite = /UNIQUE constraint failed: (.+)$/.exec(error.message)?.[1]
  if (sqlite) return sqlite
  const { code, constraint } = error as { code?: unknown; constraint?: unknown }
  return code === '23505' && typeof constraint === 'string' ? constraint : undefined
}
