import { describe, expect, test } from 'vitest'
import type { GroupStore } from '../../server/directory/group-store.ts'

/** What every `GroupStore` must do; `open` gives one with groups 1 `Staff` and 2 `Guests` (reference `g2`). */
export function groupStoreContract(name: string, open: () => Promise<GroupStore>) {
  describe(`group store, ${name}`, () => {
    test('finds a group, and nothing for an id that none has', async () => {
      const store = await open()
      expect(await store.find(2)).toEqual({ id: 2, name: 'Guests', reference: 'g2', policy: null })
      expect(await store.find(3)).toBeUndefined()
    })

    test('lists groups by name, page by page', async () => {
      const store = await open()
      const query = {
        where: [],
        search: undefined,
        sort: { column: 'name', descending: false },
        limit: 1,
      } as const
      const first = await store.list({ ...query, from: undefined })
      expect(first.items.map((group) => group.name)).toEqual(['Guests'])
      const second = await store.list({ ...query, from: { ...first.after!, direction: 'after' } })
      expect(second.items.map((group) => group.name)).toEqual(['Staff'])
      expect(second.after).toBeUndefined()
    })
  })
}
