import { sql, type Kysely, type Migration } from 'kysely'
import type { Engine } from './schema.ts'

const int = (engine: Engine) => (engine === 'sqlite' ? ('integer' as const) : ('bigint' as const))

/** An authenticator is offered once its person has proved it; those that exist have been. Temporary MFA tokens. */
export const factorEnrolment = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('authenticators')
      .addColumn('active', int(engine), (c) => c.notNull().defaultTo(1))
      .execute()
    await db.schema
      .createTable('temporaryTokens')
      .addColumn('userId', int(engine), (c) => c.primaryKey().references('users.id').onDelete('cascade'))
      .addColumn('tokenDigest', 'text', (c) => c.notNull())
      .addColumn('reusable', int(engine), (c) => c.notNull())
      .addColumn('expiresAt', int(engine), (c) => c.notNull())
      .execute()
  },
})

/** What events of other programs say beside ours, and the orders in which events are looked for. */
export const eventsInFull = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>) {
    const numbers = ['groupId', 'policyId', 'assumingActingUserId', 'directorySyncRunId', 'directoryId']
    const texts = ['groupName', 'policyName', 'customMessage', 'resolution']
    for (const name of numbers) await db.schema.alterTable('events').addColumn(name, int(engine)).execute()
    for (const name of texts) await db.schema.alterTable('events').addColumn(name, 'text').execute()
    const indexes: [name: string, columns: string[]][] = [
      ['eventsByTime', ['createdAt', 'id']],
      ['eventsByType', ['eventTypeId', 'id']],
      ['eventsByClient', ['clientId', 'id']],
    ]
    for (const [name, columns] of indexes)
      await db.schema.createIndex(name).on('events').columns(columns).execute()
    for (const [name, column] of [
      ['eventsByDirectory', 'directoryId'],
      ['eventsByResolution', 'resolution'],
    ] as const) {
      const index = db.schema.createIndex(name).on('events').columns([column, 'id'])
      await index.where(sql.ref(column), 'is not', null).execute() // hardly any event has one
    }
  },
})

/** Most events are of people at a page or a command line and name no client: they leave that index alone. */
export const eventsOfClients = (): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.dropIndex('eventsByClient').execute()
    const index = db.schema.createIndex('eventsByClient').on('events').columns(['clientId', 'id'])
    await index.where(sql.ref('clientId'), 'is not', null).execute()
  },
})

/** What delegated administrators may do, who holds it, and whose an API credential is. */
export const privileges = (engine: Engine): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('privileges')
      .addColumn('id', 'text', (c) => c.primaryKey())
      .addColumn('name', 'text', (c) => c.notNull())
      .addColumn('description', 'text')
      .addColumn('statements', 'text', (c) => c.notNull())
      .addColumn('createdAt', int(engine), (c) => c.notNull())
      .execute()
    for (const [table, column, target] of [
      ['privilegeRoles', 'roleId', 'roles.id'],
      ['privilegeUsers', 'userId', 'users.id'],
    ] as const) {
      await db.schema
        .createTable(table)
        .addColumn('privilegeId', 'text', (c) => c.notNull().references('privileges.id').onDelete('cascade'))
        .addColumn(column, int(engine), (c) => c.notNull().references(target).onDelete('cascade'))
        .addPrimaryKeyConstraint(`${table}Once`, ['privilegeId', column] as never[])
        .execute()
      await db.schema.createIndex(`${table}By${column}`).on(table).column(column).execute()
    }
    // No foreign key: a credential whose owner was deleted must be known as such, and not turn into one without owner.
    await db.schema.alterTable('apiCredentials').addColumn('ownerUserId', int(engine)).execute()
  },
})

/** Opens the list of a person's apps to other sites. */
export const embedToken = (): Migration => ({
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('account').addColumn('embedTokenHash', 'text').execute()
  },
})
