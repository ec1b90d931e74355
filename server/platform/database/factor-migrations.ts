import type { Kysely, Migration } from 'kysely'
import type { Engine } from './schema.ts'

/** Groups and apps with rules of their own, and sign-ins of grace until a factor is set up. */
export const ownPolicies = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>) {
    for (const table of ['groups', 'apps'])
      await db.schema.alterTable(table).addColumn('policy', 'text').execute()
    await db.schema
      .alterTable('users')
      .addColumn('graceUsed', engine === 'sqlite' ? 'integer' : 'bigint', (c) => c.notNull().defaultTo(0))
      .execute()
  },
})
