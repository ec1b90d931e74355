import { describe, expect, test } from 'vitest'
import type { AuthenticatorStore } from '../../server/factors/authenticator-store.ts'

const NEW = { factor: 'totp', label: 'Phone', active: false, createdAt: 5 } as const

/** What every `AuthenticatorStore` must do. `open` gives an empty one and two people's ids. */
export function authenticatorStoreContract(
  name: string,
  open: () => Promise<{ store: AuthenticatorStore; ada: number; bob: number }>,
) {
  describe(`authenticator store, ${name}`, () => {
    test('seals the secret of a new authenticator for the id it gets', async () => {
      const { store, ada } = await open()
      const added = await store.add({ userId: ada, ...NEW }, (id) => `sealed for ${id}`)
      expect(added).toEqual({
        id: added.id,
        userId: ada,
        factor: 'totp',
        label: 'Phone',
        active: false,
        isDefault: false,
        sealedSecret: `sealed for ${added.id}`,
      })
      expect(await store.listAllForUser(ada)).toEqual([added])
    })

    test('offers an authenticator once it is confirmed, and only to its person', async () => {
      const { store, ada, bob } = await open()
      const { id } = await store.add({ userId: ada, ...NEW }, () => null)
      await store.add({ userId: ada, ...NEW }, () => null)
      expect(await store.listForUser(ada)).toEqual([])
      expect(await store.confirm(id, 10)).toBe(true)
      expect((await store.listForUser(ada)).map((one) => [one.id, one.active])).toEqual([[id, true]])
      expect(await store.listAllForUser(ada)).toHaveLength(2)
      expect(await store.listAllForUser(bob)).toEqual([])
    })

    test('lists in the order of enrolment', async () => {
      const { store, ada } = await open()
      const ids: number[] = []
      for (const label of ['c', 'a', 'b'])
        ids.push((await store.add({ userId: ada, ...NEW, label, active: true }, () => null)).id)
      expect((await store.listForUser(ada)).map(({ id }) => id)).toEqual(ids)
    })

    test('removes an authenticator for its person only, and for one of racing callers', async () => {
      const { store, ada, bob } = await open()
      const { id } = await store.add({ userId: ada, ...NEW }, () => null)
      expect(await store.remove(bob, id)).toBe(false)
      const removed = await Promise.all([1, 2, 3, 4].map(() => store.remove(ada, id)))
      expect(removed.filter(Boolean)).toHaveLength(1)
      expect(await store.confirm(id, 10)).toBe(false)
      expect(await store.listAllForUser(ada)).toEqual([])
    })

    test('keeps one of a kind that everybody has at most once, from twenty callers at once too', async () => {
      const { store, ada, bob } = await open()
      const codes = { factor: 'recovery_code', label: 'Codes', active: true, createdAt: 5 } as const
      const add = (userId: number) => store.addOnly({ userId, ...codes }, (id) => `for ${id}`)
      const added = await Promise.all(Array.from({ length: 20 }, () => add(ada)))
      expect(added.filter(Boolean)).toHaveLength(1)
      expect(await store.listForUser(ada)).toEqual(added.filter(Boolean))
      expect(await add(bob)).toMatchObject({ userId: bob, active: true })
    })

    test('swaps a secret for one of racing callers, and never one that was changed meanwhile', async () => {
      const { store, ada } = await open()
      const { id } = await store.add({ userId: ada, ...NEW }, () => 'first')
      const won = await Promise.all(
        Array.from({ length: 20 }, (_, i) => store.swapSecret(id, 'first', `next ${i}`)),
      )
      expect(won.filter(Boolean)).toHaveLength(1)
      expect((await store.listAllForUser(ada))[0]!.sealedSecret).toBe(`next ${won.indexOf(true)}`)
      expect(await store.swapSecret(id, 'first', 'late')).toBe(false)
    })

    test('accepts a time step once, from twenty callers at once too, and never an earlier one', async () => {
      const { store, ada } = await open()
      const { id } = await store.add({ userId: ada, ...NEW }, () => null)
      const took = await Promise.all(Array.from({ length: 20 }, () => store.acceptStep(id, 100)))
      expect(took.filter(Boolean)).toHaveLength(1)
      expect([await store.acceptStep(id, 99), await store.acceptStep(id, 101)]).toEqual([false, true])
    })

    test('of racing signatures with one count accepts one, and none that counts less', async () => {
      const { store, ada } = await open()
      const { id } = await store.add({ userId: ada, ...NEW }, () => null)
      expect([await store.acceptCount(id, 0), await store.acceptCount(id, 0)]).toEqual([true, true])
      const took = await Promise.all(Array.from({ length: 20 }, () => store.acceptCount(id, 7)))
      expect(took.filter(Boolean)).toHaveLength(1)
      const later = [
        await store.acceptCount(id, 6),
        await store.acceptCount(id, 0),
        await store.acceptCount(id, 8),
      ]
      expect(later).toEqual([false, false, true])
    })

    test('is named and asked first for its person only', async () => {
      const { store, ada, bob } = await open()
      const add = async (active: boolean) => (await store.add({ userId: ada, ...NEW, active }, () => null)).id
      const [first, second, unproved] = [await add(true), await add(true), await add(false)]
      expect([await store.rename(bob, second, 'Mine'), await store.makeDefault(bob, second)]).toEqual([
        false,
        false,
      ])
      expect(await store.makeDefault(ada, unproved)).toBe(false)
      expect([await store.rename(ada, second, 'Tablet'), await store.makeDefault(ada, second)]).toEqual([
        true,
        true,
      ])
      const shown = async () =>
        (await store.listForUser(ada)).map(({ id, label, isDefault }) => [id, label, isDefault])
      expect(await shown()).toEqual([
        [second, 'Tablet', true],
        [first, 'Phone', false],
      ])
      await store.makeDefault(ada, first)
      expect((await shown()).map(([, , isDefault]) => isDefault)).toEqual([true, false])
    })

    test('notes a use without turning an authenticator active', async () => {
      const { store, ada } = await open()
      const { id } = await store.add({ userId: ada, ...NEW }, () => null)
      await store.recordUse(id, 10)
      expect(await store.listForUser(ada)).toEqual([])
    })
  })
}
