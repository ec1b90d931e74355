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

export interface CredentialStore {
  findByClientId(clientId: string): Promise<ApiCredential | undefined>
  create(credential: Omit<ApiCredential, 'id'>): Promise<void>
  /** From now on the credential may do what this person's privileges allow; null: all that its scope allows. */
  setOwner(clientId: string, ownerUserId: number | null): Promise<void>
}
