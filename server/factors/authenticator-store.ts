import type { Sealer } from '../platform/sealing.ts'
import type { FactorKind } from './factor-kind.ts'

/** One person's enrolled factor. */
export interface Authenticator {
  id: number
  userId: number
  factor: FactorKind
  label: string
  sealedSecret: string | null
  isDefault: boolean
  /** False until its person has answered with it once. */
  active: boolean
}

/** An authenticator before it has an id. */
export type NewAuthenticator = Pick<Authenticator, 'userId' | 'factor' | 'label' | 'active'> & {
  createdAt: number
}

export interface AuthenticatorStore {
  /** What a person may sign in with: active ones only, the default first, then in the order they were enrolled. */
  listForUser(userId: number): Promise<Authenticator[]>
  /** The same with those that wait for their first right answer. */
  listAllForUser(userId: number): Promise<Authenticator[]>
  /** Enrols one. `seal` makes its secret for the id it gets; null: it keeps none. */
  add(draft: NewAuthenticator, seal: (id: number) => string | null): Promise<Authenticator>
  /** Turns it active for good and notes the use. False when it has been removed meanwhile. */
  confirm(id: number, now: number): Promise<boolean>
  /** The same for a kind that everybody has at most once. `undefined`: this person has it already. */
  addOnly(draft: NewAuthenticator, seal: (id: number) => string | null): Promise<Authenticator | undefined>
  /** Keeps another secret in place of `old`. Of racing callers with the same old one exactly one gets true. */
  swapSecret(id: number, old: string, next: string): Promise<boolean>
  /** Keeps another secret for it. */
  replaceSecret(id: number, sealedSecret: string | null): Promise<void>
  /** Forgets what a person began and never proved: the one with this id, or all that were begun before a time. */
  dropUnproved(userId: number, which: { id: number } | { before: number }): Promise<void>
  /** Forgets a person's authenticator. Of racing calls exactly one gets true. */
  remove(userId: number, id: number): Promise<boolean>
  /**
   * Accepts a TOTP time step if it is later than every step accepted before, in one statement: of two racing uses of
   * one code exactly one gets true (RFC 6238 section 5.2).
   */
  acceptStep(id: number, step: number): Promise<boolean>
  /**
   * Accepts the count of a passkey's signature if it is higher than every count accepted before, or if there never was
   * one but 0, in one statement (WebAuthn Level 3, 7.2 step 22).
   */
  acceptCount(id: number, count: number): Promise<boolean>
  /** Gives a person's authenticator another name. False when it is not theirs. */
  rename(userId: number, id: number, label: string): Promise<boolean>
  /** Makes one of a person's active authenticators the one that is asked first, and no other. False when it is not theirs. */
  makeDefault(userId: number, id: number): Promise<boolean>
  recordUse(id: number, now: number): Promise<void>
}

/** Where a secret is sealed for: it opens for this row only. */
export const authenticatorPlace = (id: number): string => `authenticator:${id}`

/** What an authenticator keeps, in clear; null when it keeps nothing. Throws when it was moved or changed. */
export const openSecret = (sealer: Sealer, { id, sealedSecret }: Authenticator): string | null =>
  sealedSecret === null ? null : sealer.open(sealedSecret, authenticatorPlace(id))
