import type { FactorKind } from '../factors/factor-kind.ts'
import type { Database } from '../platform/database/database.ts'
import type { RememberedBrowserStore } from './remembered-browser-store.ts'

export function rememberedBrowserStoreSql(db: Database): RememberedBrowserStore {
  const alive = (userId: number, now: number) =>
    db.selectFrom('rememberedBrowsers').selectAll().where('userId', '=', userId).where('endsAt', '>', now)
  return {
    async add(browser) {
      await db.insertInto('rememberedBrowsers').values(browser).execute()
    },
    async find(userId, tokenHash, now) {
      const row = await alive(userId, now).where('tokenHash', '=', tokenHash).executeTakeFirst()
      return row && { ...row, factor: row.factor as FactorKind }
    },
    async list(userId, epoch, now) {
      const rows = await alive(userId, now)
        .where('epoch', '=', epoch)
        .orderBy('lastUsedAt', 'desc')
        .orderBy('id', 'desc')
        .execute()
      return rows.map((row) => ({ ...row, factor: row.factor as FactorKind }))
    },
    async noteUse(id, now) {
      await db.updateTable('rememberedBrowsers').set({ lastUsedAt: now }).where('id', '=', id).execute()
    },
    async end(userId, which) {
      const own = db.deleteFrom('rememberedBrowsers').where('userId', '=', userId)
      const { numDeletedRows } = await (
        which === 'all' ? own : own.where('id', '=', which.id)
      ).executeTakeFirst()
      return Number(numDeletedRows)
    },
    async tidy(userId, epoch, now) {
      await db
        .deleteFrom('rememberedBrowsers')
        .where('userId', '=', userId)
        .where((eb) => eb.or([eb('endsAt', '<=', now), eb('epoch', '!=', epoch)]))
        .execute()
    },
  }
}
