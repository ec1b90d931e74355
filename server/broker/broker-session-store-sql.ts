import { sql } from 'kysely'
import type { Database } from '../platform/database/database.ts'
import { conditionSql, keysetPage } from '../platform/database/list-page.ts'
import { prepared } from '../platform/database/prepared.ts'
import type { Row } from '../platform/database/schema.ts'
import { without } from '../platform/database/without.ts'
import type { BrokerSession, BrokerSessionStore } from './broker-session-store.ts'
import type { KeyStorage } from './key-storage.ts'

const toSession = (row: Row<'brokerSessions'>): BrokerSession => ({
  ...without(row, 'endReason'),
  keyStorage: row.keyStorage as KeyStorage,
  amr: JSON.parse(row.amr) as string[],
  passed: JSON.parse(row.passed) as string[],
  factorAt: row.factorAt ?? undefined,
  endedAt: row.endedAt ?? undefined,
})

const byId = prepared((db, { id }: { id: number }) =>
  db.selectFrom('brokerSessions').selectAll().where('id', '=', id),
)

export function brokerSessionStoreSql(db: Database): BrokerSessionStore {
  /** One that its person's epoch has passed by is over too. */
  const alive = (now: number) =>
    db
      .selectFrom('brokerSessions')
      .innerJoin('users', (join) =>
        join
          .onRef('users.id', '=', 'brokerSessions.userId')
          .onRef('users.sessionEpoch', '=', 'brokerSessions.epoch'),
      )
      .selectAll('brokerSessions')
      .where('brokerSessions.endsAt', '>', now)
      .where('brokerSessions.idleEndsAt', '>', now)
      .where('brokerSessions.endedAt', 'is', null)
  return {
    async add(session) {
      const { id } = await db
        .insertInto('brokerSessions')
        .values({
          ...session,
          factorAt: session.factorAt ?? null,
          amr: JSON.stringify(session.amr),
          passed: JSON.stringify(session.passed),
          generation: 0,
        })
        .returning('id')
        .executeTakeFirstOrThrow()
      return id
    },
    async find(id) {
      const [row] = await byId(db, { id })
      return row && toSession(row)
    },
    async list(userId, now) {
      const rows = await alive(now)
        .where('brokerSessions.userId', '=', userId)
        .orderBy('brokerSessions.id', 'desc')
        .execute()
      return rows.map(toSession)
    },
    async page(query, now) {
      const id = sql.ref<number>('brokerSessions.id')
      const conditions = query.where.map((condition) => conditionSql('brokerSessions', condition))
      const page = await keysetPage(query, { key: undefined, id }, ({ where, orderBy, limit, offset }) => {
        let select = alive(now).select(id.as('sortKey')).limit(limit)
        for (const condition of [...where, ...conditions]) select = select.where(condition)
        for (const by of orderBy) select = select.orderBy(by)
        return (offset > 0 ? select.offset(offset) : select).execute()
      })
      return { ...page, items: page.items.map((row) => toSession(without(row, 'sortKey'))) }
    },
    async rotate(id, from, now) {
      const { numUpdatedRows } = await db
        .updateTable('brokerSessions')
        .set({ generation: from + 1, rotatedAt: now })
        .where('id', '=', id)
        .where('generation', '=', from)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async noteUse(id, use) {
      await db.updateTable('brokerSessions').set(use).where('id', '=', id).execute()
    },
    async end(id, now, reason) {
      const { numUpdatedRows } = await db
        .updateTable('brokerSessions')
        .set({ endedAt: now, endReason: reason })
        .where('endedAt', 'is', null)
        .where('id', '=', id)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async dropOver(before) {
      await db.deleteFrom('brokerSessions').where('endsAt', '<', before).execute()
    },
  }
}
