import { Problem } from '../errors.ts'
import type { Origin } from '../events/event-store.ts'
import { roleAddedToUser, roleRemovedFromUser } from '../events/directory-events.ts'
import type { Stores } from '../stores.ts'
import { withUser, type ManageDeps } from './manage-users.ts'
import type { DirectoryRole } from './role-store.ts'
import { wrongType, type Body } from './user-input.ts'

const NAME = 'role_id_array'
/** More ids than this are never one call's. */
const MAX_IDS = 1000

const plain = (message: string) => new Problem('invalid_request', { message })

/** The ids of a body, each once, in the order given. */
function readRoleIds(given: unknown): number[] {
  if (!Array.isArray(given)) throw wrongType(NAME, 'array')
  if (given.length === 0) throw plain(`${NAME} is empty`)
  const ids = given as unknown[]
  if (!ids.every((id): id is number => Number.isSafeInteger(id) && (id as number) > 0))
    throw plain(`${NAME} should be -> array of positive integers`)
  if (ids.length > MAX_IDS) throw plain(`${NAME} is too long. It may have ${MAX_IDS} ids`)
  return [...new Set(ids)]
}

/** The ids that a body names, whatever else is wrong with it. */
export const givenRoleIds = ({ [NAME]: given }: Body): number[] =>
  Array.isArray(given) ? given.filter((id): id is number => Number.isSafeInteger(id)) : []

async function existing({ roles }: Stores, ids: readonly number[]): Promise<DirectoryRole[]> {
  const found = new Map((await roles.named(ids)).map((role) => [role.id, role]))
  const named = ids.flatMap((id) => found.get(id) ?? [])
  if (named.length === ids.length) return named
  throw plain(`${NAME} should be a subset of -> [${(await roles.ids()).join(', ')}]`)
}

/** Gives a person roles, behind those they have, in the order given. */
export async function addRolesToUser(d: ManageDeps, id: number, body: Body, origin: Origin): Promise<void> {
  if (body[NAME] === undefined || body[NAME] === null) throw plain(`${NAME} is empty`)
  const ids = readRoleIds(body[NAME])
  await withUser(d, id, async (stores, user) => {
    const roles = (await existing(stores, ids)).filter((role) => !user.roleIds.includes(role.id))
    if (roles.length === 0) throw plain(`input ${NAME} is already included as user roles`)
    await stores.userDirectory.addRoles(
      id,
      roles.map((role) => role.id),
    )
    for (const role of roles) await stores.events.append(roleAddedToUser(origin, user, role))
  })
}

/** Takes roles from a person. */
export async function removeRolesFromUser(
  d: ManageDeps,
  id: number,
  body: Body,
  origin: Origin,
): Promise<void> {
  if (body[NAME] === undefined || body[NAME] === null) throw plain('input parameters is empty')
  const ids = readRoleIds(body[NAME])
  await withUser(d, id, async (stores, user) => {
    const roles = (await existing(stores, ids)).filter((role) => user.roleIds.includes(role.id))
    if (roles.length === 0) throw plain(`input ${NAME} is not included as user roles`)
    await stores.userDirectory.removeRoles(
      id,
      roles.map((role) => role.id),
    )
    for (const role of roles) await stores.events.append(roleRemovedFromUser(origin, user, role))
  })
}
