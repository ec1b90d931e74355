import type { NewRow, Row } from '../platform/database/schema.ts'
import type { ListPage, ListQuery } from '../platform/listing.ts'

/** What a list of events can be filtered and sorted by. */
export type EventColumn =
  'id' | 'createdAt' | 'eventTypeId' | 'userId' | 'clientId' | 'directoryId' | 'resolution'

/** Where a request came from, as events and logs tell it. */
export interface Origin {
  /** Address of the client; forwarded addresses only from a trusted proxy. */
  address: string
  requestId: string
  /** `client_id` of the API credential, when a program called. */
  clientId?: string
}

/** What an operator does at the machine itself. */
export const COMMAND_LINE: Origin = { address: '127.0.0.1', requestId: 'command' }

/** What happened, before it has an id. Never holds a password, a code, a token or a samlAssertion. */
export interface EventDraft {
  /** One of OneLogin's event type ids. */
  typeId: number
  origin: Origin
  user?: { id: number; name: string }
  app?: { id: number; name: string }
  role?: { id: number; name: string }
  authenticator?: { id: number; name: string }
  notes?: string
  error?: string
}

/** What happened, as it is kept. */
export type StoredEvent = Row<'events'>

/** What another program says that happened. It gets its id, time and account here. */
export type ForeignEvent = Pick<NewRow<'events'>, 'eventTypeId'> &
  Partial<Omit<StoredEvent, 'id' | 'createdAt' | 'accountId'>>

/** What happened, append-only. */
export interface EventStore {
  append(draft: EventDraft): Promise<void>
  /** Adds what another program says that happened. */
  record(event: ForeignEvent): Promise<void>
  find(id: number): Promise<StoredEvent | undefined>
  list(query: ListQuery<EventColumn>): Promise<ListPage<StoredEvent>>
}
