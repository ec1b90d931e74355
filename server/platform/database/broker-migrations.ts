import type { Kysely, Migration } from 'kysely'
import type { Engine } from './schema.ts'

const TEXTS = [
  'clientId',
  'deviceName',
  'keyStorage',
  'jkt',
  'seed',
  'amr',
  'passed',
  'address',
  'lastAddress',
  'userAgent',
]
const NUMBERS = [
  'generation',
  'rotatedAt',
  'epoch',
  'authTime',
  'createdAt',
  'lastUsedAt',
  'longestIdleMs',
  'idleEndsAt',
  'endsAt',
]

/** Command lines that are signed in, each bound to the key of its device: they outlive a restart. */
export const brokerSessions = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>) {
    const sqlite = engine === 'sqlite'
    const int = sqlite ? ('integer' as const) : ('bigint' as const)
    let table = db.schema
      .createTable('brokerSessions')
      .addColumn('id', int, (c) =>
        sqlite ? c.primaryKey().autoIncrement() : c.primaryKey().generatedByDefaultAsIdentity(),
      )
      .addColumn('userId', int, (c) => c.notNull().references('users.id').onDelete('cascade'))
      .addColumn('factorAt', int)
      .addColumn('endedAt', int)
      .addColumn('endReason', 'text')
    for (const name of TEXTS) table = table.addColumn(name, 'text', (c) => c.notNull())
    for (const name of NUMBERS) table = table.addColumn(name, int, (c) => c.notNull())
    await table.execute()
    const index = (name: string, ...columns: string[]) =>
      db.schema.createIndex(name).on('brokerSessions').columns(columns).execute()
    await index('brokerSessionsByUser', 'userId', 'id')
    await index('brokerSessionsByEnd', 'endsAt')
  },
})
