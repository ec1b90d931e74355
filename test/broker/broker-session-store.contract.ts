import { describe, expect, test } from 'vitest'
import type {
  BrokerSessionColumn,
  BrokerSessionStore,
  NewBrokerSession,
} from '../../server/broker/broker-session-store.ts'
import type { ListQuery } from '../../server/platform/listing.ts'

const HOUR = 3_600_000

/** A session of ten hours that begins at `now`. */
export const aBrokerSession = (
  userId: number,
  { epoch, now }: { epoch: number; now: number },
): NewBrokerSession => ({
  userId,
  clientId: 'doorward-cli',
  deviceName: 'laptop',
  keyStorage: 'keychain',
  jkt: 'j'.repeat(43),
  seed: 's'.repeat(22),
  rotatedAt: now,
  epoch,
  amr: ['pwd', 'otp', 'mfa'],
  passed: ['password', 'totp'],
  authTime: now,
  factorAt: now,
  createdAt: now,
  lastUsedAt: now,
  longestIdleMs: 0,
  idleEndsAt: now + 4 * HOUR,
  endsAt: now + 10 * HOUR,
  address: '203.0.113.7',
  lastAddress: '203.0.113.7',
  userAgent: 'doorward-aws',
})

/** What every `BrokerSessionStore` must do. `open` gives an empty one and two people's ids, both at epoch 0. */
export function brokerSessionStoreContract(
  name: string,
  open: () => Promise<{
    store: BrokerSessionStore
    ada: number
    bob: number
    remove: (id: number) => Promise<void>
  }>,
) {
  describe(`broker session store, ${name}`, () => {
    const NOW = 1_000_000_000_000
    const session = (userId: number, more: Partial<NewBrokerSession> = {}) => ({
      ...aBrokerSession(userId, { epoch: 0, now: NOW }),
      ...more,
    })
    const all: ListQuery<BrokerSessionColumn> = {
      where: [],
      search: undefined,
      sort: { column: 'id', descending: false },
      limit: 2,
      from: undefined,
    }

    test('finds a session as it was kept', async () => {
      const { store, ada } = await open()
      const id = await store.add(session(ada, { factorAt: undefined }))
      expect(await store.find(id)).toEqual({
        ...session(ada, { factorAt: undefined }),
        id,
        generation: 0,
        endedAt: undefined,
      })
      expect(await store.find(id + 1)).toBeUndefined()
    })

    test('lists a person’s that are alive: not ended, not over, not idle, of their epoch; the newest first', async () => {
      const { store, ada, bob } = await open()
      const first = await store.add(session(ada))
      const ended = await store.add(session(ada))
      await store.add(session(ada, { endsAt: NOW + 1 }))
      await store.add(session(ada, { idleEndsAt: NOW + 1 }))
      await store.add(session(ada, { epoch: 1 }))
      await store.add(session(bob))
      const last = await store.add(session(ada))
      await store.end(ended, NOW, 'test')
      expect((await store.list(ada, NOW + 1)).map(({ id }) => id)).toEqual([last, first])
    })

    test('pages through everybody’s by key', async () => {
      const { store, ada, bob } = await open()
      const ids = [
        await store.add(session(ada)),
        await store.add(session(bob)),
        await store.add(session(ada)),
      ]
      const first = await store.page(all, NOW)
      expect(first.items.map(({ id }) => id)).toEqual(ids.slice(0, 2))
      const next = await store.page({ ...all, from: { ...first.after!, direction: 'after' } }, NOW)
      expect(next.items.map(({ id }) => id)).toEqual(ids.slice(2))
      const ofBob = { column: 'userId', not: false, test: { is: 'equal', to: bob } } as const
      expect((await store.page({ ...all, where: [ofBob] }, NOW)).items.map(({ id }) => id)).toEqual([ids[1]])
    })

    test('of racing rotations from one generation exactly one wins', async () => {
      const { store, ada } = await open()
      const id = await store.add(session(ada))
      const won = await Promise.all(Array.from({ length: 8 }, () => store.rotate(id, 0, NOW + 5)))
      expect(won.filter(Boolean)).toHaveLength(1)
      expect(await store.find(id)).toMatchObject({ generation: 1, rotatedAt: NOW + 5 })
      expect(await store.rotate(id, 0, NOW)).toBe(false)
    })

    test('a session ends once, for good', async () => {
      const { store, ada } = await open()
      const id = await store.add(session(ada))
      const ended = await Promise.all(Array.from({ length: 8 }, () => store.end(id, NOW, 'test')))
      expect(ended.filter(Boolean)).toHaveLength(1)
      expect((await store.find(id))?.endedAt).toBe(NOW)
    })

    test('notes its use', async () => {
      const { store, ada } = await open()
      const id = await store.add(session(ada))
      const use = { lastUsedAt: NOW + 1, longestIdleMs: 1, idleEndsAt: NOW + 2, lastAddress: '2001:db8::7' }
      await store.noteUse(id, use)
      expect(await store.find(id)).toMatchObject(use)
    })

    test('forgets those that were over long ago, and those of who is gone', async () => {
      const { store, ada, bob, remove } = await open()
      const [old, young] = [await store.add(session(ada, { endsAt: NOW })), await store.add(session(ada))]
      const gone = await store.add(session(bob))
      await store.dropOver(NOW + 1)
      await remove(bob)
      expect(await store.find(old)).toBeUndefined()
      expect(await store.find(gone)).toBeUndefined()
      expect(await store.find(young)).toBeDefined()
    })
  })
}
