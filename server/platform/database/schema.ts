import type { BrokerSessionTable, PasswordLinkTable, RememberedBrowserTable } from './access-schema.ts'
import type { ColumnType, Generated, Insertable, Selectable, Updateable } from 'kysely'

/** The database servers and libraries that hold this schema. */
export type Engine = 'sqlite' | 'postgres'

/** Milliseconds since the epoch, UTC; every time in the database. */
type Time = number
/** 0 or 1: SQLite has no boolean. */
type Flag = number
type NullableText = ColumnType<string | null, string | null | undefined>
type NullableInt = ColumnType<number | null, number | null | undefined>

/** One row: the company, its policy as JSON. */
export interface AccountTable {
  id: number
  subdomain: string
  name: string
  policy: string
  /** Encrypted under the master key; opens only with the key this database was made with. */
  keyCheck: string
  /** SHA-256, hex, of the token that opens `/client/apps/embed2`; null: nothing does. */
  embedTokenHash: NullableText
}

export interface UserTable {
  id: Generated<number>
  email: string
  /** The e-mail as it is compared: NFKC, trimmed, lower case; null when there is none. Unique. */
  emailKey: NullableText
  username: string
  usernameKey: NullableText
  firstname: string
  lastname: string
  status: number
  state: number
  groupId: NullableInt
  passwordHash: NullableText
  passwordChangedAt: NullableInt
  invalidLoginAttempts: ColumnType<number, number | undefined>
  /** When the first of the counted failures happened: after a day they are forgotten. */
  invalidLoginSince: NullableInt
  lockedUntil: NullableInt
  /** `guessing` when failed sign-ins locked it, `administrator` when a person did. */
  lockReason: NullableText
  lastLogin: NullableInt
  activatedAt: NullableInt
  invitationSentAt: NullableInt
  createdAt: Time
  updatedAt: Time
  /** Goes up when every session and half-done attempt of this person must end. */
  sessionEpoch: ColumnType<number, number | undefined>
  /** Sign-ins without the factor that is required, out of those that the policy grants. */
  graceUsed: ColumnType<number, number | undefined>
  comment: NullableText
  company: NullableText
  department: NullableText
  directoryId: NullableInt
  distinguishedName: NullableText
  externalId: NullableText
  localeCode: NullableText
  managerAdId: NullableText
  managerUserId: NullableInt
  memberOf: NullableText
  openidName: NullableText
  phone: NullableText
  preferredLocaleCode: NullableText
  samaccountname: NullableText
  title: NullableText
  trustedIdpId: NullableInt
  userprincipalname: NullableText
  /** JSON object, short name -> text. */
  customAttributes: ColumnType<string, string | undefined>
}

export interface GroupTable {
  id: Generated<number>
  name: string
  reference: NullableText
  /** JSON: the rules that it has of its own. */
  policy: NullableText
}

export interface RoleTable {
  id: Generated<number>
  name: string
}

/** `position` keeps the order in which roles were given. */
export interface UserRoleTable {
  userId: number
  roleId: number
  position: number
}

/** What a person is looked for by: e-mail, username and names as they are compared, none the beginning of another. */
export interface UserTermTable {
  userId: number
  term: string
}

/** E-mails and usernames as they are compared: nobody's is either of another's. */
export interface LoginNameTable {
  key: string
  userId: number
}

export interface AppTable {
  id: Generated<number>
  name: string
  connector: string
  icon: NullableText
  visible: Flag
  /** JSON: the `aws` or `saml` block of the directory document. */
  settings: string
  /** JSON: the rules that it has of its own. */
  policy: NullableText
}

export interface AppRoleTable {
  appId: number
  roleId: number
}

export interface CustomAttributeTable {
  name: string
  position: number
}

export interface BrandTable {
  name: string
  /** JSON: the brand of the directory document. */
  settings: string
  position: number
}

export interface AuthenticatorTable {
  id: Generated<number>
  userId: number
  /** A `FactorKind`. */
  factor: string
  label: string
  /** Sealed; the row's owner and kind are its associated data. */
  sealedSecret: NullableText
  isDefault: Flag
  /** TOTP: the last time step that was accepted (RFC 6238 section 5.2: a code is accepted once). */
  lastStep: ColumnType<number, number | undefined>
  createdAt: Time
  lastUsedAt: NullableInt
  /** 0 until its person has answered with it once; only then is it offered at sign-in. */
  active: ColumnType<Flag, Flag | undefined>
}

