import { expect, onTestFinished, test } from 'vitest'
import { openDatabase, type Database } from '../../server/platform/database/database.ts'
import { prepared } from '../../server/platform/database/prepared.ts'
import { freshDatabaseUrl } from '../support/postgres.ts'

const ENGINES: [string, () => Promise<string>][] = [
  ['SQLite', async () => 'sqlite::memory:'],
  ['PostgreSQL', freshDatabaseUrl],
]

async function opened(url: () => Promise<string>): Promise<Database> {
  const db = await openDatabase(await url())
  onTestFinished(() => db.destroy())
  return db
}

test.each(ENGINES)(
  'a query that is built once is run with the values of each call, on %s',
  async (_name, url) => {
    const db = await opened(url)
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
  },
)

test.each(ENGINES)(
  'a list may have any length, and is never taken for one of another length, on %s',
  async (_name, url) => {
    const db = await opened(url)
    let built = 0
    const among = prepared((d, { ids, least }: { ids: readonly number[]; least: number }) => {
      built++
      return d.selectFrom('roles').select('id').where('id', 'in', ids).where('id', '>=', least).orderBy('id')
    })
    const ids = Array.from({ length: 50 }, (_one, i) => i + 1)
    await db
      .insertInto('roles')
      .values(ids.map((id) => ({ id, name: `role ${id}` })))
      .execute()
    for (const length of [1, 2, 50, 2, 1, 33, 32, 50]) {
      const asked = ids.slice(-length)
      const found = await among(db, { ids: asked, least: 1 })
      expect(found.map(({ id }) => id)).toEqual(asked)
    }
    expect(built).toBe(3 + 3) // for 1, 2 and 32 once; for the long ones each time
  },
)
