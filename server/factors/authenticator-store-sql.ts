import { sql } from 'kysely'
import type { Database } from '../platform/database/database.ts'
import { prepared } from '../platform/database/prepared.ts'
import type { Authenticator, AuthenticatorStore, NewAuthenticator } from './authenticator-store.ts'
import { FACTOR_KINDS, type FactorKind } from './factor-kind.ts'

const isKnown = (factor: string): factor is FactorKind => (FACTOR_KINDS as readonly string[]).includes(factor)

const ofUser = prepared((db, { userId }: { userId: number }) =>
  db
    .selectFrom('authenticators')
    .select(['id', 'userId', 'factor', 'label', 'sealedSecret', 'isDefault', 'active'])
    .where('userId', '=', userId)
    .orderBy('isDefault', 'desc')
    .orderBy('id'),
)

async function listAll(db: Database, userId: number): Promise<Authenticator[]> {
  const rows = await ofUser(db, { userId })
  return rows.flatMap(({ factor, isDefault, active, ...row }) =>
    isKnown(factor) ? [{ ...row, factor, isDefault: isDefault === 1, active: active === 1 }] : [],
  )
}

const insertion = (db: Database, { active, ...draft }: NewAuthenticator) =>
  db.insertInto('authenticators').values({ ...draft, isDefault: 0, active: active ? 1 : 0 })

async function insertOnce(db: Database, draft: NewAuthenticator): Promise<number | undefined> {
  const added = await insertion(db, draft)
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .executeTakeFirst()
  return added?.id
}

/** A new row gets its secret once it has the id that the secret is sealed for. */
async function sealed(
  db: Database,
  { userId, factor, label, active }: NewAuthenticator,
  id: number,
  seal: (id: number) => string | null,
): Promise<Authenticator> {
  const sealedSecret = seal(id)
  await db.updateTable('authenticators').set({ sealedSecret }).where('id', '=', id).execute()
  return { id, userId, factor, label, active, sealedSecret, isDefault: false }
}

export function authenticatorStoreSql(db: Database): AuthenticatorStore {
  return {
    listForUser: async (userId) => (await listAll(db, userId)).filter(({ active }) => active),
    listAllForUser: (userId) => listAll(db, userId),
    async add(draft, seal) {
      const { id } = await insertion(db, draft).returning('id').executeTakeFirstOrThrow()
      return sealed(db, draft, id, seal)
    },
    async addOnly(draft, seal) {
      const id = await insertOnce(db, draft)
      return id === undefined ? undefined : sealed(db, draft, id, seal)
    },
    async swapSecret(id, old, next) {
      const { numUpdatedRows } = await db
        .updateTable('authenticators')
        .set({ sealedSecret: next })
        .where('id', '=', id)
        .where('sealedSecret', '=', old)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async confirm(id, now) {
      const { numUpdatedRows } = await db
        .updateTable('authenticators')
        .set({ active: 1, lastUsedAt: now })
        .where('id', '=', id)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async replaceSecret(id, sealedSecret) {
      await db.updateTable('authenticators').set({ sealedSecret }).where('id', '=', id).execute()
    },
    async dropUnproved(userId, which) {
      const unproved = db.deleteFrom('authenticators').where('userId', '=', userId).where('active', '=', 0)
      await (
        'id' in which ? unproved.where('id', '=', which.id) : unproved.where('createdAt', '<', which.before)
      ).execute()
    },
    async remove(userId, id) {
      const { numDeletedRows } = await db
        .deleteFrom('authenticators')
        .where('id', '=', id)
        .where('userId', '=', userId)
        .executeTakeFirst()
      return numDeletedRows > 0n
    },
    async acceptStep(id, step) {
      const { numUpdatedRows } = await db
        .updateTable('authenticators')
        .set({ lastStep: step })
        .where('id', '=', id)
        .where('lastStep', '<', step)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async acceptCount(id, count) {
      const { numUpdatedRows } = await db
        .updateTable('authenticators')
        .set({ lastStep: count })
        .where('id', '=', id)
        .where('lastStep', count === 0 ? '<=' : '<', count)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async rename(userId, id, label) {
      const { numUpdatedRows } = await db
        .updateTable('authenticators')
        .set({ label })
        .where('id', '=', id)
        .where('userId', '=', userId)
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async makeDefault(userId, id) {
      const { numUpdatedRows } = await db
        .updateTable('authenticators')
        .set({ isDefault: sql<number>`case when id = ${id} then 1 else 0 end` })
        .where('userId', '=', userId)
        .where((eb) =>
          eb.exists(
            eb
              .selectFrom('authenticators as own')
              .select('own.id')
              .where('own.id', '=', id)
              .where('own.userId', '=', userId)
              .where('own.active', '=', 1),
          ),
        )
        .executeTakeFirst()
      return numUpdatedRows > 0n
    },
    async recordUse(id, now) {
      await db.updateTable('authenticators').set({ lastUsedAt: now }).where('id', '=', id).execute()
    },
  }
}
