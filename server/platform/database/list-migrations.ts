import { sql, type Kysely, type Migration, type RawBuilder } from 'kysely'
import type { Engine } from './schema.ts'

const PEOPLE_AT_ONCE = 500

/** Filters and orders of the lists of people: each ends in the id, which tells equal values apart. */
const USER_INDEXES: [name: string, columns: string[], sparse?: true][] = [
  ['usersByFirstname', ['firstname', 'id']],
  ['usersByLastname', ['lastname', 'id']],
  ['usersByCreation', ['createdAt', 'id']],
  ['usersByUpdate', ['updatedAt', 'id']],
  ['usersByStatus', ['status', 'id']],
  ['usersByGroup', ['groupId', 'id'], true],
  ['usersByDirectory', ['directoryId', 'id'], true],
  ['usersByExternalId', ['externalId', 'id'], true],
  ['usersByManagerAdId', ['managerAdId', 'id'], true],
  ['usersBySamaccountname', ['samaccountname', 'id'], true],
  ['usersByUserprincipalname', ['userprincipalname', 'id'], true],
]

/** Columns that may be empty sort as if they held this, so that both engines agree where nothing stands. */
const SORTED_WITH_EMPTY: [name: string, column: string, empty: RawBuilder<unknown>][] = [
  ['usersSortedByEmail', 'emailKey', sql`''`],
  ['usersSortedByUsername', 'usernameKey', sql`''`],
  ['usersSortedByLogin', 'lastLogin', sql`0`],
]

interface Person {
  id: number
  emailKey: string | null
  usernameKey: string | null
  firstname: string
  lastname: string
}

/** As the directory wrote them when this was made. */
function termsOf({ emailKey, usernameKey, firstname, lastname }: Person): string[] {
  const key = (text: string) => text.normalize('NFKC').trim().toLowerCase()
  const all = [emailKey ?? '', usernameKey ?? '', key(`${firstname} ${lastname}`), key(lastname)]
  return [...new Set(all)].filter(
    (term) => term !== '' && !all.some((other) => other !== term && other.startsWith(term)),
  )
}

async function fillTerms(db: Kysely<{ users: Person; userTerms: { userId: number; term: string } }>) {
  for (let after = 0; ;) {
    const people = await db
      .selectFrom('users')
      .select(['id', 'emailKey', 'usernameKey', 'firstname', 'lastname'])
      .where('id', '>', after)
      .orderBy('id')
      .limit(PEOPLE_AT_ONCE)
      .execute()
    const rows = people.flatMap((person) => termsOf(person).map((term) => ({ userId: person.id, term })))
    if (rows.length > 0) await db.insertInto('userTerms').values(rows).execute()
    if (people.length < PEOPLE_AT_ONCE) return
    after = people.at(-1)!.id
  }
}

/** What people are looked for by, in the order of code points; and an index for every filter and order of the lists. */
export const directoryLists = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('userTerms')
      .addColumn('userId', engine === 'sqlite' ? 'integer' : 'bigint', (c) =>
        c.notNull().references('users.id').onDelete('cascade'),
      )
      .addColumn('term', engine === 'sqlite' ? 'text' : sql`text collate "C"`, (c) => c.notNull())
      .addPrimaryKeyConstraint('userTermsOnce', ['userId', 'term'] as never[])
      .execute()
    await db.schema.createIndex('userTermsByTerm').on('userTerms').columns(['term', 'userId']).execute()
    for (const [name, columns, sparse] of USER_INDEXES) {
      const index = db.schema.createIndex(name).on('users').columns(columns)
      await (sparse ? index.where(sql.ref(columns[0]!), 'is not', null) : index).execute()
    }
    for (const [name, column, empty] of SORTED_WITH_EMPTY) {
      const key = sql`(coalesce(${sql.ref(column)}, ${empty})), ${sql.ref('id')}`
      await db.schema.createIndex(name).on('users').expression(key).execute()
    }
    await fillTerms(db)
  },
})
