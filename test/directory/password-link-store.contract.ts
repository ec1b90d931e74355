import { describe, expect, test } from 'vitest'
import type { PasswordLink, PasswordLinkStore } from '../../server/directory/password-link-store.ts'

/** What every `PasswordLinkStore` must do. `open` gives an empty one and two people's ids. */
export function passwordLinkStoreContract(
  name: string,
  open: () => Promise<{ store: PasswordLinkStore; ada: number; bob: number }>,
) {
  describe(`password link store, ${name}`, () => {
    const NOW = 1_000_000_000_000
    const link = (userId: number, more: Partial<PasswordLink> = {}): PasswordLink => ({
      userId,
      purpose: 'invite',
      tokenHash: 'a'.repeat(64),
      epoch: NOW,
      expiresAt: NOW + 1000,
      ...more,
    })

    test('finds a link as it was kept, again and again', async () => {
      const { store, ada } = await open()
      await store.put(link(ada))
      const found = [await store.find('a'.repeat(64), NOW), await store.find('a'.repeat(64), NOW + 999)]
      expect(found).toEqual([link(ada), link(ada)])
    })

    test('is used up once, by one of twenty callers at once', async () => {
      const { store, ada } = await open()
      await store.put(link(ada))
      const took = await Promise.all(Array.from({ length: 20 }, () => store.take('a'.repeat(64), NOW)))
      expect(took.filter(Boolean)).toHaveLength(1)
      expect(await store.find('a'.repeat(64), NOW)).toBeUndefined()
    })

    test('neither finds nor uses up what is over or was never there', async () => {
      const { store, ada } = await open()
      await store.put(link(ada))
      for (const [hash, now] of [
        ['a'.repeat(64), NOW + 1000],
        ['b'.repeat(64), NOW],
        ['', NOW],
      ] as const)
        expect([await store.find(hash, now), await store.take(hash, now)]).toEqual([undefined, false])
      expect(await store.take('a'.repeat(64), NOW)).toBe(true)
    })

    test('keeps one link a person and purpose: the newest', async () => {
      const { store, ada, bob } = await open()
      await store.put(link(ada))
      await store.put(link(ada, { purpose: 'reset', tokenHash: 'b'.repeat(64) }))
      await store.put(link(bob, { tokenHash: 'c'.repeat(64) }))
      await store.put(link(ada, { tokenHash: 'd'.repeat(64) }))
      expect(await store.take('a'.repeat(64), NOW)).toBe(false)
      for (const hash of ['b', 'c', 'd']) expect(await store.take(hash.repeat(64), NOW)).toBe(true)
    })
  })
}
