import { requireMayActOn, type DelegationDeps } from '../directory/delegation.ts'
import { findUser } from '../directory/find-user.ts'
import { addRolesToUser } from '../directory/manage-roles.ts'
import { createUser, together, updateUser } from '../directory/manage-users.ts'
import { setClearPassword, setSaltedPassword, type PasswordDeps } from '../directory/set-password.ts'
import { setStatus } from '../directory/set-status.ts'
import type { Body } from '../directory/user-input.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { Origin } from '../events/event-store.ts'
import { MANAGE_ALL_SCOPES } from '../oauth/scope.ts'
import type { LegacyCaller } from './legacy-key.ts'
import type { PersonBody } from './person-body.ts'

export type WritePersonDeps = PasswordDeps & DelegationDeps

/** What a document brings about beside attributes asks for more than managing users. */
async function requireMayWrite(
  d: WritePersonDeps,
  caller: LegacyCaller,
  { password, status, roleIds }: PersonBody,
  id?: number,
): Promise<void> {
  const isForAll = password !== undefined || status !== undefined
  if (isForAll && !MANAGE_ALL_SCOPES.includes(caller.scope)) throw new Problem('insufficient_permission')
  if (password) await requireMayActOn(d, caller, 'users:ResetPassword', id)
  if (roleIds) await requireMayActOn(d, caller, 'users:ManageRoles', id)
}

/** Roles are given and never taken away: clients name one at a time. */
async function giveRoles(
  d: WritePersonDeps,
  id: number,
  wanted: readonly number[],
  origin: Origin,
): Promise<void> {
  const { roleIds: held } = await findUser(d.users, id)
  const more = wanted.filter((roleId) => !held.includes(roleId))
  if (more.length > 0) await addRolesToUser(d, id, { role_id_array: more }, origin)
}

type SetPassword = (d: WritePersonDeps, id: number, origin: Origin) => Promise<void>

/** What sets the password. Its hash is made here, before anything is written: a transaction does not wait for one. */
async function passwordSetter(d: WritePersonDeps, password: Body): Promise<SetPassword> {
  if (password.password_algorithm !== undefined)
    return (inner, id, origin) => setSaltedPassword(inner, id, password, origin)
  const hash = await d.hasher.hash(typeof password.password === 'string' ? password.password : '')
  const body = { ...password, validate_policy: true }
  return (inner, id, origin) =>
    setClearPassword({ ...inner, hasher: { ...inner.hasher, hash: async () => hash } }, id, body, origin)
}

async function writeRest(
  d: WritePersonDeps,
  id: number,
  person: PersonBody,
  set: SetPassword | undefined,
  origin: Origin,
) {
  if (person.roleIds) await giveRoles(d, id, person.roleIds, origin)
  if (set) await set(d, id, origin)
  if (person.status !== undefined) await setStatus(d, id, person.status, origin)
}

/** Adds a person with all that the document says, or nobody. A name is not asked for, as it never was here. */
export async function createPerson(
  d: WritePersonDeps,
  caller: LegacyCaller,
  person: PersonBody,
  origin: Origin,
): Promise<User> {
  await requireMayActOn(d, caller, 'users:Create')
  await requireMayWrite(d, caller, person)
  const set = person.password && (await passwordSetter(d, person.password))
  return together(d, async (inner) => {
    const { id } = await createUser(inner, person.attributes, origin, { required: [] })
    await writeRest(inner, id, person, set, origin)
    return findUser(inner.users, id)
  })
}

/** Changes all that the document says, or nothing. */
export async function updatePerson(
  d: WritePersonDeps,
  caller: LegacyCaller,
  id: number,
  person: PersonBody,
  origin: Origin,
): Promise<void> {
  await requireMayWrite(d, caller, person, id)
  const set = person.password && (await passwordSetter(d, person.password))
  await together(d, async (inner) => {
    await updateUser(inner, id, person.attributes, origin)
    await writeRest(inner, id, person, set, origin)
  })
}
