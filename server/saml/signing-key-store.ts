/** A signing key at rest: the private key is sealed for its row. */
export interface StoredSigningKey {
  id: number
  sealedPrivateKey: string
  certificatePem: string
  active: boolean
}

export interface SigningKeyStore {
  /** The active key first. */
  list(): Promise<StoredSigningKey[]>
  /** Keeps a new active key; `seal` gets the row's id, which the sealed value is bound to. */
  add(certificatePem: string, seal: (id: number) => string): Promise<void>
}

/** Where a private key is sealed for. */
export const signingKeyPlace = (id: number): string => `signing_key:${id}`
