import { ownPolicies } from './factor-migrations.ts'
import type { ColumnDefinitionBuilder, CreateTableBuilder, Kysely, Migration } from 'kysely'
import { embedToken, eventsInFull, eventsOfClients, factorEnrolment, privileges } from './api-migrations.ts'
import { recoveryCodes } from './code-migrations.ts'
import { directoryLists } from './list-migrations.ts'
import { loginNames } from './login-migrations.ts'
import { passwordLinks } from './password-migrations.ts'
import { legacyKeys } from './legacy-migrations.ts'
import { brokerSessions } from './broker-migrations.ts'
import { rememberedBrowsers } from './remember-migrations.ts'
import type { Engine } from './schema.ts'

type Define = (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder

const required: Define = (c) => c.notNull()
const zero: Define = (c) => c.notNull().defaultTo(0)

/** Never hands out an id again, not even the one of a deleted row: an old token must not meet a new person. */
const identity =
  (engine: Engine): Define =>
  (c) =>
    engine === 'sqlite' ? c.primaryKey().autoIncrement() : c.primaryKey().generatedByDefaultAsIdentity()

/** Whole numbers: times do not fit 32 bits. SQLite only counts up a column called `integer`. */
const int = (engine: Engine) => (engine === 'sqlite' ? ('integer' as const) : ('bigint' as const))

type Columns = Record<string, 'text' | 'int' | ['text' | 'int', Define]>

function addColumns(engine: Engine, columns: Columns) {
  return <T extends string>(builder: CreateTableBuilder<T>): CreateTableBuilder<T> => {
    let table: CreateTableBuilder<T, string> = builder
    for (const [name, spec] of Object.entries(columns)) {
      const [type, define]: ['text' | 'int', Define] = Array.isArray(spec) ? spec : [spec, (c) => c]
      table = table.addColumn(name, type === 'int' ? int(engine) : 'text', define)
    }
    return table
  }
}

const USER_COLUMNS: Columns = {
  email: ['text', required],
  emailKey: ['text', (c) => c.unique()],
  username: ['text', required],
  usernameKey: ['text', (c) => c.unique()],
  firstname: ['text', required],
  lastname: ['text', required],
  status: ['int', required],
  state: ['int', required],
  groupId: 'int',
  passwordHash: 'text',
  passwordChangedAt: 'int',
  invalidLoginAttempts: ['int', zero],
  invalidLoginSince: 'int',
  lockedUntil: 'int',
  lockReason: 'text',
  lastLogin: 'int',
  activatedAt: 'int',
  invitationSentAt: 'int',
  createdAt: ['int', required],
  updatedAt: ['int', required],
  sessionEpoch: ['int', zero],
  comment: 'text',
  company: 'text',
  department: 'text',
  directoryId: 'int',
  distinguishedName: 'text',
  externalId: 'text',
  localeCode: 'text',
  managerAdId: 'text',
  managerUserId: 'int',
  memberOf: 'text',
  openidName: 'text',
  phone: 'text',
  preferredLocaleCode: 'text',
  samaccountname: 'text',
  title: 'text',
  trustedIdpId: 'int',
  userprincipalname: 'text',
  customAttributes: ['text', (c) => c.notNull().defaultTo('{}')],
}

const EVENT_COLUMNS: Columns = {
  createdAt: ['int', required],
  eventTypeId: ['int', required],
  accountId: ['int', required],
  userId: 'int',
  userName: 'text',
  actorUserId: 'int',
  actorUserName: 'text',
  actorSystem: 'text',
  appId: 'int',
  appName: 'text',
  roleId: 'int',
  roleName: 'text',
  otpDeviceId: 'int',
  otpDeviceName: 'text',
  clientId: 'text',
  ipaddr: 'text',
  notes: 'text',
  errorDescription: 'text',
  requestId: 'text',
}

function directory(engine: Engine): Migration {
  const cascade =
    (target: string): Define =>
    (c) =>
      c.notNull().references(target).onDelete('cascade')
  const tables: Record<string, Columns> = {
    account: {
      id: ['int', (c) => c.primaryKey()],
      subdomain: ['text', required],
      name: ['text', required],
      policy: ['text', required],
      keyCheck: ['text', required],
    },
    groups: { id: ['int', identity(engine)], name: ['text', (c) => c.notNull().unique()], reference: 'text' },
    roles: { id: ['int', identity(engine)], name: ['text', (c) => c.notNull().unique()] },
    users: { id: ['int', identity(engine)], ...USER_COLUMNS },
    userRoles: {
      userId: ['int', cascade('users.id')],
      roleId: ['int', cascade('roles.id')],
      position: ['int', required],
    },
    apps: {
      id: ['int', identity(engine)],
      name: ['text', (c) => c.notNull().unique()],
      connector: ['text', required],
      icon: 'text',
      visible: ['int', required],
      settings: ['text', required],
    },
    appRoles: { appId: ['int', cascade('apps.id')], roleId: ['int', cascade('roles.id')] },
    customAttributes: { name: ['text', (c) => c.primaryKey()], position: ['int', required] },
    brands: {
      name: ['text', (c) => c.primaryKey()],
      settings: ['text', required],
      position: ['int', required],
    },
    authenticators: {
      id: ['int', identity(engine)],
      userId: ['int', cascade('users.id')],
      factor: ['text', required],
      label: ['text', required],
      sealedSecret: 'text',
      isDefault: ['int', zero],
      lastStep: ['int', zero],
      createdAt: ['int', required],
      lastUsedAt: 'int',
    },
    apiCredentials: {
      id: ['int', identity(engine)],
      name: ['text', (c) => c.notNull().unique()],
      clientId: ['text', (c) => c.notNull().unique()],
      clientSecretHash: ['text', required],
      scope: ['text', required],
      enabled: ['int', required],
      createdAt: ['int', required],
    },
    apiTokens: {
      id: ['int', identity(engine)],
      credentialId: ['int', cascade('apiCredentials.id')],
      accessTokenHash: ['text', (c) => c.notNull().unique()],
      refreshTokenHash: ['text', (c) => c.notNull().unique()],
      createdAt: ['int', required],
      expiresAt: ['int', required],
      refreshExpiresAt: ['int', required],
    },
    signingKeys: {
      id: ['int', identity(engine)],
      sealedPrivateKey: ['text', required],
      certificatePem: ['text', required],
      createdAt: ['int', required],
      active: ['int', required],
    },
    events: { id: ['int', identity(engine)], ...EVENT_COLUMNS },
  }
  const indexes: [name: string, table: string, columns: string[], unique?: true][] = [
    ['userRolesOnce', 'userRoles', ['userId', 'roleId'], true],
    ['userRolesByRole', 'userRoles', ['roleId', 'userId']],
    ['appRolesOnce', 'appRoles', ['appId', 'roleId'], true],
    ['appRolesByRole', 'appRoles', ['roleId']],
    ['authenticatorsByUser', 'authenticators', ['userId']],
    ['apiTokensByRefreshEnd', 'apiTokens', ['refreshExpiresAt']],
    ['apiTokensByCredential', 'apiTokens', ['credentialId']],
    ['eventsByUser', 'events', ['userId', 'id']],
  ]
  return {
    async up(db: Kysely<unknown>) {
      for (const [name, columns] of Object.entries(tables)) {
        await addColumns(engine, columns)(db.schema.createTable(name)).execute()
      }
      for (const [name, table, columns, unique] of indexes) {
        const index = db.schema.createIndex(name).on(table).columns(columns)
        await (unique ? index.unique() : index).execute()
      }
    },
  }
}

/** Every change of the schema, oldest first. A migration that has been released is never edited. */
export const migrations = (engine: Engine): Record<string, Migration> => ({
  '0001-directory': directory(engine),
  '0002-factor-enrolment': factorEnrolment(engine),
  '0003-events-in-full': eventsInFull(engine),
  '0004-privileges': privileges(engine),
  '0005-embed-token': embedToken(),
  '0006-directory-lists': directoryLists(engine),
  '0007-password-links': passwordLinks(engine),
  '0009-legacy-keys': legacyKeys(engine),
  '0010-own-policies': ownPolicies(engine),
  '0013-login-names': loginNames(engine),
  '0018-recovery-codes': recoveryCodes(),
  '0019-remembered-browsers': rememberedBrowsers(engine),
  '0020-broker-sessions': brokerSessions(engine),
  '0021-events-of-clients': eventsOfClients(),
})
