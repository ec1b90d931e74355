import { z } from 'zod'
import type { Reach } from '../directory/privileges.ts'
import type { RoleStore } from '../directory/role-store.ts'
import type { UserDirectoryStore } from '../directory/user-directory-store.ts'
import type { User } from '../directory/user.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import type { RequestFacts } from '../http/request.ts'
import { READ_SCOPES } from '../oauth/scope.ts'
import { element, type Xml } from '../saml/xml.ts'
import { findPerson, type FindPersonDeps } from './find-person.ts'
import { legacyKey, type KeyGuardDeps } from './key-guard.ts'
import { integerIn, isTrue, pageIn } from './query.ts'
import { reachToList } from './reach.ts'
import { listedUserXml, oldestUserXml, userXml } from './users-wire.ts'
import { listOf, xmlReply } from './xml-fields.ts'

export interface ReadPeopleDeps extends KeyGuardDeps, FindPersonDeps {
  userDirectory: Pick<UserDirectoryStore, 'list' | 'customAttributeNames'>
  roles: Pick<RoleStore, 'named'>
}

const PAGE_SIZE = 100

export const byId = z.looseObject({ id: z.string() })
export const byUsername = z.looseObject({ username: z.string() })

const listInput = z.looseObject({
  page: pageIn,
  from_id: integerIn('from_id', undefined, { min: 0 }),
  status: integerIn('status', undefined, { min: 0, max: 8 }),
  include_custom_attributes: isTrue,
})

const statusIs = (to: number) => ({ column: 'status', not: false, test: { is: 'equal', to } }) as const

/** One page of people in id order. */
async function listPage(
  d: ReadPeopleDeps,
  { page, from_id: fromId, status }: z.output<typeof listInput>,
  reach: Reach,
) {
  const query = {
    where: status === undefined ? [] : [statusIs(status)],
    search: undefined,
    sort: { column: 'id', descending: false } as const,
    limit: PAGE_SIZE,
    skip: (page - 1) * PAGE_SIZE,
    from: fromId === undefined ? undefined : ({ direction: 'after', key: fromId, id: fromId } as const),
  }
  const { items } = await d.userDirectory.list(query, reach)
  return items
}

type ShowListed = (user: User, attributes: readonly string[]) => Xml

const list = (d: ReadPeopleDeps, path: string, show: ShowListed) =>
  endpoint({
    method: 'get',
    path,
    guard: legacyKey(d, READ_SCOPES),
    input: { query: listInput },
    async handle({ query }, { caller }) {
      const reach = await reachToList(d, caller, 'users:List')
      const attributes = await attributesAskedFor(d, query.include_custom_attributes)
      const people = await listPage(d, query, reach)
      return xmlReply(
        listOf(
          'users',
          people.map((user) => show(user, attributes)),
        ),
      )
    },
  })

const attributesAskedFor = async (d: ReadPeopleDeps, asked: boolean): Promise<string[]> =>
  asked ? d.userDirectory.customAttributeNames() : []

/** The whole user resource. */
export async function showPerson(d: ReadPeopleDeps, user: User, withAttributes: boolean): Promise<Xml> {
  const named = new Map((await d.roles.named(user.roleIds)).map((role) => [role.id, role]))
  const roles = user.roleIds.flatMap((id) => named.get(id) ?? [])
  return userXml(user, roles, await attributesAskedFor(d, withAttributes))
}

const showInput = z.looseObject({ include_custom_attributes: isTrue })

const getOne = <P extends { id: string } | { username: string }>(
  d: ReadPeopleDeps,
  path: string,
  params: z.ZodType<P>,
) =>
  endpoint({
    method: 'get',
    path,
    guard: legacyKey(d, READ_SCOPES),
    input: { params, query: showInput },
    async handle({ params: named, query }, { caller }) {
      const user = await findPerson(d, caller, 'users:Get', named)
      return xmlReply(await showPerson(d, user, query.include_custom_attributes))
    },
  })

const getOldest = (d: ReadPeopleDeps) =>
  endpoint({
    method: 'get',
    path: '/users/:id.xml',
    guard: legacyKey(d, READ_SCOPES),
    input: { params: byId },
    async handle({ params }, { caller }) {
      return xmlReply(oldestUserXml(await findPerson(d, caller, 'users:Get', params)))
    },
  })

const customAttributes = (d: ReadPeopleDeps) =>
  endpoint({
    method: 'get',
    path: '/api/v3/users/custom_attributes',
    guard: legacyKey(d, READ_SCOPES),
    async handle(_input, { caller }) {
      await reachToList(d, caller, 'users:List')
      const names = await d.userDirectory.customAttributeNames()
      const items = names.map((name) => element('attribute', { type: 'string', label: name, name }))
      return xmlReply(element('custom_attributes', {}, ...items))
    },
  })

/** Reading people. */
export const readPeopleRoutes = (d: ReadPeopleDeps): Route<RequestFacts>[] => [
  list(d, '/api/v3/users', listedUserXml),
  customAttributes(d), // before the path that takes any word for an id
  getOne(d, '/api/v3/users/username/:username', byUsername),
  getOne(d, '/api/v3/users/:id', byId),
  list(d, '/users.xml', oldestUserXml),
  getOldest(d),
]
