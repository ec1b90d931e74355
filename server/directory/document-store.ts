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

/** All of the directory but its people, of whom it has the names they sign in with. Lists are in id order. */
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
  logins: UserLogin[]
  factors: StoredFactor[]
}

/** A person with directory roles in the order given, and authenticators in id order. */
export interface StoredPerson {
  row: Row<'users'>
  roleIds: number[]
  authenticators: Row<'authenticators'>[]
}

export interface DirectoryReader {
  /** Whether nobody has put anything into it: no person, role, group, app, brand or credential. */
  isEmpty(): Promise<boolean>
  snapshot(): Promise<Snapshot>
  /** People by id, in id order. */
  people(ids: readonly number[]): Promise<StoredPerson[]>
}

/** Tables with an id that a document can add to. */
export type DocumentTable = 'groups' | 'roles' | 'apps' | 'apiCredentials' | 'users' | 'authenticators'

export interface DirectoryWriter extends DirectoryReader {
  /** Adds a row, under its own id when it has one, and gives the id. */
  insert<T extends DocumentTable>(table: T, row: NewRow<T>): Promise<number>
  update<T extends DocumentTable | 'account'>(table: T, id: number, patch: RowPatch<T>): Promise<void>
  removeAuthenticators(ids: readonly number[]): Promise<void>
  /** The roles of a person or app are these from now on, in this order. */
  setRoles(of: 'user' | 'app', id: number, roleIds: readonly number[]): Promise<void>
  /** Behind those that are defined. */
  addCustomAttribute(name: string): Promise<void>
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
