import type { z } from 'zod'
import { deleteUser } from '../directory/manage-users.ts'
import { setSaltedPassword } from '../directory/set-password.ts'
import type { User } from '../directory/user.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { originOf, type RequestFacts } from '../http/request.ts'
import { MANAGE_ALL_SCOPES, MANAGE_USERS_SCOPES } from '../oauth/scope.ts'
import type { Xml } from '../saml/xml.ts'
import { findPerson, type FindPersonDeps, type PersonPath } from './find-person.ts'
import { legacyKey, type KeyGuardDeps } from './key-guard.ts'
import { documentOf, readPerson } from './person-body.ts'
import { byId, byUsername, showPerson, type ReadPeopleDeps } from './users-routes.ts'
import { oldestUserXml } from './users-wire.ts'
import { createPerson, updatePerson, type WritePersonDeps } from './write-person.ts'
import { NOTHING, xmlReply } from './xml-fields.ts'

export type WritePeopleDeps = WritePersonDeps & FindPersonDeps & ReadPeopleDeps & KeyGuardDeps

const personDocument = documentOf('user')

const create = (d: WritePeopleDeps, path: string, show: (user: User) => Promise<Xml>) =>
  endpoint({
    method: 'post',
    path,
    guard: legacyKey(d, MANAGE_USERS_SCOPES),
    input: { body: personDocument },
    async handle({ body }, { caller, request }) {
      const user = await createPerson(d, caller, readPerson(body), originOf(request, caller.clientId))
      return xmlReply(await show(user), 201)
    },
  })

const update = <P extends PersonPath>(d: WritePeopleDeps, path: string, params: z.ZodType<P>) =>
  endpoint({
    method: 'put',
    path,
    guard: legacyKey(d, MANAGE_USERS_SCOPES),
    input: { params, body: personDocument },
    async handle({ params: named, body }, { caller, request }) {
      const { id } = await findPerson(d, caller, 'users:Update', named)
      await updatePerson(d, caller, id, readPerson(body), originOf(request, caller.clientId))
      return NOTHING
    },
  })

const remove = <P extends PersonPath>(d: WritePeopleDeps, path: string, params: z.ZodType<P>) =>
  endpoint({
    method: 'delete',
    path,
    guard: legacyKey(d, MANAGE_USERS_SCOPES),
    input: { params },
    async handle({ params: named }, { caller, request }) {
      const { id } = await findPerson(d, caller, 'users:Delete', named)
      await deleteUser(d, id, originOf(request, caller.clientId))
      return NOTHING
    },
  })

/** A password as SHA-256 of salt and password. */
const setPassword = (d: WritePeopleDeps) =>
  endpoint({
    method: 'put',
    path: '/api/v3/users/:id/set_password',
    guard: legacyKey(d, MANAGE_ALL_SCOPES),
    input: { params: byId, body: personDocument },
    async handle({ params, body }, { caller, request }) {
      const { id } = await findPerson(d, caller, 'users:ResetPassword', params)
      const { password = {} } = readPerson(body)
      await setSaltedPassword(d, id, password, originOf(request, caller.clientId))
      return NOTHING
    },
  })

/** Managing people. */
export const writePeopleRoutes = (d: WritePeopleDeps): Route<RequestFacts>[] => [
  create(d, '/api/v3/users', (user) => showPerson(d, user, false)),
  update(d, '/api/v3/users/username/:username', byUsername),
  update(d, '/api/v3/users/:id', byId),
  setPassword(d),
  remove(d, '/api/v3/users/username/:username', byUsername),
  remove(d, '/api/v3/users/:id', byId),
  create(d, '/users.xml', async (user) => oldestUserXml(user)),
  update(d, '/users/:id.xml', byId),
  remove(d, '/users/:id.xml', byId),
]
