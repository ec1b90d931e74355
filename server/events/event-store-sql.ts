import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database/database.ts'
import { prepared } from '../platform/database/prepared.ts'
import { listRows } from '../platform/database/list-page.ts'
import { only } from '../platform/database/without.ts'
import type { EventStore, StoredEvent } from './event-store.ts'

/** The one account of this house. */
const ACCOUNT_ID = 1

// prettier-ignore
const APPENDED = [
  'createdAt', 'eventTypeId', 'accountId', 'userId', 'userName', 'appId', 'appName', 'roleId', 'roleName',
  'otpDeviceId', 'otpDeviceName', 'clientId', 'ipaddr', 'requestId', 'notes', 'errorDescription',
] as const
type Appended = Pick<StoredEvent, (typeof APPENDED)[number]>

const added = prepared((db, event: Appended) => db.insertInto('events').values(only(event, APPENDED)))

export function eventStoreSql(db: Database, clock: Clock): EventStore {
  return {
    async append({ typeId, origin, user, app, role, authenticator, notes, error }) {
      await added(db, {
        createdAt: clock(),
        eventTypeId: typeId,
        accountId: ACCOUNT_ID,
        userId: user?.id ?? null,
        userName: user?.name ?? null,
        appId: app?.id ?? null,
        appName: app?.name ?? null,
        roleId: role?.id ?? null,
        roleName: role?.name ?? null,
        otpDeviceId: authenticator?.id ?? null,
        otpDeviceName: authenticator?.name ?? null,
        clientId: origin.clientId ?? null,
        ipaddr: origin.address,
        requestId: origin.requestId,
        notes: notes ?? null,
        errorDescription: error ?? null,
      })
    },
    async record(event) {
      await db
        .insertInto('events')
        .values({ ...event, createdAt: clock(), accountId: ACCOUNT_ID })
        .execute()
    },
    find: (id) => db.selectFrom('events').selectAll().where('id', '=', id).executeTakeFirst(),
    list: (query) => listRows(db, 'events', query),
  }
}
