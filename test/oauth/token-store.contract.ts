import { describe, expect, test } from 'vitest'
import type { TokenPair, TokenStore } from '../../server/oauth/token-store.ts'

/** A store without tokens, and three credentials, one of them disabled. */
export type OpenTokenStore = () => Promise<{ store: TokenStore; ci: number; other: number; disabled: number }>

const NOW = Date.UTC(2030, 0, 1)
const pair = (name: string): TokenPair => ({
  accessTokenHash: `access ${name}`,
  refreshTokenHash: `refresh ${name}`,
  createdAt: NOW,
  expiresAt: NOW + 1000,
  refreshExpiresAt: NOW + 5000,
})
const hashes = (name: string) => ({ accessTokenHash: `access ${name}`, refreshTokenHash: `refresh ${name}` })

/** What every `TokenStore` must do. */
export function tokenStoreContract(name: string, open: OpenTokenStore) {
  describe(`token store, ${name}`, () => {
    test('knows the bearer of an access token until it expires', async () => {
      const { store, ci } = await open()
      await store.add(ci, pair('a'))
      const bearer = { credentialId: ci, clientId: 'ci', scope: 'Manage All' }
      expect(await store.findBearer('access a', NOW + 999)).toEqual(bearer)
      expect(await store.findBearer('access a', NOW + 1000)).toBeUndefined()
      expect(await store.findBearer('refresh a', NOW)).toBeUndefined()
      expect(await store.findBearer('access b', NOW)).toBeUndefined()
    })

    test('knows no bearer and refreshes nothing while the credential is disabled', async () => {
      const { store, disabled } = await open()
      await store.add(disabled, pair('a'))
      expect(await store.findBearer('access a', NOW)).toBeUndefined()
      expect(await store.takeForRefresh(hashes('a'), NOW)).toBeUndefined()
    })

    test('ends every pair of a credential, and nobody else’s', async () => {
      const { store, ci, other } = await open()
      await store.add(ci, pair('a'))
      await store.add(ci, pair('b'))
      await store.add(other, pair('c'))
      await store.revokeAll(ci)
      expect(await store.findBearer('access a', NOW)).toBeUndefined()
      expect(await store.takeForRefresh(hashes('b'), NOW)).toBeUndefined()
      expect(await store.findBearer('access c', NOW)).toBeDefined()
    })

    test('keeps several pairs of one credential alive', async () => {
      const { store, ci } = await open()
      await store.add(ci, pair('a'))
      await store.add(ci, pair('b'))
      expect([await store.findBearer('access a', NOW), await store.findBearer('access b', NOW)]).toHaveLength(
        2,
      )
      expect(await store.takeForRefresh(hashes('a'), NOW)).toBe(ci)
      expect(await store.findBearer('access b', NOW)).toBeDefined()
    })

    test('gives a refresh to exactly one of twenty at once, and the old access token dies with it', async () => {
      const { store, ci } = await open()
      await store.add(ci, pair('a'))
      const took = await Promise.all(Array.from({ length: 20 }, () => store.takeForRefresh(hashes('a'), NOW)))
      expect(took.filter((id) => id !== undefined)).toEqual([ci])
      expect(await store.findBearer('access a', NOW)).toBeUndefined()
    })

    test('refreshes only a pair that belongs together, until its refresh token expires', async () => {
      const { store, ci } = await open()
      await store.add(ci, pair('a'))
      await store.add(ci, pair('b'))
      const mixed = { accessTokenHash: 'access a', refreshTokenHash: 'refresh b' }
      expect(await store.takeForRefresh(mixed, NOW)).toBeUndefined()
      expect(await store.takeForRefresh({ ...mixed, accessTokenHash: '' }, NOW)).toBeUndefined()
      expect(await store.takeForRefresh(hashes('a'), NOW + 5000)).toBeUndefined()
      expect(await store.takeForRefresh(hashes('a'), NOW + 4999)).toBe(ci) // its access token had expired long ago
    })

    test("revokes a credential's own pair, refresh token too, and nobody else's", async () => {
      const { store, ci, other } = await open()
      await store.add(ci, pair('a'))
      await store.revoke(other, 'access a')
      expect(await store.findBearer('access a', NOW)).toBeDefined()
      await store.revoke(ci, 'access a')
      await store.revoke(ci, 'access a')
      expect(await store.findBearer('access a', NOW)).toBeUndefined()
      expect(await store.takeForRefresh(hashes('a'), NOW)).toBeUndefined()
    })

    test('forgets pairs that can no longer be refreshed, and only these', async () => {
      const { store, ci } = await open()
      await store.add(ci, pair('old'))
      await store.add(ci, { ...pair('new'), expiresAt: NOW + 10_000, refreshExpiresAt: NOW + 10_000 })
      await store.dropExpired(NOW + 5000)
      expect(await store.takeForRefresh(hashes('old'), NOW)).toBeUndefined()
      expect(await store.findBearer('access new', NOW + 5000)).toBeDefined()
    })

    test('never keeps the same token twice', async () => {
      const { store, ci, other } = await open()
      await store.add(ci, pair('a'))
      await expect(store.add(other, pair('a'))).rejects.toThrow()
      expect((await store.findBearer('access a', NOW))?.credentialId).toBe(ci)
    })
  })
}
