import type { NewRow, Row, RowPatch } from '../platform/database/schema.ts'

/** Who owns which login name; compared forms, null where there is none. */
export interface UserLogin {
  id: number
  emailKey: string | null
  usernameKey: string | null
}

/** An enrolled factor, without its secret. */
export type StoredFactor = Pick<Row<'authenticators'>, 'id' | 'userId' | 'factor' | 'label'>

export type StoredApp = Row<'apps'> & { roleIds: number[] }

/** Holders in order. */
export type StoredPrivilege = Row<'privileges'> & Holders
export interface Holders {
  roleIds: number[]
  userIds: number[]
}

/** All of the directory but its people. Lists are in id order. */
export interface Snapshot {
  account: Row<'account'> | undefined
  /** In the order they were defined. */
  customAttributes: string[]
  groups: Row<'groups'>[]
  roles: Row<'roles'>[]
  apps: StoredApp[]
  /** In the order of the document. */
  brands: Row<'brands'>[]
  apiCredentials: Row<'apiCredentials'>[]
  legacyKeys: Row<'legacyKeys'>[]
  /** In the order they were made. */
  privileges: StoredPrivilege[]
}

/** A person with directory roles in the order given, and authenticators in id order. */
export interface StoredPerson {
  row: Row<'users'>
  roleIds: number[]
  authenticators: Row<'authenticators'>[]
}

/** What one owner in a document wants to have to itself: an id, a name to sign in with, the id of a factor. */
export interface Claim {
  what: 'id' | 'login' | 'factor'
  value: string
  /** Whose it is: owners are told apart, and come in order, by this number. */
  owner: number
  /** Where it stands in its owner. */
  place: string
}

/** A claim that somebody else has made before: an owner of the document, or a person of the directory. */
export interface Conflict {
  claim: Claim
  first: { owner: number } | { userId: number }
}

/** All claims of a document, of which there may be more than memory holds. */
export interface Claims {
  add(claims: readonly Claim[]): Promise<void>
  /**
   * In the order of owners, the first of them and how many there are. A person keeps the names they sign in with,
   * unless their own id is claimed: then what is claimed with it counts.
   */
  conflicts(limit: number): Promise<{ first: Conflict[]; count: number }>
}

export interface DirectoryReader {
  /** Whether nobody has put anything into it: no person, role, group, app, brand or credential. */
  isEmpty(): Promise<boolean>
  snapshot(): Promise<Snapshot>
  /** People by id, in id order. */
  people(ids: readonly number[]): Promise<StoredPerson[]>
  countPeople(): Promise<number>
  /** The next people behind an id, in id order. */
  peopleAfter(id: number, limit: number): Promise<StoredPerson[]>
  /** People who have one of these ids, e-mails, or usernames. */
  logins(of: {
    ids: readonly number[]
    emailKeys: readonly string[]
    usernameKeys: readonly string[]
  }): Promise<UserLogin[]>
  /** Factors that have one of these ids, or are of these people; in id order. */
  factors(of: { ids: readonly number[]; userIds: readonly number[] }): Promise<StoredFactor[]>
  /** Begins with none, and is good until it is called again. */
  claims(): Promise<Claims>
}

/** Tables with an id that a document can add to. */
export type DocumentTable =
  'groups' | 'roles' | 'apps' | 'apiCredentials' | 'legacyKeys' | 'users' | 'authenticators'

export type PeopleTable = 'users' | 'authenticators'
export type NewAuthenticator = NewRow<'authenticators'> & { id: number }

export interface NewPerson {
  row: NewRow<'users'> & { id: number }
  roleIds: readonly number[]
  authenticators: readonly NewAuthenticator[]
}

export interface DirectoryWriter extends DirectoryReader {
  /** Adds a row, under its own id when it has one, and gives the id. */
  insert<T extends DocumentTable>(table: T, row: NewRow<T>): Promise<number>
  update<T extends DocumentTable | 'account'>(table: T, id: number, patch: RowPatch<T>): Promise<void>
  /** Ids that nobody ever had, in order. */
  newIds(table: PeopleTable, count: number): Promise<number[]>
  /** `newIds` of this table are above this one from now on. */
  keepIdsAbove(table: PeopleTable, id: number): Promise<void>
  /** Adds people, each with all that is theirs. */
  addPeople(people: readonly NewPerson[]): Promise<void>
  addAuthenticators(rows: readonly NewAuthenticator[]): Promise<void>
  removeAuthenticators(ids: readonly number[]): Promise<void>
  /** The roles of a person or app are these from now on, in this order. */
  setRoles(of: 'user' | 'app', id: number, roleIds: readonly number[]): Promise<void>
  /** Behind those that are defined. */
  addCustomAttribute(name: string): Promise<void>
  /** Replaces the privilege of this id, or adds it; its holders are these from now on. */
  putPrivilege(row: NewRow<'privileges'>, holders: Holders): Promise<void>
  /** Replaces the brand of this name, or adds it behind the others. */
  putBrand(name: string, settings: string): Promise<void>
}

/** The whole directory, for reading and writing it as one document. */
export interface DocumentStore {
  /** `work` sees one state of the directory, whatever others write meanwhile. */
  read<T>(work: (rows: DirectoryReader) => Promise<T>): Promise<T>
  /** All that `work` writes is kept when it resolves; nothing when it throws. Others wait. */
  write<T>(work: (rows: DirectoryWriter) => Promise<T>): Promise<T>
  isEmpty(): Promise<boolean>
}
