import { sql, type Kysely, type Migration } from 'kysely'

/** Nobody has two sets of recovery codes, whoever makes new ones at once. */
export const recoveryCodes = (): Migration => ({
  async up(db: Kysely<unknown>) {
    await sql`create unique index "recoveryCodesOnce" on "authenticators" ("userId") where "factor" = 'recovery_code'`.execute(
      db,
    )
  },
})
