import { requireMayActOn, type DelegationDeps } from '../directory/delegation.ts'
import type { Action } from '../directory/privileges.ts'
import type { UserStore } from '../directory/user-store.ts'
import type { User } from '../directory/user.ts'
import { NoSuchRecord } from '../http/legacy-wire.ts'
import type { LegacyCaller } from './legacy-key.ts'

export interface FindPersonDeps extends DelegationDeps {
  users: Pick<UserStore, 'find' | 'findByLogin'>
}

/** How a path names a person: by id, or by username, for which an e-mail will do as well. */
export type PersonPath = { id: string } | { username: string }

async function find({ users }: FindPersonDeps, path: PersonPath): Promise<User | undefined> {
  if ('username' in path) return users.findByLogin(path.username)
  return /^\d{1,15}$/.test(path.id) ? users.find(Number(path.id)) : undefined
}

/** The person that a path names, if the caller may do this to them. */
export async function findPerson(
  d: FindPersonDeps,
  caller: LegacyCaller,
  action: Action,
  path: PersonPath,
): Promise<User> {
  const user = await find(d, path)
  if (user) {
    await requireMayActOn(d, caller, action, user.id)
    return user
  }
  const [[name, value] = []] = Object.entries(path)
  throw new NoSuchRecord('Record Not Found', `No user found by ${name} '${value}'`)
}
