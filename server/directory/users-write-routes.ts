import { z } from 'zod'
import type { Origin } from '../events/event-store.ts'
import { envelope, successStatus } from '../http/api-wire.ts'
import { endpoint, type Method, type Route } from '../http/endpoint.ts'
import { bearer } from '../http/guards.ts'
import { originOf, type RequestFacts } from '../http/request.ts'
import { MANAGE_ALL_SCOPES, MANAGE_USERS_SCOPES, type Scope } from '../oauth/scope.ts'
import { lockUser, logOutUser, setCustomAttributes, setState } from './manage-access.ts'
import { addRolesToUser, removeRolesFromUser } from './manage-roles.ts'
import { createUser, deleteUser, updateUser } from './manage-users.ts'
import { setClearPassword, setSaltedPassword, type PasswordDeps } from './set-password.ts'
import type { Body } from './user-input.ts'
import { userPath } from './users-routes.ts'
import { toUserV1 } from './user-wire.ts'
import type { User } from './user.ts'

export type WriteUsersDeps = PasswordDeps & Parameters<typeof bearer>[0]

/** A body as its own keys: who reads it says which of them are known. */
export const anyBody = z.custom<Body>((value) => typeof value === 'object' && value !== null)

/** `data` of a person who was just written. */
const written = async (d: WriteUsersDeps, user: User) =>
  envelope([toUserV1(user, await d.userDirectory.customAttributeNames())])

const create = (d: WriteUsersDeps) =>
  endpoint({
    method: 'post',
    path: '/api/1/users',
    guard: bearer(d, MANAGE_USERS_SCOPES),
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
    guard: bearer(d, MANAGE_USERS_SCOPES),
    input: { params: userPath, body: anyBody },
    async handle({ params, body }, { caller, request }) {
      const user = await updateUser(d, params.id, body, originOf(request, caller.clientId))
      return { json: await written(d, user) }
    },
  })

interface Action {
  method: Method
  path: string
  scopes: readonly Scope[]
  act: (d: WriteUsersDeps, id: number, body: Body, origin: Origin) => Promise<void>
}

/** What is done to one person and answers that it was, nothing else. */
const ACTIONS: readonly Action[] = [
  { method: 'put', path: '/api/1/users/:id/add_roles', scopes: MANAGE_USERS_SCOPES, act: addRolesToUser },
  {
    method: 'put',
    path: '/api/1/users/:id/remove_roles',
    scopes: MANAGE_ALL_SCOPES,
    act: removeRolesFromUser,
  },
  {
    method: 'put',
    path: '/api/1/users/set_password_clear_text/:id',
    scopes: MANAGE_ALL_SCOPES,
    act: setClearPassword,
  },
  {
    method: 'put',
    path: '/api/1/users/set_password_using_salt/:id',
    scopes: MANAGE_ALL_SCOPES,
    act: setSaltedPassword,
  },
  {
    method: 'put',
    path: '/api/1/users/:id/set_custom_attributes',
    scopes: MANAGE_USERS_SCOPES,
    act: setCustomAttributes,
  },
  { method: 'put', path: '/api/1/users/:id/set_state', scopes: MANAGE_ALL_SCOPES, act: setState },
  { method: 'put', path: '/api/1/users/:id/lock_user', scopes: MANAGE_ALL_SCOPES, act: lockUser },
]

const action = (d: WriteUsersDeps, { method, path, scopes, act }: Action) =>
  endpoint({
    method,
    path,
    guard: bearer(d, scopes),
    input: { params: userPath, body: anyBody },
    async handle({ params, body }, { caller, request }) {
      await act(d, params.id, body, originOf(request, caller.clientId))
      return { json: { status: successStatus() } }
    },
  })

/** These take no body; what some clients send along is not looked at. */
const bodiless = (
  d: WriteUsersDeps,
  method: Method,
  path: string,
  act: (d: WriteUsersDeps, id: number, origin: Origin) => Promise<void>,
) =>
  endpoint({
    method,
    path,
    guard: bearer(d, MANAGE_USERS_SCOPES),
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
  ...ACTIONS.map((each) => action(d, each)),
  bodiless(d, 'put', '/api/1/users/:id/logout', logOutUser),
  bodiless(d, 'delete', '/api/1/users/:id', deleteUser),
]
