import { beyondPrivileges, reachOfCaller, type DelegationDeps } from '../directory/delegation.ts'
import { covers, coversSomething, type Action, type Reach } from '../directory/privileges.ts'
import type { LegacyCaller } from './legacy-key.ts'

/** What of a list a key may show. @throws Problem `beyond_privileges` when it is nothing */
export async function reachToList(d: DelegationDeps, caller: LegacyCaller, action: Action): Promise<Reach> {
  const reach = await reachOfCaller(d, caller, action)
  if (!coversSomething(reach)) throw beyondPrivileges(action)
  return reach
}

/** @throws Problem `beyond_privileges` unless a key may do this to the record with this id, or, without one, to all */
export async function requireReach(
  d: DelegationDeps,
  caller: LegacyCaller,
  action: Action,
  id?: string,
): Promise<void> {
  const reach = await reachOfCaller(d, caller, action)
  if (!covers(reach, id === undefined ? undefined : { id })) throw beyondPrivileges(action)
}
