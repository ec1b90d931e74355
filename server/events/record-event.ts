import { displayName } from '../directory/user.ts'
import type { UserStore } from '../directory/user-store.ts'
import { Problem } from '../errors.ts'
import { toForeignEvent, type EventBody } from './event-input.ts'
import type { EventStore, Origin } from './event-store.ts'

export interface RecordEventDeps {
  events: Pick<EventStore, 'record'>
  users: Pick<UserStore, 'find'>
}

/** The person that an attribute names, if it names one. @throws Problem when nobody has this id */
async function named(d: RecordEventDeps, attribute: string, id: number | undefined) {
  if (id === undefined) return undefined
  const user = await d.users.find(id)
  const description = `User for id ${id} was not found`
  if (!user) throw new Problem('invalid_request', { fields: { [attribute]: description } })
  return displayName(user)
}

/** Adds what another program says that happened. The people it names must exist. */
export async function recordEvent(d: RecordEventDeps, body: EventBody, origin: Origin): Promise<void> {
  const event = toForeignEvent(body)
  const userName = await named(d, 'user_id', body.user_id)
  const actorName = await named(d, 'actor_user_id', body.actor_user_id)
  await named(d, 'assuming_acting_user_id', body.assuming_acting_user_id)
  await d.events.record({
    ...event,
    userName: event.userName ?? userName ?? null,
    actorUserName: event.actorUserName ?? actorName ?? null,
    ipaddr: event.ipaddr ?? origin.address,
    clientId: origin.clientId ?? null,
    requestId: origin.requestId,
  })
}
