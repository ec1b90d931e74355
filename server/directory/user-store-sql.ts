import { sql } from 'kysely'
import { DAY } from '../platform/clock.ts'
import type { Database } from '../platform/database/database.ts'
import { prepared } from '../platform/database/prepared.ts'
import type { Row } from '../platform/database/schema.ts'
import { loginKey, USER_STATUS, type User } from './user.ts'
import type { UserStore } from './user-store.ts'

/** After this long the first counted failure, and all that followed it, no longer count. */
const TRIES_FORGOTTEN_MS = DAY

// Named one by one: to copy a row without the two that nobody reads costs as much as to find it.
// prettier-ignore
const COLUMNS = [
  'id', 'email', 'username', 'firstname', 'lastname', 'status', 'state', 'groupId', 'passwordHash', 'passwordChangedAt',
  'invalidLoginAttempts', 'invalidLoginSince', 'lockedUntil', 'lockReason', 'lastLogin', 'activatedAt',
  'invitationSentAt', 'createdAt', 'updatedAt', 'sessionEpoch', 'graceUsed', 'comment', 'company', 'department',
  'directoryId', 'distinguishedName', 'externalId', 'localeCode', 'managerAdId', 'managerUserId', 'memberOf',
  'openidName', 'phone', 'preferredLocaleCode', 'samaccountname', 'title', 'trustedIdpId', 'userprincipalname',
  'customAttributes',
] as const

/** The ids of a person's roles in order, with commas between: with the person, because each question is a way to the database. */
const ROLE_IDS = sql<
  string | null
>`(select string_agg(cast(${sql.ref('roleId')} as text), ',' order by position) from ${sql.table('userRoles')} where ${sql.ref('userId')} = users.id)`

const people = (db: Database) => db.selectFrom('users').select(COLUMNS).select(ROLE_IDS.as('roleIds'))

const byId = prepared((db, { id }: { id: number }) => people(db).where('id', '=', id))
const byEmail = prepared((db, { key }: { key: string }) => people(db).where('emailKey', '=', key))
const byUsername = prepared((db, { key }: { key: string }) => people(db).where('usernameKey', '=', key))

type Found = Pick<Row<'users'>, (typeof COLUMNS)[number]> & { roleIds: string | null }

const toUser = (row: Found): User =>
  Object.assign(row, {
    roleIds: row.roleIds?.split(',').map(Number) ?? [],
    customAttributes: JSON.parse(row.customAttributes) as Record<string, string>,
  })

const lockedByGuessing = (now: number) =>
  sql<boolean>`(${sql.ref('lockReason')} = 'guessing' and ${sql.ref('lockedUntil')} > ${now})`

/** Of any kind: one that ends later, or one without an end, which somebody has to lift. */
const lockIsOn = (now: number) =>
  sql<boolean>`(coalesce(${sql.ref('lockedUntil')}, 0) > ${now} or (${sql.ref('lockedUntil')} is null and status = ${USER_STATUS.locked}))`

interface Tries {
  id: number
  now: number
  most: number
  /** Tries that began until then no longer count. */
  before: number
}

const tryReserved = prepared((db, { id, now, most, before }: Tries) => {
  const forgotten = sql<boolean>`(${sql.ref('invalidLoginSince')} is null or ${sql.ref('invalidLoginSince')} <= ${before})`
  return db
    .updateTable('users')
    .set({
      invalidLoginAttempts: sql<number>`case when ${forgotten} then 1 else ${sql.ref('invalidLoginAttempts')} + 1 end`,
      invalidLoginSince: sql<number>`case when ${forgotten} then ${now} else ${sql.ref('invalidLoginSince')} end`,
    })
    .where('id', '=', id)
    .where((eb) => eb.or([eb('lockReason', 'is', null), eb.not(lockedByGuessing(now))]))
    .where((eb) => eb.or([forgotten, eb('invalidLoginAttempts', '<', most)]))
    .returning('invalidLoginAttempts')
})

const triesCleared = prepared((db, { id, now }: { id: number; now: number }) => {
  const over = sql<boolean>`coalesce(${sql.ref('lockedUntil')} <= ${now}, false)`
  return db
    .updateTable('users')
    .set({
      invalidLoginAttempts: 0,
      invalidLoginSince: null,
      lockedUntil: sql<number | null>`case when ${over} then null else ${sql.ref('lockedUntil')} end`,
      lockReason: sql<string | null>`case when ${over} then null else ${sql.ref('lockReason')} end`,
      status: sql<number>`case when ${over} and status = ${USER_STATUS.locked} then ${USER_STATUS.active} else status end`,
    })
    .where('id', '=', id)
    .where((eb) => eb.or([eb('invalidLoginAttempts', '>', 0), over]))
})

const signInRecorded = prepared((db, { id, now }: { id: number; now: number }) =>
  db.updateTable('users').set({ lastLogin: now }).where('id', '=', id),
)

export function userStoreSql(db: Database): UserStore {
  return {
    async find(id) {
      const [row] = await byId(db, { id })
      return row && toUser(row)
    },

    async findByLogin(login) {
      const key = loginKey(login)
      const row = (await byEmail(db, { key }))[0] ?? (await byUsername(db, { key }))[0]
      return row && toUser(row)
    },

    async reservePasswordTry(id, rule) {
      const { now, maxInvalidAttempts: most } = rule
      const [row] = await tryReserved(db, { id, now, most, before: now - TRIES_FORGOTTEN_MS })
      if (row) return { is: 'counted', tries: row.invalidLoginAttempts }
      const open = await db
        .selectFrom('users')
        .select('invalidLoginSince')
        .where('id', '=', id)
        .where((eb) => eb.not(lockIsOn(rule.now)))
        .executeTakeFirst()
      return open ? { is: 'used_up', since: open.invalidLoginSince ?? rule.now } : { is: 'locked' }
    },

    async releasePasswordTry(id) {
      await db
        .updateTable('users')
        .set((eb) => ({ invalidLoginAttempts: eb('invalidLoginAttempts', '-', 1) }))
        .where('id', '=', id)
        .where('invalidLoginAttempts', '>', 0)
        .execute()
    },

    async lockForGuessing(id, rule) {
      const { numUpdatedRows } = await db
        .updateTable('users')
        .set({
          invalidLoginAttempts: 0,
          invalidLoginSince: null,
          lockedUntil: rule.now + rule.lockMs,
          lockReason: 'guessing',
          status: sql<number>`case when status = ${USER_STATUS.active} then ${USER_STATUS.locked} else status end`,
        })
        .where('id', '=', id)
        .where((eb) => eb.not(lockIsOn(rule.now)))
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    async clearPasswordTries(id, now) {
      await triesCleared(db, { id, now })
    },

    async upgradePassword(id, old, better) {
      await db
        .updateTable('users')
        .set({ passwordHash: better })
        .where('id', '=', id)
        .where('passwordHash', '=', old)
        .execute()
    },

    async endSessions(id) {
      await db
        .updateTable('users')
        .set((eb) => ({ sessionEpoch: eb('sessionEpoch', '+', 1) }))
        .where('id', '=', id)
        .execute()
    },

    async spendGrace(id, limit) {
      const { numUpdatedRows } = await db
        .updateTable('users')
        .set((eb) => ({ graceUsed: eb('graceUsed', '+', 1) }))
        .where('id', '=', id)
        .where('graceUsed', '<', limit)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },

    async recordSignIn(id, now) {
      await signInRecorded(db, { id, now })
    },
  }
}
