import type { FactorKind } from './factor-kind.ts'

/** One person's enrolled factor. */
export interface Authenticator {
  id: number
  userId: number
  factor: FactorKind
  label: string
  sealedSecret: string | null
  isDefault: boolean
}

export interface AuthenticatorStore {
  /** The default first, then in the order they were enrolled. */
  listForUser(userId: number): Promise<Authenticator[]>
  /**
   * Accepts a TOTP time step if it is later than every step accepted before, in one statement: of two racing uses of
   * one code exactly one gets true (RFC 6238 section 5.2).
   */
  acceptStep(id: number, step: number): Promise<boolean>
  recordUse(id: number, now: number): Promise<void>
}

/** Where a secret is sealed for: it opens for this row only. */
export const authenticatorPlace = (id: number): string => `authenticator:${id}`
