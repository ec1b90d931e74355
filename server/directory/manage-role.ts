import { Problem } from '../errors.ts'
import type { Origin } from '../events/event-store.ts'
import {
  appAddedToRole,
  appRemovedFromRole,
  roleCreated,
  roleDeleted,
  roleRenamed,
  roleAddedToUser,
  roleRemovedFromUser,
} from '../events/directory-events.ts'
import type { Stores, Transact } from '../stores.ts'
import { findUser } from './find-user.ts'
import type { DirectoryRole } from './role-store.ts'

interface RoleDeps {
  transact: Transact
}

/** What a program says about a role; what it leaves out stays. */
export interface GivenRole {
  name?: string | undefined
  apps?: readonly number[] | undefined
  users?: readonly number[] | undefined
}

const nameTaken = () => new Problem('conflict', { message: 'Validation failed: Name must be unique' })

/** The role with this id. @throws Problem `not_found` */
export async function findRole({ roles }: Pick<Stores, 'roles'>, id: number): Promise<DirectoryRole> {
  const role = await roles.find(id)
  if (!role) throw new Problem('not_found', { message: `Role for id ${id} was not found` })
  return role
}

const beside = (ids: readonly number[], others: readonly number[]): number[] => {
  const known = new Set(others)
  return [...new Set(ids)].filter((id) => !known.has(id))
}

async function writeApps(stores: Stores, role: DirectoryRole, wanted: readonly number[], origin: Origin) {
  const { appIds: before = [] } = (await stores.roles.members([role.id])).get(role.id) ?? {}
  const named = async (id: number) => {
    const app = await stores.apps.find(id)
    if (!app) throw new Problem('not_found', { message: `App for id ${id} was not found` })
    return app
  }
  for (const id of beside(wanted, before))
    await stores.events.append(appAddedToRole(origin, await named(id), role))
  for (const id of beside(before, wanted))
    await stores.events.append(appRemovedFromRole(origin, await named(id), role))
  await stores.roles.setApps(role.id, wanted)
}

async function addUsers(stores: Stores, role: DirectoryRole, ids: readonly number[], origin: Origin) {
  for (const id of ids) {
    const user = await findUser({ find: (wanted) => stores.userDirectory.hold(wanted) }, id)
    if (user.roleIds.includes(role.id)) continue
    await stores.userDirectory.addRoles(id, [role.id])
    await stores.events.append(roleAddedToUser(origin, user, role))
  }
}

async function removeUsers(stores: Stores, role: DirectoryRole, ids: readonly number[], origin: Origin) {
  for (const id of ids) {
    const user = await findUser({ find: (wanted) => stores.userDirectory.hold(wanted) }, id)
    if (!user.roleIds.includes(role.id)) continue
    await stores.userDirectory.removeRoles(id, [role.id])
    await stores.events.append(roleRemovedFromUser(origin, user, role))
  }
}

/** Always in id order: two calls about the same people must not wait for each other in a circle. */
const inOrder = (ids: readonly number[]): number[] => [...new Set(ids)].sort((a, b) => a - b)

async function writeUsers(stores: Stores, role: DirectoryRole, wanted: readonly number[], origin: Origin) {
  const { userIds: before = [] } = (await stores.roles.members([role.id])).get(role.id) ?? {}
  await addUsers(stores, role, inOrder(beside(wanted, before)), origin)
  await removeUsers(stores, role, inOrder(beside(before, wanted)), origin)
}

async function writeMembers(stores: Stores, role: DirectoryRole, given: GivenRole, origin: Origin) {
  if (given.apps) await writeApps(stores, role, given.apps, origin)
  if (given.users) await writeUsers(stores, role, given.users, origin)
}

/** Adds a role, with its apps and people. */
export const createRole = (
  d: RoleDeps,
  given: GivenRole & { name: string },
  origin: Origin,
): Promise<number> =>
  d.transact(async (stores) => {
    const id = await stores.roles.create(given.name)
    if (id === undefined) throw nameTaken()
    await stores.events.append(roleCreated(origin, { id, name: given.name }))
    await writeMembers(stores, { id, name: given.name }, given, origin)
    return id
  })

/** Renames a role; apps and people that are given replace those it has. */
export const updateRole = (d: RoleDeps, id: number, given: GivenRole, origin: Origin): Promise<void> =>
  d.transact(async (stores) => {
    const role = await findRole(stores, id)
    const named = { id, name: given.name ?? role.name }
    if (named.name !== role.name) {
      if (!(await stores.roles.rename(id, named.name))) throw nameTaken()
      await stores.events.append(roleRenamed(origin, named))
    }
    await writeMembers(stores, named, given, origin)
  })

/** Takes a role from everybody and every app, and away. */
export const deleteRole = (d: RoleDeps, id: number, origin: Origin): Promise<void> =>
  d.transact(async (stores) => {
    const role = await findRole(stores, id)
    await writeMembers(stores, role, { apps: [], users: [] }, origin)
    await stores.roles.remove(id)
    await stores.events.append(roleDeleted(origin, role))
  })

export const addRoleUsers = (
  d: RoleDeps,
  id: number,
  userIds: readonly number[],
  origin: Origin,
): Promise<void> =>
  d.transact(async (stores) => addUsers(stores, await findRole(stores, id), inOrder(userIds), origin))

export const removeRoleUsers = (
  d: RoleDeps,
  id: number,
  userIds: readonly number[],
  origin: Origin,
): Promise<void> =>
  d.transact(async (stores) => removeUsers(stores, await findRole(stores, id), inOrder(userIds), origin))
