import { expect, test } from 'vitest'
import { searchTerms } from '../../server/directory/search-terms.ts'
import { userDirectoryStoreSql } from '../../server/directory/user-directory-store-sql.ts'
import { directoryLists } from '../../server/platform/database/list-migrations.ts'
import { openDirectory } from './open-directory.ts'

test('Search terms are what a person is found by, none the beginning of another', () => {
  const terms = (firstname: string, lastname: string, emailKey: string | null, usernameKey: string | null) =>
    searchTerms({ firstname, lastname, emailKey, usernameKey })
  expect(terms('Ada', 'Byron', 'ada@acme.test', 'ada')).toEqual(['ada@acme.test', 'ada byron', 'byron'])
  expect(terms('Ada', 'Adams', null, 'ada')).toEqual(['ada adams', 'adams'])
  expect(terms('', 'Byron', null, 'b')).toEqual(['byron'])
  expect(terms('', '', null, null)).toEqual([])
})

const PEOPLE = [
  { id: 1, email: 'ada@acme.test', firstname: 'Ada', lastname: 'Byron' },
  { id: 2, username: 'Ödön', firstname: 'Ödön', lastname: 'von Horváth' },
]

test('Search terms follow the import of a document', async () => {
  const directory = await openDirectory()
  await directory.import({ account: { subdomain: 'acme', name: 'Acme' }, users: PEOPLE })
  const found = async (search: string) => {
    const sort = { column: 'id', descending: false } as const
    const query = { where: [], search, sort, limit: 9, from: undefined }
    return (await userDirectoryStoreSql(directory.db).list(query)).items.map((user) => user.id)
  }
  expect([await found('byr'), await found('ÖDÖN'), await found('ada@')]).toEqual([[1], [2], [1]])
  await directory.import({ users: [{ id: 1, lastname: 'Lovelace' }] })
  expect([await found('byr'), await found('love'), await found('ada l')]).toEqual([[], [1], [1]])
})

const INDEXES = [
  ...[
    'usersByFirstname',
    'usersByLastname',
    'usersByCreation',
    'usersByUpdate',
    'usersByStatus',
    'usersByGroup',
  ],
  ...['usersByDirectory', 'usersByExternalId', 'usersByManagerAdId', 'usersBySamaccountname'],
  ...['usersByUserprincipalname', 'usersSortedByEmail', 'usersSortedByUsername', 'usersSortedByLogin'],
]

test('Search terms of people who were there before are made when the database is brought up to date', async () => {
  const directory = await openDirectory()
  const users = Array.from({ length: 1203 }, (_, i) => ({
    id: i + 1,
    username: `person-${i}`,
    lastname: `L${i}`,
  }))
  await directory.import({ account: { subdomain: 'acme', name: 'Acme' }, users: [...users] })
  const { db } = directory
  const terms = () => db.selectFrom('userTerms').selectAll().orderBy('userId').orderBy('term').execute()
  const want = await terms()
  expect(want.length).toBe(2406)
  for (const name of INDEXES) await db.schema.dropIndex(name).execute()
  await db.schema.dropTable('userTerms').execute()
  await directoryLists('sqlite').up(db as never)
  expect(await terms()).toEqual(want)
})
