import { z } from 'zod'
import type { DelegationDeps } from '../directory/delegation.ts'
import type { Group, GroupStore } from '../directory/group-store.ts'
import type { Reach } from '../directory/privileges.ts'
import type { RoleStore } from '../directory/role-store.ts'
import { rowsWithin } from '../directory/within-reach.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { NoSuchRecord } from '../http/legacy-wire.ts'
import type { RequestFacts } from '../http/request.ts'
import { READ_SCOPES } from '../oauth/scope.ts'
import type { ListPage, ListQuery } from '../platform/listing.ts'
import { element, type Xml } from '../saml/xml.ts'
import { legacyKey, type KeyGuardDeps } from './key-guard.ts'
import type { LegacyCaller } from './legacy-key.ts'
import { pageIn } from './query.ts'
import { reachToList, requireReach } from './reach.ts'
import { byId } from './users-routes.ts'
import { field, listOf, xmlReply } from './xml-fields.ts'

interface Named {
  id: number
  name: string
}
interface NamedStore<T extends Named> {
  list(query: ListQuery<'id' | 'name'>): Promise<ListPage<T>>
  find(id: number): Promise<T | undefined>
}

type Deps = KeyGuardDeps & DelegationDeps
export interface NamedListDeps extends KeyGuardDeps, DelegationDeps {
  roles: Pick<RoleStore, 'list' | 'find'>
  groups: Pick<GroupStore, 'list' | 'find'>
}

/** The documentation knows no pages here; more than this are asked for by `page`. */
const PAGE_SIZE = 1000

/** What a kind of record is called, and what a key's owner may see of it. */
interface Kind<T extends Named> {
  name: string
  show: (item: T) => Xml
  missing: (id: string) => NoSuchRecord
  reach: (d: Deps, caller: LegacyCaller) => Promise<Reach>
  requireOne: (d: Deps, caller: LegacyCaller, id: string) => Promise<unknown>
}

const list = <T extends Named>(d: Deps, store: NamedStore<T>, { name, show, reach }: Kind<T>) =>
  endpoint({
    method: 'get',
    path: `/api/v3/${name}`,
    guard: legacyKey(d, READ_SCOPES),
    input: { query: z.looseObject({ page: pageIn }) },
    async handle({ query }, { caller }) {
      const page: ListQuery<'id' | 'name'> = {
        where: [],
        search: undefined,
        sort: { column: 'id', descending: false },
        limit: PAGE_SIZE,
        skip: (query.page - 1) * PAGE_SIZE,
        from: undefined,
      }
      const { items } = await store.list(rowsWithin(await reach(d, caller), page))
      return xmlReply(listOf(name, items.map(show)))
    },
  })

const getOne = <T extends Named>(
  d: Deps,
  store: NamedStore<T>,
  { name, show, missing, requireOne }: Kind<T>,
) =>
  endpoint({
    method: 'get',
    path: `/api/v3/${name}/:id`,
    guard: legacyKey(d, READ_SCOPES),
    input: { params: byId },
    async handle({ params: { id } }, { caller }) {
      await requireOne(d, caller, id)
      const item = /^\d{1,15}$/.test(id) ? await store.find(Number(id)) : undefined
      if (!item) throw missing(id)
      return xmlReply(show(item))
    },
  })

const roleXml = ({ id, name }: Named): Xml => element('role', {}, field('id', id), field('name', name))
const groupXml = ({ id, name, reference }: Group): Xml =>
  element('group', {}, field('id', id), field('name', name), field('reference', reference))

const noRole = (id: string) => new NoSuchRecord('No such role', `No role found by id ${id}`)
const noGroup = (id: string) => new NoSuchRecord('No such group', `No Group found by Reference or ID '${id}'`)

const ROLES: Kind<Named> = {
  name: 'roles',
  show: roleXml,
  missing: noRole,
  reach: (d, caller) => reachToList(d, caller, 'roles:List'),
  requireOne: (d, caller, id) => requireReach(d, caller, 'roles:Get', id),
}
/** No privilege is about groups: who may list people sees them. */
const GROUPS: Kind<Group> = {
  name: 'groups',
  show: groupXml,
  missing: noGroup,
  reach: async (d, caller) => {
    await reachToList(d, caller, 'users:List')
    return 'everything'
  },
  requireOne: (d, caller) => reachToList(d, caller, 'users:List'),
}

/** Roles and groups, for reading. */
export const namedListRoutes = (d: NamedListDeps): Route<RequestFacts>[] => [
  list(d, d.roles, ROLES),
  getOne(d, d.roles, ROLES),
  list(d, d.groups, GROUPS),
  getOne(d, d.groups, GROUPS),
]
