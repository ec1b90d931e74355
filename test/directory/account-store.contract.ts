import { describe, expect, test } from 'vitest'
import type { AccountStore } from '../../server/directory/account-store.ts'

/** The account `acme` with `policy` as it was stored, and brands in the order given. */
export type OpenAccountStore = (stored: {
  policy: object
  brands: { name: string }[]
  /** Rules of group 1 and of app 5. */
  group?: object
  app?: object
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

    test('knows the rules that a group and an app have of their own', async () => {
      const none = await open({ policy: {}, brands: [] })
      expect((await none.rules(1, 5)).own).toEqual([])
      const store = await open({ policy: {}, brands: [], group: { mfa: 'required' }, app: { mfa: 'none' } })
      const { account, own } = await store.rules(1, 5)
      expect(account).toEqual((await store.account()).policy)
      expect(own).toEqual([{ mfa: 'required' }, { mfa: 'none' }])
      expect((await store.rules(null, 5)).own).toEqual([{ mfa: 'none' }])
      expect((await store.rules(1, undefined)).own).toEqual([{ mfa: 'required' }])
      expect((await store.rules(99, 99)).own).toEqual([])
    })

    test('refuses rules of a group that are none', async () => {
      const store = await open({ policy: {}, brands: [], group: { mfa: 'sometimes' } })
      await expect(store.rules(1, undefined)).rejects.toThrow()
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
