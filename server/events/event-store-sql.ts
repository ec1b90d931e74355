import type { Clock } from '../platform/clock.ts'
import type { Database } from '../platform/database/database.ts'
import { listRows } from '../platform/database/list-page.ts'
import type { EventStore } from './event-store.ts'

/** The one account of this house. */
const ACCOUNT_ID = 1

export function eventStoreSql(db: Database, clock: Clock): EventStore {
  return {
    async append({ typeId, origin, user, app, role, authenticator, notes, error }) {
      await db
        .insertInto('events')
        .values({
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
        .execute()
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