/** At most one a person: a new one replaces the old. */
export interface TemporaryTokenTable {
  userId: number
  /** Keyed, so that a copy of the database does not tell eight digits. */
  tokenDigest: string
  reusable: Flag
  expiresAt: Time
}

/** At most one a person and purpose: a new one replaces the old. */

export interface ApiCredentialTable {
  id: Generated<number>
  name: string
  clientId: string
  /** SHA-256, hex: the secret is 256 random bits, so a fast hash is enough. */
  clientSecretHash: string
  scope: string
  enabled: Flag
  createdAt: Time
  /** Whose privileges bound what it may do; the person may be gone. */
  ownerUserId: NullableInt
}

/** An API key of the v1-v3 resources. */
export interface LegacyKeyTable {
  id: Generated<number>
  name: string
  /** SHA-256, hex: the key is 160 random bits, so a fast hash is enough. */
  keyHash: string
  scope: string
  enabled: Flag
  createdAt: Time
  /** Whose privileges bound what it may do; the person may be gone. */
  ownerUserId: NullableInt
}

/** `statements` is JSON: the `privilege` of OneLogin's API. */
export interface PrivilegeTable {
  id: string
  name: string
  description: NullableText
  statements: string
  createdAt: Time
}

export interface PrivilegeRoleTable {
  privilegeId: string
  roleId: number
}

export interface PrivilegeUserTable {
  privilegeId: string
  userId: number
}

export interface ApiTokenTable {
  id: Generated<number>
  credentialId: number
  accessTokenHash: string
  refreshTokenHash: string
  createdAt: Time
  expiresAt: Time
  refreshExpiresAt: Time
}

export interface SigningKeyTable {
  id: Generated<number>
  sealedPrivateKey: string
  certificatePem: string
  createdAt: Time
  /** The key that signs; the others are only published. */
  active: Flag
}

export interface EventTable {
  id: Generated<number>
  createdAt: Time
  eventTypeId: number
  accountId: number
  userId: NullableInt
  userName: NullableText
  actorUserId: NullableInt
  actorUserName: NullableText
  actorSystem: NullableText
  appId: NullableInt
  appName: NullableText
  roleId: NullableInt
  roleName: NullableText
  otpDeviceId: NullableInt
  otpDeviceName: NullableText
  clientId: NullableText
  ipaddr: NullableText
  notes: NullableText
  errorDescription: NullableText
  requestId: NullableText
  groupId: NullableInt
  groupName: NullableText
  policyId: NullableInt
  policyName: NullableText
  assumingActingUserId: NullableInt
  customMessage: NullableText
  directorySyncRunId: NullableInt
  directoryId: NullableInt
  resolution: NullableText
}

/** Every table. One schema for SQLite and PostgreSQL; names are quoted, so they keep their case in both. */
export interface Schema {
  account: AccountTable
  users: UserTable
  groups: GroupTable
  roles: RoleTable
  userRoles: UserRoleTable
  userTerms: UserTermTable
  loginNames: LoginNameTable
  apps: AppTable
  appRoles: AppRoleTable
  customAttributes: CustomAttributeTable
  brands: BrandTable
  authenticators: AuthenticatorTable
  temporaryTokens: TemporaryTokenTable
  passwordLinks: PasswordLinkTable
  rememberedBrowsers: RememberedBrowserTable
  brokerSessions: BrokerSessionTable
  apiCredentials: ApiCredentialTable
  apiTokens: ApiTokenTable
  legacyKeys: LegacyKeyTable
  signingKeys: SigningKeyTable
  events: EventTable
  privileges: PrivilegeTable
  privilegeRoles: PrivilegeRoleTable
  privilegeUsers: PrivilegeUserTable
}

export type Row<T extends keyof Schema> = Selectable<Schema[T]>
export type NewRow<T extends keyof Schema> = Insertable<Schema[T]>
export type RowPatch<T extends keyof Schema> = Updateable<Schema[T]>
