import type { z } from 'zod'
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
import { endpoint, type Method, type ApiRoute } from '../http/endpoint.ts'
import type { OperationDoc } from '../http/operation.ts'
import { originOf } from '../http/request.ts'
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
import {
  attributesOnly,
  changedUser,
  clearPassword,
  lock,
  newUser,
  roleIds,
  saltedPassword,
  stateOnly,
} from './user-body.ts'
import type { Body } from './user-input.ts'
import { userPath } from './users-routes.ts'
import { WRITE_USERS_OPERATIONS } from './users-write-operations.ts'
import { toUserV1 } from './user-wire.ts'
import type { User } from './user.ts'

export type WriteUsersDeps = PasswordDeps &
  AdministratorDeps & { privileges: Pick<PrivilegesStore, 'heldByRoles'> }

/** `data` of a person who was just written. */
const written = async (d: WriteUsersDeps, user: User) =>
  envelope([toUserV1(user, await d.userDirectory.customAttributeNames())])

const create = (d: WriteUsersDeps) =>
  endpoint({
    method: 'post',
    path: '/api/1/users',
    guard: administrator(d, MANAGE_USERS_SCOPES, 'users:Create', { failed: creationFailed }),
    doc: WRITE_USERS_OPERATIONS.createUser,
    input: { body: newUser },
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
    doc: WRITE_USERS_OPERATIONS.updateUser,
    input: { params: userPath, body: changedUser },
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
  doc: OperationDoc
  failed: FailureEvent
}

interface ActWithBody extends Act {
  schema: z.ZodType<Body>
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
    doc: WRITE_USERS_OPERATIONS.assignRoles,
    schema: roleIds,
    act: addRolesToUser,
    require: (d, caller, body) => requireMayGiveRoles(d, caller, givenRoleIds(body)),
    failed: addRolesFailed,
  },
  {
    method: 'put',
    path: `${ON_PERSON}/remove_roles`,
    scopes: MANAGE_ALL_SCOPES,
    action: 'users:ManageRoles',
    doc: WRITE_USERS_OPERATIONS.removeRoles,
    schema: roleIds,
    act: removeRolesFromUser,
    failed: removeRolesFailed,
  },
  {
    method: 'put',
    path: '/api/1/users/set_password_clear_text/:id',
    scopes: MANAGE_ALL_SCOPES,
    action: 'users:ResetPassword',
    doc: WRITE_USERS_OPERATIONS.setPasswordClearText,
    schema: clearPassword,
    act: setClearPassword,
    failed: clearPasswordFailed,
  },
  {
    method: 'put',
    path: '/api/1/users/set_password_using_salt/:id',
    scopes: MANAGE_ALL_SCOPES,
    action: 'users:ResetPassword',
    doc: WRITE_USERS_OPERATIONS.setPasswordSalted,
    schema: saltedPassword,
    act: setSaltedPassword,
    failed: saltedPasswordFailed,
  },
  {
    method: 'put',
    path: `${ON_PERSON}/set_custom_attributes`,
    scopes: MANAGE_USERS_SCOPES,
    action: 'users:Update',
    doc: WRITE_USERS_OPERATIONS.setCustomAttributes,
    schema: attributesOnly,
    act: setCustomAttributes,
    failed: customAttributesFailed,
  },
  {
    method: 'put',
    path: `${ON_PERSON}/set_state`,
    scopes: MANAGE_ALL_SCOPES,
    action: 'users:Update',
    doc: WRITE_USERS_OPERATIONS.setState,
    schema: stateOnly,
    act: setState,
    failed: updateFailed,
  },
  {
    method: 'put',
    path: `${ON_PERSON}/lock_user`,
    scopes: MANAGE_ALL_SCOPES,
    action: 'users:Update',
    doc: WRITE_USERS_OPERATIONS.lockUser,
    schema: lock,
    act: lockUser,
    failed: lockFailed,
  },
]

const withBody = (
  d: WriteUsersDeps,
  { method, path, scopes, action, doc, schema, act, require, failed }: ActWithBody,
) =>
  endpoint({
    method,
    path,
    guard: administrator(d, scopes, action, { failed }),
    doc,
    input: { params: userPath, body: schema },
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
    doc: WRITE_USERS_OPERATIONS.logOutUser,
    act: logOutUser,
    failed: logOutFailed,
  },
  {
    method: 'delete',
    path: ON_PERSON,
    scopes: MANAGE_USERS_SCOPES,
    action: 'users:Delete',
    doc: WRITE_USERS_OPERATIONS.deleteUser,
    act: deleteUser,
    failed: deletionFailed,
  },
]

const bodiless = (d: WriteUsersDeps, { method, path, scopes, action, doc, act, failed }: ActWithoutBody) =>
  endpoint({
    method,
    path,
    guard: administrator(d, scopes, action, { failed }),
    doc,
    input: { params: userPath },
    async handle({ params }, { caller, request }) {
      await act(d, params.id, originOf(request, caller.clientId))
      return { json: { status: successStatus() } }
    },
  })

/** Managing people. */
export const writeUsersRoutes = (d: WriteUsersDeps): ApiRoute[] => [
  create(d),
  update(d),
  ...ACTS.map((each) => withBody(d, each)),
  ...BODILESS.map((each) => bodiless(d, each)),
]
