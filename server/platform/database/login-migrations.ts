import { sql, type Kysely, type Migration } from 'kysely'
import type { Engine } from './schema.ts'

/**
 * E-mails and usernames in one column, so that no two people share one in either place. Where two did, it is theirs whose
 * e-mail it is, as it was at sign-in; the other's username is only shown from then on, until they get another.
 */
export const loginNames = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>) {
    const int = engine === 'sqlite' ? ('integer' as const) : ('bigint' as const)
    const table = db.schema
      .createTable('loginNames')
      .addColumn('key', 'text', (c) => c.primaryKey().notNull())
      .addColumn('userId', int, (c) => c.notNull().references('users.id').onDelete('cascade'))
    // SQLite keeps the rows in the index: half of the writing.
    await (engine === 'sqlite' ? table.modifyEnd(sql`without rowid`) : table).execute()
    await sql`insert into "loginNames" ("key", "userId")
      select "emailKey", "id" from "users" where "emailKey" is not null`.execute(db)
    await sql`update "users" set "usernameKey" = null where exists (
      select 1 from "loginNames" n where n."key" = "users"."usernameKey" and n."userId" <> "users"."id")`.execute(
      db,
    )
    await sql`insert into "loginNames" ("key", "userId")
      select "usernameKey", "id" from "users" where "usernameKey" is not null
      and ("emailKey" is null or "usernameKey" <> "emailKey")`.execute(db)
    await db.schema.createIndex('loginNamesByUser').on('loginNames').column('userId').execute()
  },
})
