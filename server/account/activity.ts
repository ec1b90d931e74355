import type { EventStore, StoredEvent } from '../events/event-store.ts'
import type { ListPage } from '../platform/listing.ts'

/** Events of an account that mean something to its owner, by the name of their words. */
export const TOLD_EVENTS = {
  5: 'signedIn',
  6: 'signInFailed',
  7: 'signedOut',
  8: 'openedApp',
  10: 'passwordRequested',
  11: 'passwordChanged',
  12: 'unlocked',
  13: 'created',
  14: 'updated',
  16: 'activated',
  19: 'locked',
  22: 'factorAdded',
  24: 'factorRemoved',
  122: 'signedInByProgram',
  123: 'programFailed',
  510: 'passwordSet',
  511: 'passwordSet',
  516: 'loggedOutByProgram',
  527: 'factorFailed',
  529: 'updated',
  531: 'lockedByProgram',
} as const
export type ToldEvent = (typeof TOLD_EVENTS)[keyof typeof TOLD_EVENTS]

export const toldEvent = (typeId: number): ToldEvent | undefined =>
  (TOLD_EVENTS as Readonly<Record<number, ToldEvent>>)[typeId]

const APP_OPENED = 8
/** Looking further back than this costs more than the order of tiles is worth. */
const RECENT_OPENINGS = 40

const ofTypes =
  (events: Pick<EventStore, 'list'>, userId: number, types: readonly number[]) =>
  (limit: number, after?: number): Promise<ListPage<StoredEvent>> =>
    events.list({
      where: [
        { column: 'userId', not: false, test: { is: 'equal', to: userId } },
        { column: 'eventTypeId', not: false, test: { is: 'oneOf', values: types } },
      ],
      search: undefined,
      sort: { column: 'id', descending: true },
      limit,
      from: after === undefined ? undefined : { key: after, id: after, direction: 'after' },
    })

/** What happened in a person's account, the newest first; `after` is the last event of the page before. */
export const activityOf = (
  d: { events: Pick<EventStore, 'list'> },
  userId: number,
  limit: number,
  after?: number,
): Promise<ListPage<StoredEvent>> =>
  ofTypes(d.events, userId, Object.keys(TOLD_EVENTS).map(Number))(limit, after)

/** The apps that a person opened, the last one first. */
export async function recentApps(d: { events: Pick<EventStore, 'list'> }, userId: number): Promise<number[]> {
  const { items } = await ofTypes(d.events, userId, [APP_OPENED])(RECENT_OPENINGS)
  return [...new Set(items.flatMap(({ appId }) => appId ?? []))]
}
