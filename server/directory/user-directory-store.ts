import type { ListPage, ListQuery } from '../platform/listing.ts'
import type { NewUser, TakenLogin, UserChange, UserColumn } from './user-record.ts'
import type { Reach } from './privileges.ts'
import type { User } from './user.ts'

/** People as programs manage them. */
export interface UserDirectoryStore {
  /** Of everybody, or only of those whom `reach` covers. */
  list(query: ListQuery<UserColumn>, reach?: Reach): Promise<ListPage<User>>
  /** The person, whom nobody else changes until this transaction ends. */
  hold(id: number): Promise<User | undefined>
  /** Which of these names somebody other than `exceptId` signs in with. */
  takenLogins(login: { email?: string; username?: string }, exceptId?: number): Promise<TakenLogin[]>
  /** In a transaction, since a refusal leaves what was written before it. @throws LoginTaken */
  create(user: NewUser): Promise<number>
  /** Likewise. @throws LoginTaken */
  update(id: number, change: UserChange): Promise<void>
  /** Ends every session and half-done attempt of the person. */
  endSessions(id: number): Promise<void>
  /** Takes the person away with all that is theirs; events stay. */
  remove(id: number): Promise<void>
  /** Behind those the person has; one they have stays where it is. */
  addRoles(id: number, roleIds: readonly number[]): Promise<void>
  removeRoles(id: number, roleIds: readonly number[]): Promise<void>
  /** The attributes that the account defines, in their order. */
  customAttributeNames(): Promise<string[]>
}
