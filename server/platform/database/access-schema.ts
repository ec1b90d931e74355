import type { Generated } from 'kysely'

type Time = number

export interface RememberedBrowserTable {
  id: Generated<number>
  userId: number
  /** SHA-256, hex. */
  tokenHash: string
  epoch: number
  rules: string
  /** A `FactorKind`. */
  factor: string
  network: string
  address: string
  userAgent: string
  createdAt: Time
  lastUsedAt: Time
  endsAt: Time
}

export interface PasswordLinkTable {
  userId: number
  /** A `LinkPurpose`. */
  purpose: string
  /** SHA-256, hex: the token is 160 and more random bits, so a fast hash is enough. */
  tokenHash: string
  epoch: number
  expiresAt: Time
}
