import { describe, expect, test } from 'vitest'
import type { RoleStore } from '../../server/directory/role-store.ts'

/** People 1 and 2, apps 1 and 2, and no role. `hold` gives a person a role. */
export interface OpenedRoles {
  store: RoleStore
  hold: (userId: number, roleId: number) => Promise<void>
}

/** What every `RoleStore` must do. */
export function roleStoreContract(name: string, open: () => Promise<OpenedRoles>) {
  describe(`role store, ${name}`, () => {
    test('finds, names and lists the roles that there are', async () => {
      const { store } = await open()
      const dev = (await store.create('Dev'))!
      const ops = (await store.create('Ops'))!
      expect(await store.find(ops)).toEqual({ id: ops, name: 'Ops' })
      expect(await store.find(ops + 1)).toBeUndefined()
      expect(await store.ids()).toEqual([dev, ops])
      expect(await store.named([ops, dev, 999])).toEqual([
        { id: dev, name: 'Dev' },
        { id: ops, name: 'Ops' },
      ])
      expect(await store.named([])).toEqual([])
      const sort = { column: 'name', descending: true } as const
      const page = await store.list({ where: [], search: undefined, sort, limit: 1, from: undefined })
      expect(page.items).toEqual([expect.objectContaining({ id: ops, name: 'Ops' })])
      expect(page.after).toEqual({ key: 'Ops', id: ops })
    })

    test('gives a name to one role only, of twenty calls at once', async () => {
      const { store } = await open()
      const ids = await Promise.all(Array.from({ length: 20 }, () => store.create('Dev')))
      expect(ids.filter((id) => id !== undefined)).toHaveLength(1)
      const other = (await store.create('Ops'))!
      expect(await store.rename(other, 'Dev')).toBe(false)
      expect(await store.rename(other, 'Ops')).toBe(true)
      expect(await store.rename(other, 'SRE')).toBe(true)
      expect((await store.find(other))?.name).toBe('SRE')
    })

    test('tells whom and what roles belong to, and forgets it with the role', async () => {
      const { store, hold } = await open()
      const dev = (await store.create('Dev'))!
      const ops = (await store.create('Ops'))!
      await hold(2, dev)
      await hold(1, dev)
      await store.setApps(dev, [2, 1, 2])
      expect(await store.members([dev, ops])).toEqual(
        new Map([
          [dev, { userIds: [1, 2], appIds: [1, 2] }],
          [ops, { userIds: [], appIds: [] }],
        ]),
      )
      await store.setApps(dev, [])
      expect((await store.members([dev])).get(dev)?.appIds).toEqual([])
      await store.remove(dev)
      expect((await store.members([dev])).get(dev)).toEqual({ userIds: [], appIds: [] })
      expect(await store.members([])).toEqual(new Map())
    })
  })
}
