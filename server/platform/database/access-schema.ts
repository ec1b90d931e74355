import type { ColumnType, Generated } from 'kysely'

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

export interface BrokerSessionTable {
  id: Generated<number>
  userId: number
  clientId: string
  deviceName: string
  /** A `KeyStorage`. */
  keyStorage: string
  /** RFC 7638 thumbprint of the device's key. */
  jkt: string
  /** Random; its tokens are made for it, so that none of an older database fits. */
  seed: string
  generation: number
  rotatedAt: Time
  epoch: number
  amr: string
  passed: string
  authTime: Time
  factorAt: ColumnType<number | null, number | null | undefined>
  createdAt: Time
  lastUsedAt: Time
  longestIdleMs: number
  idleEndsAt: Time
  endsAt: Time
  endedAt: ColumnType<number | null, number | null | undefined>
  endReason: ColumnType<string | null, string | null | undefined>
  address: string
  lastAddress: string
  userAgent: string
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
