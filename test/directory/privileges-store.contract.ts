import { describe, expect, test } from 'vitest'
import type { Privilege } from '../../server/directory/privileges.ts'
import type { PrivilegesStore } from '../../server/directory/privileges-store.ts'

/** An empty store in a directory of two people and two roles, of which ada holds the first. */
export interface PrivilegesWorld {
  store: PrivilegesStore
  ada: number
  bob: number
  role: number
  otherRole: number
  deleteUser(id: number): Promise<void>
}

const privilege = (id: string, more: Partial<Privilege> = {}): Privilege => ({
  id,
  name: id,
  description: null,
  privilege: {
    Version: '2018-05-18',
    Statement: [{ Effect: 'Allow', Action: ['users:Get'], Scope: ['*'] }],
  },
  ...more,
})

/** What every `PrivilegesStore` must do. */
export function privilegesStoreContract(name: string, open: () => Promise<PrivilegesWorld>) {
  describe(`privileges store, ${name}`, () => {
    test('keeps privileges as they were given, in the order they were made', async () => {
      const { store } = await open()
      await store.create(privilege('z', { description: 'd' }), 1)
      await store.create(privilege('a'), 2)
      expect(await store.list()).toEqual([privilege('z', { description: 'd' }), privilege('a')])
      expect(await store.update(privilege('z', { name: 'new' }))).toBe(true)
      expect(await store.find('z')).toEqual(privilege('z', { name: 'new' }))
      expect([await store.update(privilege('x')), await store.find('x')]).toEqual([false, undefined])
    })

    test('knows what a person holds, by themselves and by their roles, each once', async () => {
      const { store, ada, bob, role, otherRole } = await open()
      for (const [i, id] of ['direct', 'by role', 'both', 'neither'].entries())
        await store.create(privilege(id), i)
      await store.grant('direct', 'user', [ada])
      await store.grant('by role', 'role', [role])
      await store.grant('both', 'user', [ada, bob])
      await store.grant('both', 'role', [role])
      await store.grant('neither', 'role', [otherRole])
      expect((await store.heldBy(ada)).map(({ id }) => id)).toEqual(['direct', 'by role', 'both'])
      expect((await store.heldBy(bob)).map(({ id }) => id)).toEqual(['both'])
    })

    test('gives a privilege once, however often it is given', async () => {
      const { store, ada, bob } = await open()
      await store.create(privilege('p'), 1)
      await Promise.all([1, 2, 3].map(() => store.grant('p', 'user', [bob, ada, bob])))
      expect(await store.holders('p', 'user')).toEqual([ada, bob].sort((a, b) => a - b))
      expect(await store.holders('p', 'role')).toEqual([])
    })

    test('takes a privilege back from one of racing callers', async () => {
      const { store, ada } = await open()
      await store.create(privilege('p'), 1)
      await store.grant('p', 'user', [ada])
      const took = await Promise.all([1, 2, 3, 4].map(() => store.withdraw('p', 'user', ada)))
      expect(took.filter(Boolean)).toHaveLength(1)
      expect(await store.heldBy(ada)).toEqual([])
    })

    test('forgets who held what is gone, and what was held by who is gone', async () => {
      const { store, ada, bob, role, ...world } = await open()
      for (const id of ['p', 'q']) {
        await store.create(privilege(id), 1)
        await store.grant(id, 'user', [ada, bob])
        await store.grant(id, 'role', [role])
      }
      expect([await store.remove('p'), await store.remove('p')]).toEqual([true, false])
      expect((await store.heldBy(ada)).map(({ id }) => id)).toEqual(['q'])
      await world.deleteUser(bob)
      expect(await store.holders('q', 'user')).toEqual([ada])
    })

    test('tells what any of some roles holds, each once', async () => {
      const { store, ada, role } = await open()
      for (const id of ['p', 'q']) await store.create(privilege(id), 1)
      await store.grant('p', 'role', [role])
      await store.grant('q', 'user', [ada])
      expect((await store.heldByRoles([role, role, 9999])).map(({ id }) => id)).toEqual(['p'])
      expect(await store.heldByRoles([])).toEqual([])
    })

    test('tells which people and roles do not exist', async () => {
      const { store, ada, role } = await open()
      expect(await store.unknownHolders('user', [9999, ada, 9998])).toEqual([9999, 9998])
      expect(await store.unknownHolders('role', [role, 9999])).toEqual([9999])
      expect(await store.unknownHolders('role', [])).toEqual([])
    })
  })
}
