import { Problem } from '../errors.ts'
import type { Bearer } from '../oauth/token-store.ts'
import { allows, type UserAction } from './privileges.ts'
import type { PrivilegesStore } from './privileges-store.ts'
import type { UserStore } from './user-store.ts'
import { USER_STATUS } from './user.ts'

export interface DelegationDeps {
  users: Pick<UserStore, 'find'>
  privileges: Pick<PrivilegesStore, 'heldBy'>
}

/**
 * Whether an API credential may do this to a person; without one, to somebody new or to everybody. One that has no
 * owner may do all that its scope allows. Else its owner must be active and hold a privilege for it: an owner who has
 * lost their privileges may do nothing, not everything.
 */
export async function mayActOn(
  d: DelegationDeps,
  { ownerUserId }: Pick<Bearer, 'ownerUserId'>,
  action: UserAction,
  userId?: number,
): Promise<boolean> {
  if (ownerUserId === undefined) return true
  const owner = await d.users.find(ownerUserId)
  if (owner?.status !== USER_STATUS.active) return false
  const target = userId === undefined ? undefined : await d.users.find(userId)
  return allows(await d.privileges.heldBy(ownerUserId), action, target)
}

/** @throws Problem `beyond_privileges` when `mayActOn` says no */
export async function requireMayActOn(...asked: Parameters<typeof mayActOn>): Promise<void> {
  if (!(await mayActOn(...asked))) throw new Problem('beyond_privileges')
}
