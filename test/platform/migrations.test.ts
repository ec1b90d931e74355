import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Kysely } from 'kysely'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase, type Database } from '../../server/platform/database/database.ts'
import { migrations } from '../../server/platform/database/migrations.ts'
import { freshDatabaseUrl } from '../support/postgres.ts'

function sqliteUrl(): string {
  const folder = mkdtempSync(join(tmpdir(), 'doorward-migrations-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return `sqlite:${join(folder, 'doorward.db')}`
}

async function opened(url: string): Promise<Database> {
  const db = await openDatabase(url)
  onTestFinished(() => db.destroy().catch(() => undefined))
  return db
}

/** What Kysely keeps about the changes that were made. */
const done = (db: Database) =>
  db as unknown as Kysely<{ kysely_migration: { name: string; timestamp: string } }>

describe.each([
  ['SQLite', async () => sqliteUrl()],
  ['PostgreSQL', freshDatabaseUrl],
])('the schema, %s', (_engine, newUrl) => {
  test('of a newer program is refused by the name of its change, and left as it is', async () => {
    const url = await newUrl()
    const db = await opened(url)
    const change = { name: '9999-from-the-future', timestamp: new Date(0).toISOString() }
    await done(db).insertInto('kysely_migration').values(change).execute()
    await expect(openDatabase(url)).rejects.toThrow(
      'This database has the schema change "9999-from-the-future", which this version of Doorward does not know.',
    )
    expect(await db.selectFrom('users').selectAll().execute()).toEqual([])
    await done(db).deleteFrom('kysely_migration').where('name', '=', change.name).execute()
    await opened(url)
  })
})

// SQLite waits for its lock inside one call: of two that share a process neither could go on. test/main.test.ts starts two.
test('the schema, PostgreSQL, is made once, whole, by several that start at once', async () => {
  const url = await freshDatabaseUrl()
  const all = await Promise.all(Array.from({ length: 4 }, () => opened(url)))
  const names = await done(all[0]!).selectFrom('kysely_migration').select('name').orderBy('name').execute()
  const known = Object.keys(migrations('postgres')).sort()
  expect(names.map(({ name }) => name)).toEqual(known)
  for (const db of all) expect(await db.selectFrom('users').selectAll().execute()).toEqual([])
})
