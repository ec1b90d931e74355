import { describe, expect, test } from 'vitest'
import type { AppStore } from '../../server/directory/app-store.ts'

/** Apps 1 `Wiki` (roles 10 and 11), 2 `AWS` (role 10), 3 `Empty` (no role, not visible). */
export type OpenAppStore = () => Promise<AppStore>

/** What every `AppStore` must do. */
export function appStoreContract(name: string, open: OpenAppStore) {
  describe(`app store, ${name}`, () => {
    test('finds an app with its settings, and nothing for an id that nobody has', async () => {
      const store = await open()
      expect(await store.find(1)).toEqual({
        id: 1,
        name: 'Wiki',
        connector: 'saml',
        icon: null,
        visible: true,
        settings: { acs_url: 'https://wiki.test/acs' },
      })
      expect((await store.find(3))?.visible).toBe(false)
      expect(await store.find(4)).toBeUndefined()
    })

    test('lists what these roles may open, each app once, by name', async () => {
      const store = await open()
      const names = async (roles: number[]) => (await store.listForRoles(roles)).map((app) => app.name)
      expect(await names([10, 11])).toEqual(['AWS', 'Wiki'])
      expect(await names([11])).toEqual(['Wiki'])
      expect(await names([12])).toEqual([])
      expect(await names([])).toEqual([])
    })

    test('lists all apps, filtered and in pages', async () => {
      const store = await open()
      const sort = { column: 'name', descending: false } as const
      const query = { where: [], search: undefined, sort, limit: 2, from: undefined }
      const first = await store.list(query)
      expect(first.items.map((app) => [app.name, app.visible])).toEqual([
        ['AWS', true],
        ['Empty', false],
      ])
      const rest = await store.list({ ...query, from: { ...first.after!, direction: 'after' } })
      expect([rest.items.map((app) => app.name), rest.after]).toEqual([['Wiki'], undefined])
      const where = [{ column: 'name', not: true, test: { is: 'like', parts: ['w', ''] } }] as const
      expect((await store.list({ ...query, where })).items.map((app) => app.name)).toEqual(['AWS', 'Empty'])
    })

    test('says whether any of these roles has the app', async () => {
      const store = await open()
      const asked: [app: number, roles: number[], want: boolean][] = [
        [1, [11], true],
        [1, [12, 10], true],
        [2, [11], false],
        [3, [10, 11], false],
        [4, [10], false],
        [1, [], false],
      ]
      for (const [app, roles, want] of asked)
        expect([app, roles, await store.isAssigned(app, roles)]).toEqual([app, roles, want])
    })

    test('takes more roles than anybody has', async () => {
      const store = await open()
      const many = Array.from({ length: 500 }, (_, i) => i + 11)
      expect(await store.isAssigned(1, many)).toBe(true)
      expect((await store.listForRoles(many)).map(({ id }) => id)).toEqual([1])
    })
  })
}
