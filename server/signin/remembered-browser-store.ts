import type { FactorKind } from '../factors/factor-kind.ts'

/** A browser in which a person is not asked for their second factor for a while. */
export interface RememberedBrowser {
  id: number
  userId: number
  /** SHA-256, hex, of what the browser's cookie holds. */
  tokenHash: string
  /** The person's session epoch: what ends their sessions ends this. */
  epoch: number
  /** A digest of the rules that held: it does not outlive them. */
  rules: string
  /** The factor that was proved when it began. */
  factor: FactorKind
  /** The part of the Internet that it was in. */
  network: string
  address: string
  userAgent: string
  createdAt: number
  lastUsedAt: number
  endsAt: number
}

export interface RememberedBrowserStore {
  add(browser: Omit<RememberedBrowser, 'id'>): Promise<void>
  /** This person's browser with this token, if it is alive at `now`. */
  find(userId: number, tokenHash: string, now: number): Promise<RememberedBrowser | undefined>
  /** A person's that are alive at `now` and of this epoch, the one used last first. */
  list(userId: number, epoch: number, now: number): Promise<RememberedBrowser[]>
  noteUse(id: number, now: number): Promise<void>
  /** Forgets one of a person's, or all. Tells how many it was. */
  end(userId: number, which: { id: number } | 'all'): Promise<number>
  /** Forgets a person's that are over at `now` or of another epoch. */
  tidy(userId: number, epoch: number, now: number): Promise<void>
}
