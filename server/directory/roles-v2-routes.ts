/** Roles as `/api/2` knows them: bare arrays and objects, cursors in headers. */
import { listQuery, readList, API_2 } from '../http/api-list.ts'
import { bareListReply } from '../http/api-list-reply.ts'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import { originOf } from '../http/request.ts'
import { MANAGE_ALL_SCOPES, READ_SCOPES } from '../oauth/scope.ts'
import type { Bearer } from '../oauth/token-store.ts'
import type { Transact } from '../stores.ts'
import { administrator, type AdministratorDeps } from './administrator.ts'
import type { AppStore } from './app-store.ts'
import { toRoleApp } from './app-wire.ts'
import { requireMayGiveRoles, requireReach } from './delegation.ts'
import { ROLE_LIST_V2, roleUserList } from './list-models.ts'
import {
  addRoleUsers,
  createRole,
  deleteRole,
  findRole,
  removeRoleUsers,
  updateRole,
  type GivenRole,
} from './manage-role.ts'
import type { PrivilegesStore } from './privileges-store.ts'
import { idList, roleBody } from './role-input.ts'
import type { DirectoryRole, RoleStore } from './role-store.ts'
import { ROLE_V2_OPERATIONS } from './roles-v2-operations.ts'
import type { UserDirectoryStore } from './user-directory-store.ts'
import { displayName, type User } from './user.ts'
import { userPath as byId } from './users-routes.ts'
import { rowsWithin } from './within-reach.ts'

export type RoleV2Deps = AdministratorDeps & {
  privileges: Pick<PrivilegesStore, 'heldByRoles'>
  transact: Transact
  roles: RoleStore
  apps: Pick<AppStore, 'listForRoles'>
  userDirectory: Pick<UserDirectoryStore, 'list'>
  pictureOf(file: string | null): string
}

const PATH = '/api/2/roles'
const roleUsersQuery = listQuery(roleUserList(0), API_2, {
  name: { type: 'string', description: 'The same as `search`.' },
})
const ids = (list: readonly number[]) => [...new Set(list)].map((id) => ({ id }))

/** This house has no administrators of single roles. */
const toRole = ({ id, name }: DirectoryRole, of?: { appIds: number[]; userIds: number[] }) => ({
  id,
  name,
  apps: of?.appIds ?? [],
  users: of?.userIds ?? [],
  admins: [],
})

/** Who added a person to a role, and when, is told by events only. */
const toRoleUser = (user: User) => ({
  id: user.id,
  name: displayName(user),
  email: user.email,
  username: user.username,
  assigned: true,
  added_by: null,
  added_at: null,
})

/** Whom and what a role belongs to are managed by actions of their own, whichever call does it. */
async function requireMembers(d: RoleV2Deps, caller: Bearer, given: GivenRole, id?: number): Promise<void> {
  const role = id === undefined ? undefined : { id }
  if (given.apps) await requireReach(d, caller, 'roles:ManageApps', role)
  if (!given.users) return
  await requireReach(d, caller, 'roles:ManageUsers', role)
  if (id !== undefined) await requireMayGiveRoles(d, caller, [id])
}

const listAll = (d: RoleV2Deps) =>
  endpoint({
    method: 'get',
    path: PATH,
    guard: administrator(d, READ_SCOPES, 'roles:List'),
    doc: ROLE_V2_OPERATIONS.getRolesV2,
    input: { query: listQuery(ROLE_LIST_V2, API_2) },
    async handle({ query }, { caller }) {
      const list = readList(ROLE_LIST_V2, query, API_2)
      const page = await d.roles.list(rowsWithin(caller.reach, list.query))
      const members = await d.roles.members(page.items.map((role) => role.id))
      return bareListReply(list, page, (role) => toRole(role, members.get(role.id)))
    },
  })

const getOne = (d: RoleV2Deps) =>
  endpoint({
    method: 'get',
    path: `${PATH}/:id`,
    guard: administrator(d, READ_SCOPES, 'roles:Get'),
    doc: ROLE_V2_OPERATIONS.getRoleV2,
    input: { params: byId },
    async handle({ params }) {
      const role = await findRole(d, params.id)
      return { json: toRole(role, (await d.roles.members([role.id])).get(role.id)) }
    },
  })

const create = (d: RoleV2Deps) =>
  endpoint({
    method: 'post',
    path: PATH,
    guard: administrator(d, MANAGE_ALL_SCOPES, 'roles:Create'),
    doc: ROLE_V2_OPERATIONS.createRole,
    input: { body: roleBody({ named: true }) },
    async handle({ body }, { caller, request }) {
      const { name = '' } = body
      await requireMembers(d, caller, body)
      const id = await createRole(d, { ...body, name }, originOf(request, caller.clientId))
      return { json: ids([id]), status: 201 }
    },
  })

