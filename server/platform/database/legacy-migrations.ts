import type { Kysely, Migration } from 'kysely'
import type { Engine } from './schema.ts'

const int = (engine: Engine) => (engine === 'sqlite' ? ('integer' as const) : ('bigint' as const))

/** The API keys of the v1-v3 resources. */
export const legacyKeys = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('legacyKeys')
      .addColumn('id', int(engine), (c) =>
        engine === 'sqlite' ? c.primaryKey().autoIncrement() : c.primaryKey().generatedByDefaultAsIdentity(),
      )
      .addColumn('name', 'text', (c) => c.notNull().unique())
      .addColumn('keyHash', 'text', (c) => c.notNull().unique())
      .addColumn('scope', 'text', (c) => c.notNull())
      .addColumn('enabled', int(engine), (c) => c.notNull())
      .addColumn('createdAt', int(engine), (c) => c.notNull())
      // No foreign key: a key whose owner was deleted must be known as such, and not turn into one without owner.
      .addColumn('ownerUserId', int(engine))
      .execute()
  },
})
