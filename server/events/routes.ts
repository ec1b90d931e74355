import { z } from 'zod'
import { administrator, type AdministratorDeps } from '../directory/administrator.ts'
import type { UserStore } from '../directory/user-store.ts'
import { rowsWithin } from '../directory/within-reach.ts'
import { Problem } from '../errors.ts'
import { pathId } from '../http/api-input.ts'
import { listQuery, readList } from '../http/api-list.ts'
import { listReply } from '../http/api-list-reply.ts'
import { envelope, successStatus } from '../http/api-wire.ts'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import { open } from '../http/guards.ts'
import { originOf } from '../http/request.ts'
import { MANAGE_ALL_SCOPES, READ_ALL_SCOPES } from '../oauth/scope.ts'
import { asListQuery, eventBody, EVENT_LIST } from './event-input.ts'
import type { EventStore } from './event-store.ts'
import { EVENT_TYPES } from './event-types.ts'
import { EVENT_OPERATIONS } from './operations.ts'
import { recordEvent } from './record-event.ts'
import { toEvent } from './wire.ts'

interface EventDeps {
  events: EventStore
  users: Pick<UserStore, 'find'>
}
type Deps = EventDeps & AdministratorDeps

const TYPES = envelope(EVENT_TYPES)

const getEventTypes = () =>
  endpoint({
    method: 'get',
    path: '/api/1/events/types',
    guard: open, // the same for everybody; SDKs ask without a token
    doc: EVENT_OPERATIONS.getEventTypes,
    async handle() {
      return { json: TYPES, headers: { 'Cache-Control': 'public, max-age=86400' } }
    },
  })

const getEvents = (d: Deps) =>
  endpoint({
    method: 'get',
    path: EVENT_LIST.path,
    guard: administrator(d, READ_ALL_SCOPES, 'events:List'),
    doc: EVENT_OPERATIONS.getEvents,
    input: { query: listQuery(EVENT_LIST) },
    async handle({ query }, { caller, request }) {
      const list = readList(EVENT_LIST, asListQuery(query))
      const page = await d.events.list(rowsWithin(caller.reach, list.query))
      return listReply(EVENT_LIST, list, page, toEvent, request)
    },
  })

const getEvent = (d: Deps) =>
  endpoint({
    method: 'get',
    path: '/api/1/events/:id',
    guard: administrator(d, READ_ALL_SCOPES, 'events:Get'),
    doc: EVENT_OPERATIONS.getEvent,
    input: { params: z.looseObject({ id: pathId() }) },
    async handle({ params: { id } }) {
      const event = await d.events.find(id)
      if (!event) throw new Problem('not_found', { message: `Event for id ${id} was not found` })
      return { json: envelope([toEvent(event)]) }
    },
  })

const createEvent = (d: Deps) =>
  endpoint({
    method: 'post',
    path: EVENT_LIST.path,
    guard: administrator(d, MANAGE_ALL_SCOPES, 'events:Create'),
    doc: EVENT_OPERATIONS.createEvent,
    input: { body: eventBody },
    async handle({ body }, { caller, request }) {
      await recordEvent(d, body, originOf(request, caller.clientId))
      return { json: { status: successStatus() } }
    },
  })

/** What happened, for programs to read, and to add to. */
export const eventRoutes = (d: Deps): ApiRoute[] => [
  getEventTypes(),
  getEvents(d),
  getEvent(d),
  createEvent(d),
]
