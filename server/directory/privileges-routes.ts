import { z } from 'zod'
import { Problem } from '../errors.ts'
import {
  privilegeCreated,
  privilegeDeleted,
  privilegeGranted,
  privilegeRevoked,
  privilegeUpdated,
} from '../events/privilege-events.ts'
import { optionalText, pathId, requiredText } from '../http/api-input.ts'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import { originOf } from '../http/request.ts'
import { MANAGE_ALL_SCOPES } from '../oauth/scope.ts'
import type { Clock } from '../platform/clock.ts'
import { uuid, type Random } from '../platform/random.ts'
import type { Transact } from '../stores.ts'
import { administrator, type AdministratorDeps } from './administrator.ts'
import { holderOperations, PRIVILEGE_OPERATIONS } from './privileges-operations.ts'
import { covers, statementsSchema, type Action, type Privilege } from './privileges.ts'
import type { HolderKind, PrivilegesStore } from './privileges-store.ts'

interface PrivilegeParts {
  clock: Clock
  random: Random
  privileges: PrivilegesStore
  transact: Transact
}
export type PrivilegeDeps = PrivilegeParts & AdministratorDeps

const PATH = '/api/1/privileges'
/** Most ids in one request. */
const MAX_HOLDERS = 1000

const may = (d: PrivilegeDeps, action: Action) => administrator(d, MANAGE_ALL_SCOPES, action)
const notFound = (message = 'Privilege was not found') => new Problem('not_found', { message })

const one = z.looseObject({ id: z.string() })
const body = z.looseObject({
  name: requiredText('name', 'name is empty', { max: 255 }),
  description: optionalText('description'),
  privilege: statementsSchema,
})

const toPrivilege = (id: string, { name, description, privilege }: z.output<typeof body>): Privilege => ({
  id,
  name,
  description: description ?? null,
  privilege,
})

async function findPrivilege(d: PrivilegeDeps, id: string): Promise<Privilege> {
  const privilege = await d.privileges.find(id)
  if (!privilege) throw notFound()
  return privilege
}

const listPrivileges = (d: PrivilegeDeps) =>
  endpoint({
    method: 'get',
    path: PATH,
    guard: may(d, 'privileges:List'),
    doc: PRIVILEGE_OPERATIONS.listPrivileges,
    async handle(_input, { caller: { reach } }) {
      const all = await d.privileges.list()
      return { json: all.filter((privilege) => covers(reach, privilege)) }
    },
  })

const getPrivilege = (d: PrivilegeDeps) =>
  endpoint({
    method: 'get',
    path: `${PATH}/:id`,
    guard: may(d, 'privileges:Get'),
    doc: PRIVILEGE_OPERATIONS.getPrivilege,
    input: { params: one },
    async handle({ params }) {
      return { json: await findPrivilege(d, params.id) }
    },
  })

const createPrivilege = (d: PrivilegeDeps) =>
  endpoint({
    method: 'post',
    path: PATH,
    guard: may(d, 'privileges:Create'),
    doc: PRIVILEGE_OPERATIONS.createPrivilege,
    input: { body },
    async handle(input, { caller, request }) {
      const privilege = toPrivilege(uuid(d.random), input.body)
      await d.transact(async ({ privileges, events }) => {
        await privileges.create(privilege, d.clock())
        await events.append(privilegeCreated(originOf(request, caller.clientId), privilege.name))
      })
      return { json: { id: privilege.id }, status: 201 }
    },
  })

const updatePrivilege = (d: PrivilegeDeps) =>
  endpoint({
    method: 'put',
    path: `${PATH}/:id`,
    guard: may(d, 'privileges:Update'),
    doc: PRIVILEGE_OPERATIONS.updatePrivilege,
    input: { params: one, body },
    async handle({ params: { id }, body: given }, { caller, request }) {
      await d.transact(async ({ privileges, events }) => {
        if (!(await privileges.update(toPrivilege(id, given)))) throw notFound()
        await events.append(privilegeUpdated(originOf(request, caller.clientId), given.name))
      })
      return { json: { id } }
    },
  })

