import { Problem } from '../errors.ts'
import { bareListReply, listReply } from '../http/api-list-reply.ts'
import { API_2, listQuery, readList } from '../http/api-list.ts'
import { envelope } from '../http/api-wire.ts'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import { READ_ALL_SCOPES, READ_SCOPES } from '../oauth/scope.ts'
import { administrator, type AdministratorDeps } from './administrator.ts'
import type { AppStore } from './app-store.ts'
import { toAppV1, toAppV2 } from './app-wire.ts'
import type { GroupStore } from './group-store.ts'
import { APP_LIST, APP_LIST_V2, GROUP_LIST, ROLE_LIST } from './list-models.ts'
import { APP_OPERATIONS, GROUP_OPERATIONS, ROLE_OPERATIONS } from './lists-operations.ts'
import { findRole } from './manage-role.ts'
import { appsWithin, rowsWithin } from './within-reach.ts'
import type { RoleStore } from './role-store.ts'
import { userPath as byId } from './users-routes.ts'

export type ListDeps = AdministratorDeps & {
  roles: RoleStore
  groups: GroupStore
  apps: AppStore
  pictureOf(file: string | null): string
}

const toRole = ({ id, name }: { id: number; name: string }) => ({ id, name })
const toGroup = (group: { id: number; name: string; reference: string | null }) => ({
  ...toRole(group),
  reference: group.reference,
})

const listRoles = (d: ListDeps) =>
  endpoint({
    method: 'get',
    path: ROLE_LIST.path,
    guard: administrator(d, READ_SCOPES, 'roles:List'),
    doc: ROLE_OPERATIONS.getRoles,
    input: { query: listQuery(ROLE_LIST) },
    async handle({ query }, { caller, request }) {
      const list = readList(ROLE_LIST, query)
      const page = await d.roles.list(rowsWithin(caller.reach, list.query))
      return listReply(ROLE_LIST, list, page, toRole, request)
    },
  })

const getRole = (d: ListDeps) =>
  endpoint({
    method: 'get',
    path: '/api/1/roles/:id',
    guard: administrator(d, READ_SCOPES, 'roles:Get'),
    doc: ROLE_OPERATIONS.getRole,
    input: { params: byId },
    async handle({ params }) {
      return { json: envelope([toRole(await findRole(d, params.id))]) }
    },
  })

const listGroups = (d: ListDeps) =>
  endpoint({
    method: 'get',
    path: GROUP_LIST.path,
    guard: administrator(d, READ_SCOPES, 'users:List'), // OneLogin has no actions on groups
    doc: GROUP_OPERATIONS.getGroups,
    input: { query: listQuery(GROUP_LIST) },
    async handle({ query }, { request }) {
      const list = readList(GROUP_LIST, query)
      return listReply(GROUP_LIST, list, await d.groups.list(list.query), toGroup, request)
    },
  })

const getGroup = (d: ListDeps) =>
  endpoint({
    method: 'get',
    path: '/api/1/groups/:id',
    guard: administrator(d, READ_SCOPES, 'users:List'),
    doc: GROUP_OPERATIONS.getGroup,
    input: { params: byId },
    async handle({ params }) {
      const group = await d.groups.find(params.id)
      if (!group) throw new Problem('not_found', { message: `Group for id ${params.id} was not found` })
      return { json: envelope([toGroup(group)]) }
    },
  })

const listApps = (d: ListDeps) =>
  endpoint({
    method: 'get',
    path: APP_LIST.path,
    guard: administrator(d, READ_ALL_SCOPES, 'apps:List'),
    doc: APP_OPERATIONS.getApps,
    input: { query: listQuery(APP_LIST) },
    async handle({ query }, { caller, request }) {
      const list = readList(APP_LIST, query)
      const page = await d.apps.list(await appsWithin(d, caller.reach, list.query))
      return listReply(
        APP_LIST,
        list,
        page,
        (app) => toAppV1(app, request.ownOrigin(), d.pictureOf(app.icon)),
        request,
      )
    },
  })

const listAppsV2 = (d: ListDeps) =>
  endpoint({
    method: 'get',
    path: APP_LIST_V2.path,
    guard: administrator(d, READ_ALL_SCOPES, 'apps:List'),
    doc: APP_OPERATIONS.getAppsV2,
    input: { query: listQuery(APP_LIST_V2, API_2) },
    async handle({ query }, { caller, request }) {
      const list = readList(APP_LIST_V2, query, API_2)
      const page = await d.apps.list(await appsWithin(d, caller.reach, list.query))
      return bareListReply(list, page, (app) => toAppV2(app, request.ownOrigin(), d.pictureOf(app.icon)))
    },
  })

/** Roles, groups and apps, for reading. */
export const listsRoutes = (d: ListDeps): ApiRoute[] => [
  listRoles(d),
  getRole(d),
  listGroups(d),
  getGroup(d),
  listApps(d),
  listAppsV2(d),
]
