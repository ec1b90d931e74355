import type { Scope } from '../oauth/scope.ts'

/** An API key of the v1-v3 resources; of the key itself only a digest is kept. */
export interface LegacyKey {
  id: number
  name: string
  scope: Scope
  enabled: boolean
  createdAt: number
  /** Whose privileges bound what it may do; null: all that its scope allows. */
  ownerUserId: number | null
}

export interface LegacyKeyStore {
  /** The key with this SHA-256, hex, if it is enabled and its owner, if any, is there. */
  findUsable(keyHash: string): Promise<LegacyKey | undefined>
  /** False when another has this name. */
  create(key: Omit<LegacyKey, 'id' | 'createdAt'> & { keyHash: string }): Promise<boolean>
  /** In the order they were made. */
  list(): Promise<LegacyKey[]>
  /** For good; false when no key has this name. */
  disable(name: string): Promise<boolean>
}
