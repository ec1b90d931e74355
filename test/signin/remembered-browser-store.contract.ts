import { describe, expect, test } from 'vitest'
import type {
  RememberedBrowser,
  RememberedBrowserStore,
} from '../../server/signin/remembered-browser-store.ts'

/** What every `RememberedBrowserStore` must do. `open` gives an empty one and two people's ids. */
export function rememberedBrowserStoreContract(
  name: string,
  open: () => Promise<{ store: RememberedBrowserStore; ada: number; bob: number }>,
) {
  describe(`remembered browser store, ${name}`, () => {
    const NOW = 1_000_000_000_000
    const browser = (userId: number, token: string, more: Partial<RememberedBrowser> = {}) => ({
      userId,
      tokenHash: token.repeat(64),
      epoch: NOW,
      rules: 'r',
      factor: 'totp' as const,
      network: '203.0.113',
      address: '203.0.113.7',
      userAgent: 'Firefox',
      createdAt: NOW,
      lastUsedAt: NOW,
      endsAt: NOW + 1000,
      ...more,
    })

    test('finds a person’s browser as it was kept, and nobody else’s, until it is over', async () => {
      const { store, ada, bob } = await open()
      await store.add(browser(ada, 'a'))
      expect(await store.find(ada, 'a'.repeat(64), NOW + 999)).toMatchObject(browser(ada, 'a'))
      expect(await store.find(bob, 'a'.repeat(64), NOW)).toBeUndefined()
      expect(await store.find(ada, 'b'.repeat(64), NOW)).toBeUndefined()
      expect(await store.find(ada, 'a'.repeat(64), NOW + 1000)).toBeUndefined()
    })

    test('lists those of an epoch that are alive, the one used last first', async () => {
      const { store, ada, bob } = await open()
      await store.add(browser(ada, 'a'))
      await store.add(browser(ada, 'b'))
      await store.add(browser(ada, 'c', { epoch: NOW - 1 }))
      await store.add(browser(ada, 'd', { endsAt: NOW }))
      await store.add(browser(bob, 'e'))
      const [latest] = await store.list(ada, NOW, NOW)
      await store.noteUse((await store.find(ada, 'a'.repeat(64), NOW))!.id, NOW + 5)
      const tokens = (await store.list(ada, NOW, NOW)).map(({ tokenHash }) => tokenHash[0])
      expect([latest?.tokenHash[0], tokens]).toEqual(['b', ['a', 'b']])
    })

    test('ends one of a person’s, or all, once, and never another person’s', async () => {
      const { store, ada, bob } = await open()
      for (const token of ['a', 'b', 'c']) await store.add(browser(ada, token))
      await store.add(browser(bob, 'd'))
      const { id } = (await store.find(ada, 'a'.repeat(64), NOW))!
      expect(await store.end(bob, { id })).toBe(0)
      const ended = await Promise.all(Array.from({ length: 10 }, () => store.end(ada, { id })))
      expect(ended.toSorted()).toEqual([...Array<number>(9).fill(0), 1])
      expect([await store.end(ada, 'all'), await store.end(ada, 'all')]).toEqual([2, 0])
      expect(await store.list(bob, NOW, NOW)).toHaveLength(1)
    })

    test('tidies away what is over or of another epoch', async () => {
      const { store, ada } = await open()
      await store.add(browser(ada, 'a'))
      await store.add(browser(ada, 'b', { epoch: NOW - 1 }))
      await store.add(browser(ada, 'c', { endsAt: NOW }))
      await store.tidy(ada, NOW, NOW)
      expect(await store.end(ada, 'all')).toBe(1)
    })
  })
}
