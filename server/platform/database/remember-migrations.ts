import type { Kysely, Migration } from 'kysely'
import type { Engine } from './schema.ts'

/** Browsers in which people are not asked for their second factor for a while: they outlive a restart. */
export const rememberedBrowsers = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>) {
    const sqlite = engine === 'sqlite'
    const int = sqlite ? ('integer' as const) : ('bigint' as const)
    await db.schema
      .createTable('rememberedBrowsers')
      .addColumn('id', int, (c) =>
        sqlite ? c.primaryKey().autoIncrement() : c.primaryKey().generatedByDefaultAsIdentity(),
      )
      .addColumn('userId', int, (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('tokenHash', 'text', (c) => c.notNull().unique())
      .addColumn('epoch', int, (c) => c.notNull())
      .addColumn('rules', 'text', (c) => c.notNull())
      .addColumn('factor', 'text', (c) => c.notNull())
      .addColumn('network', 'text', (c) => c.notNull())
      .addColumn('address', 'text', (c) => c.notNull())
      .addColumn('userAgent', 'text', (c) => c.notNull())
      .addColumn('createdAt', int, (c) => c.notNull())
      .addColumn('lastUsedAt', int, (c) => c.notNull())
      .addColumn('endsAt', int, (c) => c.notNull())
      .execute()
    await db.schema
      .createIndex('rememberedBrowsersByUser')
      .on('rememberedBrowsers')
      .columns(['userId', 'lastUsedAt'])
      .execute()
  },
})
