import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kysely, Migrator } from 'kysely'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { migrations } from '../../server/platform/database/migrations.ts'
import { engineOf, openDatabase, type Database } from '../../server/platform/database/database.ts'
import { postgresDialect } from '../../server/platform/database/postgres-dialect.ts'
import type { Schema } from '../../server/platform/database/schema.ts'
import { openSqlite, sqliteDialect } from '../../server/platform/database/sqlite-dialect.ts'
import { startApp, WORLDS, type TestApp } from '../support/app.ts'
import { freshDatabaseUrl } from '../support/postgres.ts'
import { addPerson } from '../support/store-engines.ts'

async function sqliteFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'doorward-names-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return `sqlite:${join(folder, 'doorward.db')}`
}

/** A database as it was before names to sign in with had a table. */
async function older(url: string): Promise<Database> {
  const path = url.replace(/^sqlite:/, '')
  const dialect = path === url ? postgresDialect(url, () => undefined) : sqliteDialect(openSqlite(path))
  const db = new Kysely<Schema>({ dialect })
  const known = migrations(engineOf(db))
  const migrator = new Migrator({ db, provider: { getMigrations: async () => known } })
  const names = Object.keys(known)
  const { error } = await migrator.migrateTo(names[names.indexOf('0013-login-names') - 1]!)
  expect(error).toBeUndefined()
  return db
}

describe.each([
  ['SQLite', sqliteFile],
  ['PostgreSQL', freshDatabaseUrl],
])('a directory of an older version, %s', (_engine, freshUrl) => {
  test('opens with its names; one that two people had is theirs whose e-mail it is', async () => {
    const url = await freshUrl()
    const before = await older(url)
    const ada = await addPerson(before, 'ada')
    const bob = await addPerson(before, 'bob')
    const same = await addPerson(before, 'same')
    const change = (id: number, columns: { username: string; usernameKey: string }) =>
      before.updateTable('users').set(columns).where('id', '=', id).execute()
    await change(bob, { username: 'Ada@acme.test', usernameKey: 'ada@acme.test' })
    await change(same, { username: 'same@acme.test', usernameKey: 'same@acme.test' })
    await before.destroy()

    const after = await openDatabase(url)
    onTestFinished(() => after.destroy())
    expect(await after.selectFrom('loginNames').selectAll().orderBy('key').execute()).toEqual([
      { key: 'ada', userId: ada },
      { key: 'ada@acme.test', userId: ada },
      { key: 'bob@acme.test', userId: bob },
      { key: 'same@acme.test', userId: same },
    ])
    const shown = await after.selectFrom('users').selectAll().where('id', '=', bob).executeTakeFirstOrThrow()
    expect([shown.username, shown.usernameKey]).toEqual(['Ada@acme.test', null])
  })
})

describe.each(WORLDS)('people who are made at once, %s', (world) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ world })
  })
  afterAll(() => app.close())

  const invalid = (message: string) => ({
    status: {
      error: true,
      code: 422,
      type: 'Unprocessable Entity',
      message: `Validation failed: ${message}`,
    },
  })

  test.each([
    [
      'the same e-mail and username',
      () => ({ email: 'x@acme.test', username: 'x' }),
      ['Email must be unique, Username must be unique'],
    ],
    [
      "the e-mail of some as others' username",
      (i: number) => (i % 2 ? { email: 'y@acme.test' } : { username: 'Y@acme.test' }),
      ['Email must be unique', 'Username must be unique'],
    ],
  ])('with %s are one person, and the others are told why', async (_what, login, messages) => {
    const token = await app.token()
    const create = (i: number) =>
      app.post('/api/1/users', { firstname: 'X', lastname: 'Y', ...login(i) }, token)
    const replies = await Promise.all(Array.from({ length: 20 }, (_, i) => create(i)))
    const refused = replies.filter(({ status }) => status !== 200)
    expect(refused).toHaveLength(19)
    expect(refused.map(({ json }) => json as unknown)).toEqual(
      refused.map(() => expect.toBeOneOf(messages.map(invalid)) as unknown),
    )
  })
})
