import { describe, expect, test } from 'vitest'
import type { LegacyKeyStore } from '../../server/legacy/legacy-key-store.ts'

const NEW = { name: 'ci', keyHash: 'digest', scope: 'Read All', enabled: true, ownerUserId: null } as const

export interface OpenedKeys {
  store: LegacyKeyStore
  addPerson: (name: string) => Promise<number>
  removePerson: (id: number) => Promise<void>
}

/** What every `LegacyKeyStore` must do. `open` gives an empty one. */
export function legacyKeyStoreContract(name: string, open: () => Promise<OpenedKeys>) {
  describe(`legacy key store, ${name}`, () => {
    test('finds a key by its digest, as it was made, and never gives the digest', async () => {
      const { store } = await open()
      expect(await store.create(NEW)).toBe(true)
      const found = await store.findUsable(NEW.keyHash)
      expect(found).toEqual({
        id: expect.any(Number),
        name: 'ci',
        scope: 'Read All',
        enabled: true,
        createdAt: expect.any(Number),
        ownerUserId: null,
      })
      expect(await store.list()).toEqual([found])
      for (const other of ['', 'DIGEST', 'diges_', '%']) expect(await store.findUsable(other)).toBeUndefined()
    })

    test('finds no disabled key, and lists it still', async () => {
      const { store } = await open()
      await store.create(NEW)
      await store.create({ ...NEW, name: 'other', keyHash: 'other' })
      expect(await store.disable('ci')).toBe(true)
      expect(await store.findUsable('digest')).toBeUndefined()
      expect((await store.findUsable('other'))?.name).toBe('other')
      expect((await store.list()).map(({ name, enabled }) => [name, enabled])).toEqual([
        ['ci', false],
        ['other', true],
      ])
      expect(await store.disable('nobody')).toBe(false)
    })

    test('keeps one key a name, whoever comes first', async () => {
      const { store } = await open()
      const made = await Promise.all(
        Array.from({ length: 5 }, (_, i) => store.create({ ...NEW, keyHash: `digest ${i}` })),
      )
      expect(made.filter(Boolean)).toHaveLength(1)
      expect(await store.list()).toHaveLength(1)
    })

    test('a deleted owner takes their key along, and does not leave one without owner', async () => {
      const { store, addPerson, removePerson } = await open()
      const ownerUserId = await addPerson('dee')
      await store.create({ ...NEW, ownerUserId })
      expect((await store.findUsable('digest'))?.ownerUserId).toBe(ownerUserId)
      await removePerson(ownerUserId)
      expect(await store.findUsable('digest')).toBeUndefined()
    })
  })
}
