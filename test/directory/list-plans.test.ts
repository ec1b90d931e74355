import { CompiledQuery, SqliteQueryCompiler, type KyselyPlugin, type RootOperationNode } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { USER_LIST } from '../../server/directory/list-models.ts'
import { userDirectoryStoreSql } from '../../server/directory/user-directory-store-sql.ts'
import { readList } from '../../server/http/api-list.ts'
import { openDatabase, type Database } from '../../server/platform/database/database.ts'
import type { ListPage } from '../../server/platform/listing.ts'

/** How SQLite would answer what `ask` asks: one line a step. */
async function plansOf(db: Database, ask: (db: Database) => Promise<unknown>): Promise<string[]> {
  const asked: RootOperationNode[] = []
  const watch: KyselyPlugin = {
    transformQuery: ({ node }) => {
      asked.push(node)
      return node
    },
    transformResult: async ({ result }) => result,
  }
  await ask(db.withPlugin(watch))
  const compiler = new SqliteQueryCompiler()
  const steps: string[] = []
  for (const node of asked) {
    const { sql, parameters } = compiler.compileQuery(node, { queryId: 'plan' })
    const plan = CompiledQuery.raw(`explain query plan ${sql}`, [...parameters])
    const { rows } = await db.executeQuery<{ detail: string }>(plan)
    steps.push(...rows.map((row) => row.detail))
  }
  return steps
}

/** A step that reads a whole table, or sorts what it found. */
const isCostly = (step: string) => /^SCAN (?!.* USING )|TEMP B-TREE/.test(step)

async function pageOf(db: Database, query: Record<string, string>, from?: 'after' | 'before') {
  const { query: list } = readList(USER_LIST, query)
  const place = { key: list.sort.column === 'id' ? 8 : placeKey(list.sort.column), id: 8 }
  const key = query.search === undefined ? place.key : 'ada'
  return userDirectoryStoreSql(db).list({ ...list, from: from && { ...place, key, direction: from } })
}
const placeKey = (column: string) => (/At$|Login$/.test(column) ? 1000 : 'ada')

describe('A page of people', () => {
  let db: Database
  beforeAll(async () => {
    db = await openDatabase('sqlite::memory:')
    return () => db.destroy()
  })

  const BY_INDEX: [Record<string, string>, steps: RegExp][] = [
    [{}, /SCAN users USING INTEGER PRIMARY KEY|SEARCH users USING INTEGER PRIMARY KEY|^SCAN users$/],
    [{ email: 'a@acme.test' }, /emailKey/],
    [{ username: 'ada' }, /usernameKey/],
    [{ firstname: 'Ada' }, /usersByFirstname/],
    [{ lastname: 'Byron' }, /usersByLastname/],
    [{ status: '2' }, /usersByStatus/],
    [{ group_id: '1' }, /usersByGroup/],
    [{ directory_id: '1' }, /usersByDirectory/],
    [{ external_id: 'x' }, /usersByExternalId/],
    [{ manager_ad_id: 'x' }, /usersByManagerAdId/],
    [{ samaccountname: 'x' }, /usersBySamaccountname/],
    [{ userprincipalname: 'x' }, /usersByUserprincipalname/],
    [{ id: '1,2,3' }, /SEARCH users USING INTEGER PRIMARY KEY/],
    [{ role_id: '1' }, /SEARCH userRoles USING .*userRolesByRole/],
    [{ since: '2029-01-01' }, /usersByCreation/],
    [{ until: '2029-01-01' }, /usersByCreation/],
    [{ search: 'ad' }, /SEARCH userTerms USING .*userTermsByTerm/],
    [{ email: 'ad*' }, /SEARCH userTerms USING .*userTermsByTerm/],
    [{ since: '2029-01-01', until: '2029-02-01' }, /usersByCreation/],
    [{ sort: 'email' }, /usersSortedByEmail/],
    [{ sort: '-email' }, /usersSortedByEmail/],
    [{ sort: 'username' }, /usersSortedByUsername/],
    [{ sort: '-firstname' }, /usersByFirstname/],
    [{ sort: 'lastname' }, /usersByLastname/],
    [{ sort: '-created_at' }, /usersByCreation/],
    [{ sort: 'updated_at' }, /usersByUpdate/],
    [{ sort: '-last_login' }, /usersSortedByLogin/],
    [{ sort: '-username' }, /usersSortedByUsername/],
    [{ sort: 'firstname' }, /usersByFirstname/],
    [{ sort: '-lastname' }, /usersByLastname/],
    [{ sort: 'created_at' }, /usersByCreation/],
    [{ sort: '-updated_at' }, /usersByUpdate/],
    [{ sort: 'last_login' }, /usersSortedByLogin/],
  ]

  describe.each(BY_INDEX)('by %j', (query, expected) => {
    test.each([undefined, 'after', 'before'] as const)(
      'reads an index and sorts nothing, %s a place',
      async (from) => {
        const steps = await plansOf(db, (watched) => pageOf(watched, query, from))
        const first = from === undefined && Object.keys(query).length === 0
        expect(steps.filter((step) => isCostly(step) && !(first && step === 'SCAN users'))).toEqual([])
        expect(steps.some((step) => expected.test(step))).toBe(true)
      },
    )
  })

  // No index knows who ends in something, or is not somebody: people are walked in the page's order until it is full.
  test.each<Record<string, string>>([
    { email: '*@acme.test' },
    { email: '!ada@acme.test' },
    { username: '!*a' },
    { company: 'x*' },
    { external_id: 'x*' },
    { role_id: '!1' },
    { sort: '-email', firstname: '!Ada' },
  ])('by %j walks people in their order, and sorts nothing', async (query) => {
    for (const from of [undefined, 'after', 'before'] as const) {
      const steps = await plansOf(db, (watched) => pageOf(watched, query, from))
      expect(steps.filter((step) => step.includes('TEMP B-TREE'))).toEqual([])
    }
  })

  test('asks as many questions behind a million people as behind one', async () => {
    const asked: number[] = []
    for (const id of [1, 1_000_000]) {
      const page = (watched: Database): Promise<ListPage<unknown>> =>
        userDirectoryStoreSql(watched).list({
          ...readList(USER_LIST, {}).query,
          from: { key: id, id, direction: 'after' },
        })
      asked.push((await plansOf(db, page)).length)
    }
    expect(asked[0]).toBe(asked[1])
  })
})
