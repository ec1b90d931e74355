import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import { pendingStoreMemory } from '../../server/pending/pending-store-memory.ts'
import { pendingStoreRedis } from '../../server/pending/pending-store-redis.ts'
import type { PendingStore } from '../../server/pending/pending-store.ts'
import { connectRedis } from '../../server/platform/redis.ts'
import { movableClock } from '../support/clock.ts'
import { freshRedisUrl } from '../support/redis.ts'
import { pendingStoreContract } from './pending-store.contract.ts'

const clock = movableClock()
pendingStoreContract('memory', {
  async open() {
    const store = pendingStoreMemory({ clock: clock.now })
    return [store, store]
  },
  sleep: async (seconds) => clock.advance(seconds),
})

const url = await freshRedisUrl()
const direct = new Redis(url)
afterAll(() => direct.disconnect())
let opened = 0

async function connected(prefix: string): Promise<PendingStore> {
  const redis = connectRedis(url, { onError: (error) => expect.fail(error.message) })
  await new Promise<void>((resolve) => redis.once('ready', resolve))
  return pendingStoreRedis(redis, { prefix })
}

pendingStoreContract('redis', {
  open() {
    const prefix = `open${opened++}`
    return Promise.all([connected(prefix), connected(prefix)])
  },
  sleep: (seconds) => wait(seconds * 1000),
})

test('pending store, redis: no key and no value shows an id', async () => {
  const store = await connected('dump')
  onTestFinished(() => store.close())
  const id = 'dw_state_5d41402abc4b2a76b9719d911017c592'
  await store.put('attempt', id, 'value', 60)
  await store.swap('attempt', id, 'value', 'other value')
  await store.count('failed_password', id, 60)
  const keys = await direct.keys('dump:*')
  const dump = JSON.stringify([keys, await direct.mget(keys)])
  expect(keys).toHaveLength(2)
  expect(dump).not.toContain(id.slice(9, 25))
  expect(dump).toContain('other value')
})

test('pending store, redis: every key has an expiry', async () => {
  const store = await connected('expiry')
  onTestFinished(() => store.close())
  await store.put('attempt', 'a', 'one', 60)
  await store.swap('attempt', 'a', 'one', 'two')
  await Promise.all(Array.from({ length: 20 }, () => store.count('rate_limit', 'a', 60)))
  const left = await Promise.all((await direct.keys('expiry:*')).map((key) => direct.pttl(key)))
  expect(left).toHaveLength(2)
  expect(left.every((ms) => ms > 0 && ms <= 60_000)).toBe(true)
})

test('pending store, redis: a counter that lost its expiry gets one at the next count', async () => {
  const store = await connected('stuck')
  onTestFinished(() => store.close())
  await store.count('rate_limit', 'a', 60)
  const [key] = await direct.keys('stuck:*')
  await direct.persist(key!)
  expect(await store.count('rate_limit', 'a', 60)).toEqual({ count: 2, resetSeconds: 60 })
})

test('pending store, redis: scripts that Redis has forgotten are sent again', async () => {
  const store = await connected('flushed')
  onTestFinished(() => store.close())
  await store.count('rate_limit', 'a', 60)
  await direct.script('FLUSH')
  expect((await store.count('rate_limit', 'a', 60)).count).toBe(2)
})

test('pending store, redis: a reply of another kind is refused and not read as absent', async () => {
  const store = await connected('kinds')
  onTestFinished(() => store.close())
  await store.put('attempt', 'a', 'one', 60)
  const [key] = await direct.keys('kinds:*')
  await direct.del(key!)
  await direct.lpush(key!, 'a list')
  await expect(store.peek('attempt', 'a')).rejects.toMatchObject({
    code: 'unavailable',
    retryAfterSeconds: 5,
  })
  await expect(store.take('attempt', 'a')).rejects.toMatchObject({ code: 'unavailable' })
  await expect(store.swap('attempt', 'a', 'one', 'two')).rejects.toMatchObject({ code: 'unavailable' })
})

test('pending store, memory: memory stays flat while records come and expire', async () => {
  const store = pendingStoreMemory({ clock: clock.now })
  const run = async (records: number) => {
    for (let i = 0; i < records; i++) {
      await store.put('attempt', `${opened++}`, 'x'.repeat(1000), 1)
      if (i % 100 === 0) clock.advance(1) // at most 100 are alive
    }
    global.gc?.()
    return process.memoryUsage().heapUsed
  }
  await run(2_000)
  const before = await run(2_000)
  expect((await run(100_000)) - before).toBeLessThan(30_000_000) // all of them kept would be over 100 MB
})

test('pending store, memory: a clock set back revives nothing that was seen to be over', async () => {
  const store = pendingStoreMemory({ clock: clock.now })
  await store.put('attempt', 'a', 'one', 10)
  clock.advance(11)
  expect(await store.peek('attempt', 'a')).toBeUndefined()
  clock.advance(-5)
  expect(await store.peek('attempt', 'a')).toBeUndefined()
})
