import type { Scope } from './scope.ts'

/** A client of the API (RFC 6749 section 2). */
export interface ApiCredential {
  id: number
  name: string
  clientId: string
  clientSecretHash: string
  scope: Scope
  enabled: boolean
}

/** A credential as it is shown to who looks after them. */
export interface ListedCredential extends Omit<ApiCredential, 'clientSecretHash'> {
  createdAt: number
  /** Whose privileges bound it; `gone` when they were deleted, and it can do nothing. */
  owner: { id: number; login: string } | 'gone' | null
}

export interface CredentialStore {
  findByClientId(clientId: string): Promise<ApiCredential | undefined>
  /** Oldest first. */
  list(): Promise<ListedCredential[]>
  create(credential: Omit<ApiCredential, 'id'>): Promise<void>
  /** False when there is none with this id. */
  setEnabled(id: number, enabled: boolean): Promise<boolean>
  /** Takes its tokens along. False when there is none with this id. */
  remove(id: number): Promise<boolean>
  /** From now on the credential may do what this person's privileges allow; null: all that its scope allows. */
  setOwner(clientId: string, ownerUserId: number | null): Promise<void>
}
