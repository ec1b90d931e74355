import type { Database } from '../platform/database/database.ts'
import { insertRows } from '../platform/database/insert-rows.ts'
import type { RowPatch } from '../platform/database/schema.ts'
import { searchTerms, type Searchable } from './search-terms.ts'
import { LoginTaken, type TakenLogin } from './user-record.ts'

/** What a person signs in with, as it is compared. */
export type LoginKeys = Pick<Searchable, 'emailKey' | 'usernameKey'>
type NamedPerson = Searchable & { id: number }

/** In one order for everybody, so that no two wait for each other. */
const keysOf = ({ emailKey, usernameKey }: LoginKeys): string[] =>
  [...new Set([emailKey, usernameKey])].filter((key) => key != null).sort()

/** The names that new people sign in with and are found by; some that are taken are an error of the database. */
export async function addNames(db: Database, people: readonly NamedPerson[]): Promise<void> {
  const rowsOf = <R>(make: (person: NamedPerson) => R[]) => people.flatMap(make)
  await insertRows(
    db,
    'loginNames',
    rowsOf((person) => keysOf(person).map((key) => ({ key, userId: person.id }))),
  )
  await insertRows(
    db,
    'userTerms',
    rowsOf((person) => searchTerms(person).map((term) => ({ userId: person.id, term }))),
  )
}

/** Writes columns of which some are names; of racing callers one gets a name. @throws LoginTaken */
export async function rename(db: Database, userId: number, columns: RowPatch<'users'>): Promise<void> {
  await claimLogin(db, userId, columns)
  await db.updateTable('users').set(columns).where('id', '=', userId).execute()
  await writeSearchTerms(db, userId)
}

/**
 * Makes names theirs, and lets go of those that they had, before their row says so: it leaves the transaction whole, so
 * that whoever is too late can be told which name it was.
 */
async function claimLogin(db: Database, userId: number, change: LoginKeys): Promise<void> {
  const before = await db
    .selectFrom('users')
    .select(['emailKey', 'usernameKey'])
    .where('id', '=', userId)
    .executeTakeFirst()
  if (!before) return
  const after = { ...before, ...pick(change) }
  const wanted = keysOf(after)
  const old = keysOf(before).filter((key) => !wanted.includes(key))
  if (old.length > 0)
    await db.deleteFrom('loginNames').where('userId', '=', userId).where('key', 'in', old).execute()
  const added = wanted.filter((key) => !keysOf(before).includes(key))
  if (added.length === 0) return
  await db
    .insertInto('loginNames')
    .values(added.map((key) => ({ key, userId })))
    .onConflict((conflict) => conflict.column('key').doNothing())
    .execute()
  const taken = await takenOf(db, after, userId)
  if (taken.length > 0) throw new LoginTaken(taken)
}

const pick = ({ emailKey, usernameKey }: LoginKeys): LoginKeys => ({
  ...(emailKey !== undefined && { emailKey }),
  ...(usernameKey !== undefined && { usernameKey }),
})

/** Which of these names somebody other than `exceptId` signs in with. */
export async function takenOf(
  db: Database,
  { emailKey, usernameKey }: LoginKeys,
  exceptId: number,
): Promise<TakenLogin[]> {
  const keys = keysOf({ emailKey, usernameKey })
  if (keys.length === 0) return []
  const rows = await db
    .selectFrom('loginNames')
    .select('key')
    .where('key', 'in', keys)
    .where('userId', '!=', exceptId)
    .execute()
  const taken = new Set<string | null | undefined>(rows.map(({ key }) => key))
  const named = { email: emailKey, username: usernameKey }
  return (['email', 'username'] as const).filter((name) => taken.has(named[name]))
}

/** Brings a person's search terms up to date with their names. */
async function writeSearchTerms(db: Database, userId: number): Promise<void> {
  const names = await db
    .selectFrom('users')
    .select(['emailKey', 'usernameKey', 'firstname', 'lastname'])
    .where('id', '=', userId)
    .executeTakeFirst()
  const wanted = new Set(names && searchTerms(names))
  const before = await db.selectFrom('userTerms').select('term').where('userId', '=', userId).execute()
  const gone = before.map(({ term }) => term).filter((term) => !wanted.delete(term))
  if (gone.length > 0)
    await db.deleteFrom('userTerms').where('userId', '=', userId).where('term', 'in', gone).execute()
  if (wanted.size === 0) return
  await db
    .insertInto('userTerms')
    .values([...wanted].map((term) => ({ userId, term })))
    .execute()
}
