import { Problem } from '../errors.ts'
import type { Bearer } from '../oauth/token-store.ts'
import { covers, NO_REACH, reachOf, type Action, type ActionTarget, type Reach } from './privileges.ts'
import type { PrivilegesStore } from './privileges-store.ts'
import type { UserStore } from './user-store.ts'
import { USER_STATE, USER_STATUS } from './user.ts'

export interface DelegationDeps {
  users: Pick<UserStore, 'find'>
  privileges: Pick<PrivilegesStore, 'heldBy'>
}

/** A program, with or without an owner. */
export type Delegate = Pick<Bearer, 'ownerUserId'>

/**
 * What an API credential may do this to. One that has no owner may do all that its scope allows. Else its owner must be
 * active and hold a privilege for it: an owner who has lost their privileges may do nothing, not everything.
 */
export async function reachOfCaller(
  d: DelegationDeps,
  { ownerUserId }: Delegate,
  action: Action,
): Promise<Reach> {
  if (ownerUserId === undefined) return 'everything'
  const owner = await d.users.find(ownerUserId)
  if (owner?.status !== USER_STATUS.active || owner.state !== USER_STATE.approved) return NO_REACH
  return reachOf(await d.privileges.heldBy(ownerUserId), action)
}

/** Whether an API credential may do this to a person; without one, to somebody new or to everybody. */
export async function mayActOn(
  d: DelegationDeps,
  caller: Delegate,
  action: Action,
  userId?: number,
): Promise<boolean> {
  const reach = await reachOfCaller(d, caller, action)
  if (reach === 'everything') return true
  return covers(reach, userId === undefined ? undefined : await d.users.find(userId))
}

const MODEL: Readonly<Record<string, string>> = {
  apps: 'App',
  events: 'Event',
  privileges: 'Privilege',
  roles: 'Role',
}

/** What a program is told that goes beyond what its owner may do. */
export function beyondPrivileges(action: Action): Problem {
  const model = MODEL[action.slice(0, action.indexOf(':'))] ?? 'User'
  return new Problem('beyond_privileges', { message: `user is not authorized to access this ${model}` })
}

/** @throws Problem `beyond_privileges` when `mayActOn` says no */
export async function requireMayActOn(...asked: Parameters<typeof mayActOn>): Promise<void> {
  if (!(await mayActOn(...asked))) throw beyondPrivileges(asked[2])
}

/** The same for what is no person. @throws Problem `beyond_privileges` */
export async function requireReach(
  d: DelegationDeps,
  caller: Delegate,
  action: Action,
  target: ActionTarget,
): Promise<void> {
  if (!covers(await reachOfCaller(d, caller, action), target)) throw beyondPrivileges(action)
}

/**
 * Whoever gives a role gives the privileges that it holds: in its owner's name, a program must be allowed to give these
 * as well, or it could give its owner more than they have. @throws Problem `beyond_privileges`
 */
export async function requireMayGiveRoles(
  d: DelegationDeps & { privileges: Pick<PrivilegesStore, 'heldByRoles'> },
  caller: Delegate,
  roleIds: readonly number[],
): Promise<void> {
  if (caller.ownerUserId === undefined) return
  const held = await d.privileges.heldByRoles(roleIds)
  if (held.length === 0) return
  const reach = await reachOfCaller(d, caller, 'privileges:ManageUsers')
  if (!held.every(({ id }) => covers(reach, { id }))) throw beyondPrivileges('privileges:ManageUsers')
}
