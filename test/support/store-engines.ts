import { onTestFinished } from 'vitest'
import { openDatabase, type Database } from '../../server/platform/database/database.ts'
import { freshDatabaseUrl } from './postgres.ts'

/** Every engine that the SQL stores run on, each opening an empty database that its test gives back. */
export const STORE_ENGINES: [name: string, open: () => Promise<Database>][] = [
  ['SQLite', () => opened('sqlite::memory:')],
  ['PostgreSQL', async () => opened(await freshDatabaseUrl())],
]

async function opened(url: string): Promise<Database> {
  const db = await openDatabase(url)
  onTestFinished(() => db.destroy())
  return db
}

/** Adds a person of whom nothing but the name matters. */
export async function addPerson(db: Database, name: string): Promise<number> {
  const row = {
    email: `${name}@acme.test`,
    emailKey: `${name}@acme.test`,
    username: name,
    usernameKey: name,
    firstname: name,
    lastname: '',
    status: 1,
    state: 1,
    createdAt: 0,
    updatedAt: 0,
  }
  return (await db.insertInto('users').values(row).returning('id').executeTakeFirstOrThrow()).id
}
