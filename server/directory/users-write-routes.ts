import { z } from 'zod'
import {
  addRolesFailed,
  clearPasswordFailed,
  creationFailed,
  customAttributesFailed,
  deletionFailed,
  lockFailed,
  logOutFailed,
  removeRolesFailed,
  saltedPasswordFailed,
  updateFailed,
} from '../events/directory-events.ts'
import type { Origin } from '../events/event-store.ts'
import { envelope, successStatus } from '../http/api-wire.ts'
import { endpoint, type Method, type Route } from '../http/endpoint.ts'
import { originOf, type RequestFacts } from '../http/request.ts'
import { MANAGE_ALL_SCOPES, MANAGE_USERS_SCOPES, type Scope } from '../oauth/scope.ts'
import type { Bearer } from '../oauth/token-store.ts'
import { administrator, type AdministratorDeps, type FailureEvent } from './administrator.ts'
import { requireMayGiveRoles } from './delegation.ts'
import { lockUser, logOutUser, setCustomAttributes, setState } from './manage-access.ts'
import { addRolesToUser, givenRoleIds, removeRolesFromUser } from './manage-roles.ts'
import { createUser, deleteUser, updateUser } from './manage-users.ts'
import { setClearPassword, setSaltedPassword, type PasswordDeps } from './set-password.ts'
import type { UserAction } from './privileges.ts'
import type { PrivilegesStore } from './privileges-store.ts'
import type { Body } from './user-input.ts'
import { userPath } from './users-routes.ts'
import { toUserV1 } from './user-wire.ts'
import type { User } from './user.ts'

export type WriteUsersDeps = PasswordDeps &
  AdministratorDeps & { privileges: Pick<PrivilegesStore, 'heldByRoles'> }

/** A body as its own keys: who reads it says which of them are known. */
export const anyBody = z.custom<Body>((value) => typeof value === 'object' && value !== null)

/** `data` of a person who was just written. */
const written = async (d: WriteUsersDeps, user: User) =>
  envelope([toUserV1(user, await d.userDirectory.customAttributeNames())])

const create = (d: WriteUsersDeps) =>
  endpoint({
    method: 'post',
    path: '/api/1/users',
    guard: administrator(d, MANAGE_USERS_SCOPES, 'users:Create', { failed: creationFailed }),
    input: { body: anyBody },
    async handle({ body }, { caller, request }) {
      const user = await createUser(d, body, originOf(request, caller.clientId))
      return { json: await written(d, user) } // 200, not 201: SDKs take no other for a success
    },
  })

const update = (d: WriteUsersDeps) =>
  endpoint({
    method: 'put',
    path: '/api/1/users/:id',
    guard: administrator(d, MANAGE_USERS_SCOPES, 'users:Update', { failed: updateFailed }),
    input: { params: userPath, body: anyBody },
    async handle({ params, body }, { caller, request }) {
      const user = await updateUser(d, params.id, body, originOf(request, caller.clientId))
      return { json: await written(d, user) }
    },
  })

/** What is done to one person and answers that it was, nothing else. */
interface Act {
  method: Method
  path: string
  scopes: readonly Scope[]
  action: UserAction
  failed: FailureEvent
}

interface ActWithBody extends Act {
  act: (d: WriteUsersDeps, id: number, body: Body, origin: Origin) => Promise<void>
  /** What the caller needs beside the action. */
  require?: (d: WriteUsersDeps, caller: Bearer, body: Body) => Promise<void>
}

const ON_PERSON = '/api/1/users/:id'

const ACTS: readonly ActWithBody[] = [
  {
    method: 'put',
    path: `${ON_PERSON}/add_roles`,
    scopes: MANAGE_USERS_SCOPES,
    action: 'users:ManageRoles',
    act: addRolesToUser,
    require: (d, caller, body) => requireMayGiveRoles(d, caller, givenRoleIds(body)),
    failed: addRolesFailed,
  },
  {
    method: 'put',
    path: `${ON_PERSON}/remove_roles`,
    scopes: MANAGE_ALL_SCOPES,
    action: 'users:ManageRoles',
    act: removeRolesFromUser,
    failed: removeRolesFailed,
  },
  {
    method: 'put',
    path: '/api/1/users/set_password_clear_text/:id',
    scopes: MANAGE_ALL_SCOPES,
    action: 'users:ResetPassword',
    act: setClearPassword,
    failed: clearPasswordFailed,
  },
  {
    method: 'put',
    path: '/api/1/users/set_password_using_salt/:id',
    scopes: MANAGE_ALL_SCOPES,
    action: 'users:ResetPassword',
    act: setSaltedPassword,
    failed: saltedPasswordFailed,
  },
  {
    method: 'put',
    path: `${ON_PERSON}/set_custom_attributes`,
    scopes: MANAGE_USERS_SCOPES,
    action: 'users:Update',
    act: setCustomAttributes,
    failed: customAttributesFailed,
  },
  {
    method: 'put',
    path: `${ON_PERSON}/set_state`,
    scopes: MANAGE_ALL_SCOPES,
    action: 'users:Update',
    act: setState,
    failed: updateFailed,
  },
  {
    method: 'put',
    path: `${ON_PERSON}/lock_user`,
    scopes: MANAGE_ALL_SCOPES,
    action: 'users:Update',
    act: lockUser,
    failed: lockFailed,
  },
]

const withBody = (d: WriteUsersDeps, { method, path, scopes, action, act, require, failed }: ActWithBody) =>
  endpoint({
    method,
    path,
    guard: administrator(d, scopes, action, { failed }),
    input: { params: userPath, body: anyBody },
    async handle({ params, body }, { caller, request }) {
      await require?.(d, caller, body)
      await act(d, params.id, body, originOf(request, caller.clientId))
      return { json: { status: successStatus() } }
    },
  })

interface ActWithoutBody extends Act {
  act: (d: WriteUsersDeps, id: number, origin: Origin) => Promise<void>
}

/** These take no body; what some clients send along is not looked at. */
const BODILESS: readonly ActWithoutBody[] = [
  {
    method: 'put',
    path: `${ON_PERSON}/logout`,
    scopes: MANAGE_USERS_SCOPES,
    action: 'users:ForceLogout',
    act: logOutUser,
    failed: logOutFailed,
  },
  {
    method: 'delete',
    path: ON_PERSON,
    scopes: MANAGE_USERS_SCOPES,
    action: 'users:Delete',
    act: deleteUser,
    failed: deletionFailed,
  },
]

const bodiless = (d: WriteUsersDeps, { method, path, scopes, action, act, failed }: ActWithoutBody) =>
  endpoint({
    method,
    path,
    guard: administrator(d, scopes, action, { failed }),
    input: { params: userPath },
    async handle({ params }, { caller, request }) {
      await act(d, params.id, originOf(request, caller.clientId))
      return { json: { status: successStatus() } }
    },
  })

/** Managing people. */
export const writeUsersRoutes = (d: WriteUsersDeps): Route<RequestFacts>[] => [
  create(d),
  update(d),
  ...ACTS.map((each) => withBody(d, each)),
  ...BODILESS.map((each) => bodiless(d, each)),
]
