import type { Kysely, Migration } from 'kysely'
import type { Engine } from './schema.ts'

/** Links in letters, by which people choose a password: invitations outlive a restart. */
export const passwordLinks = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>) {
    const int = engine === 'sqlite' ? ('integer' as const) : ('bigint' as const)
    await db.schema
      .createTable('passwordLinks')
      .addColumn('userId', int, (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('purpose', 'text', (c) => c.notNull())
      .addColumn('tokenHash', 'text', (c) => c.notNull().unique())
      .addColumn('epoch', int, (c) => c.notNull())
      .addColumn('expiresAt', int, (c) => c.notNull())
      .addPrimaryKeyConstraint('passwordLinksOnce', ['userId', 'purpose'] as never[])
      .execute()
  },
})