const deletePrivilege = (d: PrivilegeDeps) =>
  endpoint({
    method: 'delete',
    path: `${PATH}/:id`,
    guard: may(d, 'privileges:Delete'),
    doc: PRIVILEGE_OPERATIONS.deletePrivilege,
    input: { params: one },
    async handle({ params: { id } }, { caller, request }) {
      const { name } = await findPrivilege(d, id)
      await d.transact(async ({ privileges, events }) => {
        if (!(await privileges.remove(id))) throw notFound()
        await events.append(privilegeDeleted(originOf(request, caller.clientId), name))
      })
      return { empty: 204 }
    },
  })

/** The three doors to the people, or to the roles, that hold a privilege. */
function holderRoutes(d: PrivilegeDeps, kind: HolderKind): ApiRoute[] {
  const plural = `${kind}s`
  const path = `${PATH}/:id/${plural}`
  const list = may(d, kind === 'user' ? 'privileges:ListUsers' : 'privileges:ListRoles')
  const manage = may(d, kind === 'user' ? 'privileges:ManageUsers' : 'privileges:ManageRoles')
  const docs = holderOperations(kind)
  const holder = (id: number) => {
    const named = { id, name: '' }
    return kind === 'user' ? { user: named } : { role: named }
  }
  const ids = z.array(z.int().positive()).min(1).max(MAX_HOLDERS)
  return [
    endpoint({
      method: 'get',
      path,
      guard: list,
      doc: docs.list,
      input: { params: one },
      async handle({ params }) {
        const { id } = await findPrivilege(d, params.id)
        const holders = await d.privileges.holders(id, kind)
        const cursors = { beforeCursor: null, previousLink: null, afterCursor: null, nextLink: null }
        return { json: { total: holders.length, [plural]: holders, ...cursors } }
      },
    }),
    endpoint({
      method: 'post',
      path,
      guard: manage,
      doc: docs.grant,
      input: { params: one, body: z.looseObject({ [plural]: ids }) },
      async handle(input, { caller, request }) {
        const { id, name } = await findPrivilege(d, input.params.id)
        const given = ids.parse(input.body[plural])
        const unknown = await d.privileges.unknownHolders(kind, given)
        if (unknown.length > 0)
          throw new Problem('invalid_request', { message: `${plural} not found: ${unknown.join(', ')}` })
        await d.transact(async ({ privileges, events }) => {
          await privileges.grant(id, kind, given)
          for (const one of new Set(given))
            await events.append(privilegeGranted(originOf(request, caller.clientId), name, holder(one)))
        })
        return { json: { success: true }, status: 201 }
      },
    }),
    endpoint({
      method: 'delete',
      path: `${path}/:holder_id`,
      guard: manage,
      doc: docs.withdraw,
      input: { params: z.looseObject({ id: z.string(), holder_id: pathId() }) },
      async handle({ params }, { caller, request }) {
        const { id, name } = await findPrivilege(d, params.id)
        const origin = originOf(request, caller.clientId)
        await d.transact(async ({ privileges, events }) => {
          if (!(await privileges.withdraw(id, kind, params.holder_id)))
            throw notFound(`Privilege is not assigned to this ${kind}`)
          await events.append(privilegeRevoked(origin, name, holder(params.holder_id)))
        })
        return { empty: 204 }
      },
    }),
  ]
}

/** Privileges of delegated administrators: what they are, and who holds them. */
export const privilegesRoutes = (d: PrivilegeDeps): ApiRoute[] => [
  listPrivileges(d),
  getPrivilege(d),
  createPrivilege(d),
  updatePrivilege(d),
  deletePrivilege(d),
  ...holderRoutes(d, 'role'),
  ...holderRoutes(d, 'user'),
]
