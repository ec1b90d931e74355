import { describe, expect, test } from 'vitest'
import type { SigningKeyStore } from '../../server/saml/signing-key-store.ts'

/** A store without keys, and a way to take a key out of use. */
export type OpenSigningKeyStore = () => Promise<{
  store: SigningKeyStore
  retire: (id: number) => Promise<void>
}>

/** What every `SigningKeyStore` must do. */
export function signingKeyStoreContract(name: string, open: OpenSigningKeyStore) {
  describe(`signing key store, ${name}`, () => {
    test('keeps a key that is sealed for the id it gets', async () => {
      const { store } = await open()
      expect(await store.list()).toEqual([])
      await store.add('certificate', (id) => `sealed for ${id}`)
      const [key, ...others] = await store.list()
      expect(others).toEqual([])
      const { id } = key!
      expect(key).toEqual({
        id,
        sealedPrivateKey: `sealed for ${id}`,
        certificatePem: 'certificate',
        active: true,
      })
    })

    test('lists the key in use first, then the others in the order they were made', async () => {
      const { store, retire } = await open()
      for (const certificate of ['first', 'second', 'third']) await store.add(certificate, () => 'sealed')
      const [first, second] = await store.list()
      await retire(first!.id)
      await retire(second!.id)
      const listed = (await store.list()).map(({ certificatePem, active }) => [certificatePem, active])
      expect(listed).toEqual([
        ['third', true],
        ['first', false],
        ['second', false],
      ])
    })

    test('keeps the keys of many at once apart', async () => {
      const { store } = await open()
      await Promise.all(
        Array.from({ length: 10 }, (_, i) => store.add(`certificate ${i}`, (id) => `${i} sealed for ${id}`)),
      )
      for (const { id, sealedPrivateKey, certificatePem } of await store.list())
        expect(sealedPrivateKey).toBe(`${certificatePem.slice('certificate '.length)} sealed for ${id}`)
    })
  })
}
