import { z } from 'zod'
import { READ_ALL_SCOPES, READ_SCOPES } from '../oauth/scope.ts'
import { pathId } from '../http/api-input.ts'
import { listData, listReply } from '../http/api-list-reply.ts'
import { listQuery, readList } from '../http/api-list.ts'
import { envelope } from '../http/api-wire.ts'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import type { OperationDoc } from '../http/operation.ts'
import { administrator, type AdministratorDeps } from './administrator.ts'
import type { AppStore } from './app-store.ts'
import { toUserApp } from './app-wire.ts'
import { findUser } from './find-user.ts'
import { USER_LIST } from './list-models.ts'
import type { UserDirectoryStore } from './user-directory-store.ts'
import type { UserStore } from './user-store.ts'
import { READ_USERS_OPERATIONS } from './users-operations.ts'
import { toUserV1 } from './user-wire.ts'

export type ReadUsersDeps = AdministratorDeps & {
  users: Pick<UserStore, 'find'>
  userDirectory: Pick<UserDirectoryStore, 'list' | 'customAttributeNames'>
  apps: Pick<AppStore, 'listForRoles'>
  /** The address of a company's picture by its file name, empty when there is none. */
  pictureOf(file: string | null): string
}

/** The person that a path names. */
export const userPath = z.object({ id: pathId() })

const listAll = (d: ReadUsersDeps) =>
  endpoint({
    method: 'get',
    path: USER_LIST.path,
    guard: administrator(d, READ_SCOPES, 'users:List'),
    doc: READ_USERS_OPERATIONS.getUsers,
    input: { query: listQuery(USER_LIST) },
    async handle({ query }, { caller, request }) {
      const list = readList(USER_LIST, query)
      const page = await d.userDirectory.list(list.query, caller.reach)
      const names = await d.userDirectory.customAttributeNames()
      return listReply(USER_LIST, list, page, (user) => toUserV1(user, names), request)
    },
  })

const getOne = (d: ReadUsersDeps) =>
  endpoint({
    method: 'get',
    path: '/api/1/users/:id',
    guard: administrator(d, READ_SCOPES, 'users:Get'),
    doc: READ_USERS_OPERATIONS.getUser,
    input: { params: userPath },
    async handle({ params }) {
      const user = await findUser(d.users, params.id)
      return { json: envelope([toUserV1(user, await d.userDirectory.customAttributeNames())]) }
    },
  })

/** `/api/1` in the envelope; the same list bare for the SDKs that ask `/api/2`. */
const appsOfUser = (d: ReadUsersDeps, path: string, doc: OperationDoc, shape: (items: object[]) => unknown) =>
  endpoint({
    method: 'get',
    path,
    guard: administrator(d, READ_SCOPES, 'users:Get'),
    doc,
    input: { params: userPath },
    async handle({ params }, { request }) {
      const { roleIds } = await findUser(d.users, params.id)
      const apps = await d.apps.listForRoles(roleIds)
      const items = apps.map((app) => toUserApp(app, request.ownOrigin(), d.pictureOf(app.icon)))
      return { json: shape(items) }
    },
  })

const rolesOfUser = (d: ReadUsersDeps) =>
  endpoint({
    method: 'get',
    path: '/api/1/users/:id/roles',
    guard: administrator(d, READ_ALL_SCOPES, 'users:Get'),
    doc: READ_USERS_OPERATIONS.getUserRoles,
    input: { params: userPath },
    async handle({ params }) {
      const { roleIds } = await findUser(d.users, params.id)
      return { json: envelope([roleIds]) }
    },
  })

const customAttributeNames = (d: ReadUsersDeps) =>
  endpoint({
    method: 'get',
    path: '/api/1/users/custom_attributes',
    guard: administrator(d, READ_SCOPES, 'users:List'),
    doc: READ_USERS_OPERATIONS.getCustomAttributes,
    async handle() {
      return { json: envelope([await d.userDirectory.customAttributeNames()]) }
    },
  })

/** Reading people. */
export const readUsersRoutes = (d: ReadUsersDeps): ApiRoute[] => [
  listAll(d),
  customAttributeNames(d), // before the path that takes any word for an id
  getOne(d),
  appsOfUser(d, '/api/1/users/:id/apps', READ_USERS_OPERATIONS.getUserApps, (items) =>
    envelope(listData(items)),
  ),
  appsOfUser(d, '/api/2/users/:id/apps', READ_USERS_OPERATIONS.getUserAppsV2, (items) => items),
  rolesOfUser(d),
]
