import { z } from 'zod'
import type { DelegationDeps } from '../directory/delegation.ts'
import type { Body } from '../directory/user-input.ts'
import { rowsWithin } from '../directory/within-reach.ts'
import { eventBody } from '../events/event-input.ts'
import type { EventColumn, EventStore } from '../events/event-store.ts'
import { recordEvent, type RecordEventDeps } from '../events/record-event.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { NoSuchRecord } from '../http/legacy-wire.ts'
import { originOf, type RequestFacts } from '../http/request.ts'
import { MANAGE_ALL_SCOPES, READ_ALL_SCOPES } from '../oauth/scope.ts'
import { SECOND } from '../platform/clock.ts'
import type { Condition, ListQuery } from '../platform/listing.ts'
import { eventXml } from './events-wire.ts'
import { legacyKey, type KeyGuardDeps } from './key-guard.ts'
import { documentOf } from './person-body.ts'
import { integerIn, pageIn } from './query.ts'
import { reachToList, requireReach } from './reach.ts'
import { byId } from './users-routes.ts'
import { listOf, xmlReply } from './xml-fields.ts'

export interface LegacyEventDeps extends KeyGuardDeps, RecordEventDeps, DelegationDeps {
  events: EventStore
}

/** One more than a page holds is sent, as OneLogin does: it tells that there is a next page. */
const PER_PAGE = 50
const NO_FILTERS = ['actor_user_id', 'app_id', 'role_id', 'group_id', 'otp_device_id', 'policy_id']

const listInput = z
  .looseObject({
    page: pageIn,
    per_page: integerIn('per_page', PER_PAGE, { max: 999 }),
    from_timestamp: integerIn('from_timestamp', undefined, { min: 0, max: 99_999_999_999 }),
    id: integerIn('id', undefined),
    event_type_id: integerIn('event_type_id', undefined),
    user_id: integerIn('user_id', undefined),
  })
  .superRefine((query, ctx) => {
    // Without an index they would read every event; passed over in silence they would answer something else.
    for (const name of NO_FILTERS.filter((each) => Object.hasOwn(query, each)))
      ctx.addIssue({ code: 'custom', path: [name], message: `${name} is not a filter of this list` })
  })

function conditionsOf(query: z.output<typeof listInput>): Condition<EventColumn>[] {
  const from = query.from_timestamp
  const equal = (column: EventColumn, to: number | undefined): Condition<EventColumn>[] =>
    to === undefined ? [] : [{ column, not: false, test: { is: 'equal', to } }]
  return [
    ...equal('id', query.id),
    ...equal('eventTypeId', query.event_type_id),
    ...equal('userId', query.user_id),
    ...(from === undefined
      ? []
      : [{ column: 'createdAt', not: false, test: { is: 'above', than: from * SECOND - 1 } } as const]),
  ]
}

const list = (d: LegacyEventDeps) =>
  endpoint({
    method: 'get',
    path: '/api/v3/events',
    guard: legacyKey(d, READ_ALL_SCOPES),
    input: { query: listInput },
    async handle({ query }, { caller }) {
      const page: ListQuery<EventColumn> = {
        where: conditionsOf(query),
        search: undefined,
        sort: { column: 'id', descending: false },
        limit: query.per_page + 1,
        skip: (query.page - 1) * query.per_page,
        from: undefined,
      }
      const reach = await reachToList(d, caller, 'events:List')
      const { items } = await d.events.list(rowsWithin(reach, page))
      return xmlReply(listOf('events', items.map(eventXml)))
    },
  })

const getOne = (d: LegacyEventDeps) =>
  endpoint({
    method: 'get',
    path: '/api/v3/events/:id',
    guard: legacyKey(d, READ_ALL_SCOPES),
    input: { params: byId },
    async handle({ params: { id } }, { caller }) {
      await requireReach(d, caller, 'events:Get', id)
      const event = /^\d{1,15}$/.test(id) ? await d.events.find(Number(id)) : undefined
      if (!event) throw new NoSuchRecord('Record Not Found', `No event found by id '${id}'`)
      return xmlReply(eventXml(event))
    },
  })

/** A document has texts only: those of digits that are ids are numbers, and an empty one is nothing. */
const typed = (document: Body): Body =>
  Object.fromEntries(
    Object.entries(document).map(([name, value]) => {
      if (value === '') return [name, null]
      const isId = name.endsWith('_id') && typeof value === 'string' && /^\d{1,15}$/.test(value)
      return [name, isId ? Number(value) : value]
    }),
  )

const create = (d: LegacyEventDeps) =>
  endpoint({
    method: 'post',
    path: '/api/v3/events',
    guard: legacyKey(d, MANAGE_ALL_SCOPES),
    input: { body: documentOf('event').transform(typed).pipe(eventBody) },
    async handle({ body }, { caller, request }) {
      await requireReach(d, caller, 'events:Create')
      await recordEvent(d, body, originOf(request, caller.clientId))
      return xmlReply('', 201)
    },
  })

/** What happened, for programs to read, and to add to. */
export const legacyEventRoutes = (d: LegacyEventDeps): Route<RequestFacts>[] => [
  list(d),
  getOne(d),
  create(d),
]
