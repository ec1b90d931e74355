import { CompiledQuery, PostgresQueryCompiler, sql, type KyselyPlugin, type RootOperationNode } from 'kysely'
import { beforeAll, describe, expect, test } from 'vitest'
import { USER_LIST } from '../../server/directory/list-models.ts'
import { userDirectoryStoreSql } from '../../server/directory/user-directory-store-sql.ts'
import { readList } from '../../server/http/api-list.ts'
import { openDatabase, type Database } from '../../server/platform/database/database.ts'
import { freshDatabaseUrl } from '../support/postgres.ts'

const PEOPLE = 20_000

/** Enough people, with statistics, that PostgreSQL would not take an index out of courtesy. */
async function fill(db: Database): Promise<void> {
  await sql`insert into roles (id, name) select n, 'role ' || n from generate_series(1, 200) n`.execute(db)
  await sql`insert into users (id, email, "emailKey", username, "usernameKey", firstname, lastname, status, state,
      "createdAt", "updatedAt", "groupId", "directoryId", "externalId", "managerAdId", samaccountname, userprincipalname)
    select n, 'p' || n || '@acme.test', 'p' || n || '@acme.test', 'p' || n, 'p' || n, 'First' || n % 500, 'Last' || n,
      case when n % 100 = 0 then 2 else 1 end, 1, n * 1000, n * 1000, n % 300, n % 300, 'x' || n, 'm' || n % 300, 's' || n, 'u' || n
    from generate_series(1, ${PEOPLE}::int) n`.execute(db)
  await sql`insert into "userTerms" select id, "emailKey" from users union all select id, lower(lastname) from users`.execute(
    db,
  )
  await sql`insert into "userRoles" select id, 1 + id % 200, 0 from users`.execute(db)
  await sql`analyze`.execute(db)
}

interface Plan {
  'Node Type': string
  'Relation Name'?: string
  Plans?: Plan[]
}

/** Every step of the plans for what `ask` asks. */
async function stepsOf(db: Database, ask: (db: Database) => Promise<unknown>): Promise<string[]> {
  const asked: RootOperationNode[] = []
  const watch: KyselyPlugin = {
    transformQuery: ({ node }) => {
      asked.push(node)
      return node
    },
    transformResult: async ({ result }) => result,
  }
  await ask(db.withPlugin(watch))
  const compiler = new PostgresQueryCompiler()
  const steps: string[] = []
  const visit = (plan: Plan): void => {
    steps.push(`${plan['Node Type']} ${plan['Relation Name'] ?? ''}`.trim())
    plan.Plans?.forEach(visit)
  }
  for (const node of asked) {
    const { sql: text, parameters } = compiler.compileQuery(node, { queryId: 'plan' })
    const explain = CompiledQuery.raw(`explain (format json) ${text}`, [...parameters])
    const { rows } = await db.executeQuery<{ 'QUERY PLAN': { Plan: Plan }[] }>(explain)
    rows.forEach((row) => row['QUERY PLAN'].forEach(({ Plan: plan }) => visit(plan)))
  }
  return steps
}

/** Reads all people, or puts more than a page in order. `withRoles` sorts the roles of one page. */
const isCostly = (step: string) => /^Seq Scan (users|userTerms|userRoles)$/.test(step)

async function pageOf(db: Database, query: Record<string, string>, from?: 'after' | 'before') {
  const { query: list } = readList(USER_LIST, query)
  const { column } = list.sort
  const key =
    query.search !== undefined ? 'p1' : column === 'id' ? 9000 : /At$|Login$/.test(column) ? 9_000_000 : 'p5'
  return userDirectoryStoreSql(db).list({ ...list, from: from && { key, id: 9000, direction: from } })
}

describe('A page of people, PostgreSQL, is found by an index and not by reading everybody,', () => {
  let db: Database
  beforeAll(async () => {
    db = await openDatabase(await freshDatabaseUrl())
    await fill(db)
    return () => db.destroy()
  })

  const QUERIES: Record<string, string>[] = [
    {},
    { email: 'p77@acme.test' },
    { username: 'p77' },
    { firstname: 'First7' },
    { lastname: 'Last77' },
    { status: '2' },
    { group_id: '7' },
    { directory_id: '7' },
    { external_id: 'x77' },
    { manager_ad_id: 'm7' },
    { samaccountname: 's77' },
    { userprincipalname: 'u77' },
    { id: '1,2,3' },
    { role_id: '7' },
    { since: '1970-01-01T03:00:00Z' },
    { until: '1970-01-01T03:00:00Z' },
    { since: '1970-01-01T03:00:00Z', until: '1970-01-01T03:00:10Z' },
    { search: 'p7' },
    { email: 'p77*' },
    { email: '!p77@acme.test' },
    { sort: '+email' },
    { sort: '-email' },
    { sort: '+username' },
    { sort: '-username' },
    { sort: '+firstname' },
    { sort: '-lastname' },
    { sort: '+created_at' },
    { sort: '-created_at' },
    { sort: '-updated_at' },
    { sort: '+last_login' },
    { sort: '-last_login' },
  ]
  for (const query of QUERIES) {
    test.each([undefined, 'after', 'before'] as const)(
      `by ${JSON.stringify(query)}, %s a place`,
      async (from) => {
        const steps = await stepsOf(db, (watched) => pageOf(watched, query, from))
        expect(steps.filter(isCostly)).toEqual([])
      },
    )
  }
})
