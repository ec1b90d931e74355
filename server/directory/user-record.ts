import type { NewRow, Row, RowPatch } from '../platform/database/schema.ts'

/** What people can be listed by: columns, and the directory roles they hold. */
export type UserColumn = keyof Row<'users'> | 'roleId'

/** Columns that the store fills in. */
type Derived = 'id' | 'emailKey' | 'usernameKey' | 'sessionEpoch' | 'customAttributes'
interface Attributes {
  customAttributes?: Readonly<Record<string, string>>
}

/** A person who is about to be. */
export type NewUser = Omit<NewRow<'users'>, Derived> & Attributes

/** What changes about a person; a column that is not given stays, whoever else changes it meanwhile. */
export type UserChange = Omit<RowPatch<'users'>, Derived | 'createdAt'> & Attributes

/** Which names of a person somebody else has. Nobody's e-mail or username may be either of another's. */
export type TakenLogin = 'email' | 'username'

/** Thrown by the store when somebody else has got these names of a person first. */
export class LoginTaken extends Error {
  override readonly name = 'LoginTaken'
  readonly taken: readonly TakenLogin[]

  constructor(taken: readonly TakenLogin[]) {
    super(`${taken.join(' and ')} taken`)
    this.taken = taken
  }
}
