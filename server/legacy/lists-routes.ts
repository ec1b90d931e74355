import { z } from 'zod'
import type { GroupStore } from '../directory/group-store.ts'
import type { RoleStore } from '../directory/role-store.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { NoSuchRecord } from '../http/legacy-wire.ts'
import type { RequestFacts } from '../http/request.ts'
import { READ_SCOPES } from '../oauth/scope.ts'
import type { ListPage, ListQuery } from '../platform/listing.ts'
import { element, type Xml } from '../saml/xml.ts'
import { legacyKey, type KeyGuardDeps } from './key-guard.ts'
import { pageIn } from './query.ts'
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

export interface NamedListDeps extends KeyGuardDeps {
  roles: Pick<RoleStore, 'list' | 'find'>
  groups: Pick<GroupStore, 'list' | 'find'>
}

/** The documentation knows no pages here; more than this are asked for by `page`. */
const PAGE_SIZE = 1000

const list = <T extends Named>(d: KeyGuardDeps, name: string, store: NamedStore<T>, show: (item: T) => Xml) =>
  endpoint({
    method: 'get',
    path: `/api/v3/${name}`,
    guard: legacyKey(d, READ_SCOPES),
    input: { query: z.looseObject({ page: pageIn }) },
    async handle({ query }) {
      const { items } = await store.list({
        where: [],
        search: undefined,
        sort: { column: 'id', descending: false },
        limit: PAGE_SIZE,
        skip: (query.page - 1) * PAGE_SIZE,
        from: undefined,
      })
      return xmlReply(listOf(name, items.map(show)))
    },
  })

const getOne = <T extends Named>(
  d: KeyGuardDeps,
  name: string,
  store: NamedStore<T>,
  show: (item: T) => Xml,
  missing: (id: string) => NoSuchRecord,
) =>
  endpoint({
    method: 'get',
    path: `/api/v3/${name}/:id`,
    guard: legacyKey(d, READ_SCOPES),
    input: { params: byId },
    async handle({ params: { id } }) {
      const item = /^\d{1,15}$/.test(id) ? await store.find(Number(id)) : undefined
      if (!item) throw missing(id)
      return xmlReply(show(item))
    },
  })

const roleXml = ({ id, name }: Named): Xml => element('role', {}, field('id', id), field('name', name))
const groupXml = ({ id, name, reference }: Named & { reference: string | null }): Xml =>
  element('group', {}, field('id', id), field('name', name), field('reference', reference))

const noRole = (id: string) => new NoSuchRecord('No such role', `No role found by id ${id}`)
const noGroup = (id: string) => new NoSuchRecord('No such group', `No Group found by Reference or ID '${id}'`)

/** Roles and groups, for reading. */
export const namedListRoutes = (d: NamedListDeps): Route<RequestFacts>[] => [
  list(d, 'roles', d.roles, roleXml),
  getOne(d, 'roles', d.roles, roleXml, noRole),
  list(d, 'groups', d.groups, groupXml),
  getOne(d, 'groups', d.groups, groupXml, noGroup),
]
