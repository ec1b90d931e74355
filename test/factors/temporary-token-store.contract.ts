import { describe, expect, test } from 'vitest'
import type { TemporaryTokenStore } from '../../server/factors/temporary-token-store.ts'

/** What every `TemporaryTokenStore` must do. `open` gives an empty one and two people's ids. */
export function temporaryTokenStoreContract(
  name: string,
  open: () => Promise<{ store: TemporaryTokenStore; ada: number; bob: number }>,
) {
  describe(`temporary token store, ${name}`, () => {
    const NOW = 1_000_000
    const token = (userId: number, more: object = {}) => ({
      userId,
      tokenDigest: 'digest',
      reusable: false,
      expiresAt: NOW + 1000,
      ...more,
    })

    test('takes a token for one use once, from twenty callers at once too', async () => {
      const { store, ada } = await open()
      await store.put(token(ada))
      const took = await Promise.all(Array.from({ length: 20 }, () => store.use(ada, 'digest', NOW)))
      expect(took.filter(Boolean)).toHaveLength(1)
    })

    test('takes a reusable token until its end', async () => {
      const { store, ada } = await open()
      await store.put(token(ada, { reusable: true }))
      const at = [NOW, NOW + 999, NOW + 1000]
      expect(await Promise.all(at.map((now) => store.use(ada, 'digest', now)))).toEqual([true, true, false])
    })

    test('tells who has a token that is alive', async () => {
      const { store, ada, bob } = await open()
      await store.put(token(ada))
      const asked = [store.isAlive(ada, NOW), store.isAlive(ada, NOW + 1000), store.isAlive(bob, NOW)]
      expect(await Promise.all(asked)).toEqual([true, false, false])
      await store.use(ada, 'digest', NOW)
      expect(await store.isAlive(ada, NOW)).toBe(false)
    })

    test('takes no expired, wrong or foreign token, and none of these uses it up', async () => {
      const { store, ada, bob } = await open()
      await store.put(token(ada))
      expect(await store.use(ada, 'digest', NOW + 1000)).toBe(false)
      expect(await store.use(ada, 'other', NOW)).toBe(false)
      expect(await store.use(bob, 'digest', NOW)).toBe(false)
      expect(await store.use(ada, 'digest', NOW)).toBe(true)
    })

    test('keeps one token a person: the newest', async () => {
      const { store, ada, bob } = await open()
      await store.put(token(ada, { reusable: true }))
      await store.put(token(bob))
      await store.put(token(ada, { tokenDigest: 'newer' }))
      expect(await store.use(ada, 'digest', NOW)).toBe(false)
      expect(await store.use(ada, 'newer', NOW)).toBe(true)
      expect(await store.use(ada, 'newer', NOW)).toBe(false)
      expect(await store.use(bob, 'digest', NOW)).toBe(true)
    })
  })
}