const update = (d: RoleV2Deps) =>
  endpoint({
    method: 'put',
    path: `${PATH}/:id`,
    guard: administrator(d, MANAGE_ALL_SCOPES, 'roles:Update'),
    doc: ROLE_V2_OPERATIONS.updateRole,
    input: { params: byId, body: roleBody({ named: false }) },
    async handle({ params, body }, { caller, request }) {
      await requireMembers(d, caller, body, params.id)
      await updateRole(d, params.id, body, originOf(request, caller.clientId))
      return { json: { id: params.id } }
    },
  })

const remove = (d: RoleV2Deps) =>
  endpoint({
    method: 'delete',
    path: `${PATH}/:id`,
    guard: administrator(d, MANAGE_ALL_SCOPES, 'roles:Delete'),
    doc: ROLE_V2_OPERATIONS.deleteRole,
    input: { params: byId },
    async handle({ params }, { caller, request }) {
      await deleteRole(d, params.id, originOf(request, caller.clientId))
      return { empty: 204 }
    },
  })

const listUsers = (d: RoleV2Deps) =>
  endpoint({
    method: 'get',
    path: `${PATH}/:id/users`,
    guard: administrator(d, READ_SCOPES, 'roles:Get'),
    doc: ROLE_V2_OPERATIONS.getRoleUsers,
    input: { params: byId, query: roleUsersQuery },
    async handle({ params, query: { name, ...query } }) {
      const { id } = await findRole(d, params.id)
      const search = name === undefined ? undefined : { search: name } // searches, under another name here
      const list = readList(roleUserList(id), { ...query, ...search }, API_2)
      const held = { column: 'roleId', not: false, test: { is: 'equal', to: id } } as const
      const page = await d.userDirectory.list({ ...list.query, where: [...list.query.where, held] })
      return bareListReply(list, page, toRoleUser)
    },
  })

const addUsers = (d: RoleV2Deps) =>
  endpoint({
    method: 'post',
    path: `${PATH}/:id/users`,
    guard: administrator(d, MANAGE_ALL_SCOPES, 'roles:ManageUsers'),
    doc: ROLE_V2_OPERATIONS.addRoleUsers,
    takes: 'list',
    input: { params: byId, body: idList('users') },
    async handle({ params, body }, { caller, request }) {
      await requireMayGiveRoles(d, caller, [params.id])
      await addRoleUsers(d, params.id, body, originOf(request, caller.clientId))
      return { json: ids(body) }
    },
  })

const removeUsers = (d: RoleV2Deps) =>
  endpoint({
    method: 'delete',
    path: `${PATH}/:id/users`,
    guard: administrator(d, MANAGE_ALL_SCOPES, 'roles:ManageUsers'),
    doc: ROLE_V2_OPERATIONS.removeRoleUsers,
    takes: 'list',
    input: { params: byId, body: idList('users') },
    async handle({ params, body }, { caller, request }) {
      await removeRoleUsers(d, params.id, body, originOf(request, caller.clientId))
      return { empty: 204 }
    },
  })

const listApps = (d: RoleV2Deps) =>
  endpoint({
    method: 'get',
    path: `${PATH}/:id/apps`,
    guard: administrator(d, READ_SCOPES, 'roles:Get'),
    doc: ROLE_V2_OPERATIONS.getRoleApps,
    input: { params: byId },
    async handle({ params }, { request }) {
      const { id } = await findRole(d, params.id)
      const apps = await d.apps.listForRoles([id])
      return { json: apps.map((app) => toRoleApp(app, request.ownOrigin(), d.pictureOf(app.icon))) }
    },
  })

const setApps = (d: RoleV2Deps) =>
  endpoint({
    method: 'put',
    path: `${PATH}/:id/apps`,
    guard: administrator(d, MANAGE_ALL_SCOPES, 'roles:ManageApps'),
    doc: ROLE_V2_OPERATIONS.setRoleApps,
    takes: 'list',
    input: { params: byId, body: idList('apps') },
    async handle({ params, body }, { caller, request }) {
      await updateRole(d, params.id, { apps: body }, originOf(request, caller.clientId))
      return { json: ids(body) }
    },
  })

/** Managing roles, whom they belong to and what they open. */
export const rolesV2Routes = (d: RoleV2Deps): ApiRoute[] => [
  listAll(d),
  getOne(d),
  create(d),
  update(d),
  remove(d),
  listUsers(d),
  addUsers(d),
  removeUsers(d),
  listApps(d),
  setApps(d),
]
