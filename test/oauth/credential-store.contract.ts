import { describe, expect, test } from 'vitest'
import type { CredentialStore } from '../../server/oauth/credential-store.ts'

const NEW = {
  name: 'ci',
  clientId: 'a'.repeat(64),
  clientSecretHash: 'digest',
  scope: 'Read All',
  enabled: true,
} as const

/** What every `CredentialStore` must do. `open` gives an empty one. */
export function credentialStoreContract(name: string, open: () => Promise<CredentialStore>) {
  describe(`credential store, ${name}`, () => {
    test('finds a credential by its client id, as it was made', async () => {
      const store = await open()
      await store.create(NEW)
      const { id, ...found } = (await store.findByClientId(NEW.clientId))!
      expect(id).toBeGreaterThan(0)
      expect(found).toEqual(NEW)
    })

    test('tells a disabled credential from an enabled one', async () => {
      const store = await open()
      await store.create({ ...NEW, enabled: false })
      expect((await store.findByClientId(NEW.clientId))?.enabled).toBe(false)
    })

    test('finds no client id that is spelled in another way', async () => {
      const store = await open()
      await store.create(NEW)
      for (const other of [
        '',
        'a',
        NEW.clientId.toUpperCase(),
        `${NEW.clientId} `,
        '%',
        `${NEW.clientId.slice(1)}_`,
      ])
        expect([other, await store.findByClientId(other)]).toEqual([other, undefined])
    })

    test('lists credentials oldest first, without their secrets, and says when an owner is gone', async () => {
      const store = await open()
      await store.create(NEW)
      await store.create({ ...NEW, name: 'other', clientId: 'other', enabled: false })
      await store.setOwner('other', 999_999)
      const listed = await store.list()
      expect(listed).toMatchObject([
        { name: 'ci', clientId: NEW.clientId, scope: 'Read All', enabled: true, owner: null },
        { name: 'other', enabled: false, owner: 'gone' },
      ])
      expect(JSON.stringify(listed)).not.toContain('digest')
    })

    test('shuts out, lets in and forgets by id, and tells when there is none', async () => {
      const store = await open()
      await store.create(NEW)
      const { id } = (await store.findByClientId(NEW.clientId))!
      expect(await store.setEnabled(id, false)).toBe(true)
      expect((await store.findByClientId(NEW.clientId))?.enabled).toBe(false)
      expect(await store.setEnabled(id, true)).toBe(true)
      expect((await store.findByClientId(NEW.clientId))?.enabled).toBe(true)
      expect([await store.remove(id), await store.remove(id)]).toEqual([true, false])
      expect(await store.setEnabled(id, true)).toBe(false)
    })

    test('keeps one credential a client id and a name, whoever comes first', async () => {
      const store = await open()
      const made = await Promise.allSettled(
        Array.from({ length: 5 }, (_, i) => store.create({ ...NEW, clientSecretHash: `digest ${i}` })),
      )
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
      await expect(store.create({ ...NEW, clientId: 'other' })).rejects.toThrow()
      await expect(store.create({ ...NEW, name: 'other' })).rejects.toThrow()
    })
  })
}
