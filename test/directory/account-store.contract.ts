import { describe, expect, test } from 'vitest'
import type { AccountStore } from '../../server/directory/account-store.ts'

/** The account `acme` with `policy` as it was stored, and brands in the order given. */
export type OpenAccountStore = (stored: {
  policy: object
  brands: { name: string }[]
}) => Promise<AccountStore>

/** What every `AccountStore` must do. */
export function accountStoreContract(name: string, open: OpenAccountStore) {
  describe(`account store, ${name}`, () => {
    test('knows the company, and fills in what its policy leaves out', async () => {
      const store = await open({ policy: { max_invalid_attempts: 7 }, brands: [] })
      const { id, subdomain, policy } = await store.account()
      expect([id, subdomain]).toEqual([1, 'acme'])
      expect(policy).toMatchObject({
        mfa: 'enrolled',
        max_invalid_attempts: 7,
        lock_minutes: 30,
        session_hours: 10,
      })
    })

    test('refuses a policy that is out of bounds instead of signing people in by it', async () => {
      for (const policy of [
        { max_invalid_attempts: 0 },
        { mfa: 'sometimes' },
        { lock_minutes: -1 },
        { unknown: 1 },
      ]) {
        const store = await open({ policy, brands: [] })
        await expect(store.account()).rejects.toThrow()
      }
    })

    test('lists the brands in the order of the document', async () => {
      const store = await open({ policy: {}, brands: [{ name: 'zeta' }, { name: 'alpha' }, { name: 'mid' }] })
      expect((await store.brands()).map(({ name: brand }) => brand)).toEqual(['zeta', 'alpha', 'mid'])
    })

    test('has no embed token until one is set, and none after it was taken away', async () => {
      const store = await open({ policy: {}, brands: [] })
      expect(await store.embedTokenHash()).toBe(null)
      await store.setEmbedTokenHash('digest')
      expect(await store.embedTokenHash()).toBe('digest')
      await store.setEmbedTokenHash(null)
      expect(await store.embedTokenHash()).toBe(null)
    })

    test('has no brands when none were given', async () => {
      expect(await (await open({ policy: {}, brands: [] })).brands()).toEqual([])
    })
  })
}
