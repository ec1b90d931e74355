import { expect, test } from 'vitest'
import { openDatabase, type Database } from '../../server/platform/database/database.ts'
import { prepared } from '../../server/platform/database/prepared.ts'
import { freshDatabaseUrl } from '../support/postgres.ts'

const ENGINES: [string, () => Promise<string>][] = [
  ['SQLite', async () => 'sqlite::memory:'],
  ['PostgreSQL', freshDatabaseUrl],
]

test.each(ENGINES)(
  'a query that is built once is run with the values of each call, on %s',
  async (_name, url) => {
    const db: Database = await openDatabase(await url())
    try {
      let built = 0
      const named = prepared((d, { name, least }: { name: string; least: number | null }) => {
        built++
        return d
          .selectFrom('roles')
          .select(['id', 'name'])
          .where((eb) => eb.or([eb('name', '=', name), eb('id', '>=', least)]))
          .orderBy('id')
      })
      await db
        .insertInto('roles')
        .values([
          { id: 1, name: 'one' },
          { id: 2, name: "o'two" },
        ])
        .execute()
      expect(await named(db, { name: 'one', least: null })).toEqual([{ id: 1, name: 'one' }])
      expect(await named(db, { name: "o'two", least: 1 })).toHaveLength(2)
      await db.transaction().execute(async (tx) => {
        expect(await named(tx, { name: "' or '1'='1", least: null })).toEqual([])
      })
      expect(built).toBe(1)
    } finally {
      await db.destroy()
    }
  },
)
