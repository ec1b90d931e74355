import { Redis } from 'ioredis'
import type { Context } from '../../server/context.ts'

/** Every row of the database, a line each. */
export async function rowsKept({ db }: Pick<Context, 'db'>): Promise<string[]> {
  const tables = await db.introspection.getTables()
  const rows = await Promise.all(
    tables.map(({ name }) =>
      db
        .selectFrom(name as 'users')
        .selectAll()
        .execute(),
    ),
  )
  return rows.flat().map((row) => JSON.stringify(row))
}

/** Every name and value in Redis, a line each. */
export async function valuesKept(redisUrl: string): Promise<string[]> {
  const redis = new Redis(redisUrl)
  try {
    const keys = await redis.keys('*')
    const values = await Promise.all(
      keys.map(async (key) =>
        (await redis.type(key)) === 'set' ? redis.smembers(key) : [(await redis.get(key)) ?? ''],
      ),
    )
    return [...keys, ...values.flat()]
  } finally {
    redis.disconnect()
  }
}
