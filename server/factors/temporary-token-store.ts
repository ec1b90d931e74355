/** A temporary MFA token as the database keeps it. */
export interface TemporaryToken {
  userId: number
  tokenDigest: string
  reusable: boolean
  expiresAt: number
}

/** Temporary MFA tokens: at most one a person. */
export interface TemporaryTokenStore {
  /** Keeps a person's token; their earlier one is forgotten. */
  put(token: TemporaryToken): Promise<void>
  /** Whether the person has a token that is alive at `now`. */
  isAlive(userId: number, now: number): Promise<boolean>
  /**
   * Whether this is the person's token and alive at `now`. One that is not reusable is gone with it: of racing uses
   * exactly one gets true.
   */
  use(userId: number, tokenDigest: string, now: number): Promise<boolean>
}
