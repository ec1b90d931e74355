/** What a link is for. */
export type LinkPurpose = 'invite' | 'reset'

/** A link in a letter, by which somebody without a password chooses one. */
export interface PasswordLink {
  userId: number
  purpose: LinkPurpose
  /** SHA-256, hex, of the token in the link. */
  tokenHash: string
  /** The person's session epoch when it was made: what ends their sessions ends the link. */
  epoch: number
  expiresAt: number
}

/** Links in letters: at most one a person and purpose. */
export interface PasswordLinkStore {
  /** Keeps a link; the person's earlier one for the same purpose is forgotten. */
  put(link: PasswordLink): Promise<void>
  /** The link with this token that is alive at `now`, without using it up. */
  find(tokenHash: string, now: number): Promise<PasswordLink | undefined>
  /** Uses up a link that is alive at `now`: of racing calls exactly one gets true. */
  take(tokenHash: string, now: number): Promise<boolean>
}
