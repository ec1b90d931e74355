import type { ListPage, ListQuery } from '../platform/listing.ts'
import type { KeyStorage } from './key-storage.ts'

/** A command line that is signed in, bound to the key of the device it runs on. Times are milliseconds since 1970. */
export interface BrokerSession {
  id: number
  userId: number
  clientId: string
  deviceName: string
  keyStorage: KeyStorage
  /** RFC 7638 thumbprint of the device's key: whoever does not prove that key gets nothing. */
  jkt: string
  /** Random: the session's tokens are made for it. */
  seed: string
  /** Goes up with each refresh; only the refresh token of this one is good, for a moment also that of the one before. */
  generation: number
  rotatedAt: number
  /** The person's session epoch: what ends their sessions ends this. */
  epoch: number
  /** RFC 8176 names of what was proved at the sign-in that it came from. */
  amr: string[]
  /** The steps of that sign-in. */
  passed: string[]
  authTime: number
  factorAt: number | undefined
  createdAt: number
  lastUsedAt: number
  /** The longest that it was not used so far: a role may allow less than the session. */
  longestIdleMs: number
  /** Over then if it is not used. */
  idleEndsAt: number
  /** Over then, whatever happens. */
  endsAt: number
  endedAt: number | undefined
  address: string
  lastAddress: string
  userAgent: string
}

/** What each use leaves. */
export type SessionUse = Pick<BrokerSession, 'lastUsedAt' | 'longestIdleMs' | 'idleEndsAt' | 'lastAddress'>

export type NewBrokerSession = Omit<BrokerSession, 'id' | 'generation' | 'endedAt'>

/** By what a list of them can be filtered and sorted. */
export type BrokerSessionColumn = 'id' | 'userId'

export interface BrokerSessionStore {
  /** Keeps a new one and tells its id. */
  add(session: NewBrokerSession): Promise<number>
  find(id: number): Promise<BrokerSession | undefined>
  /** A person's that are alive at `now`, the newest first. */
  list(userId: number, now: number): Promise<BrokerSession[]>
  /** A page of those that are alive at `now`, whoever they belong to. */
  page(query: ListQuery<BrokerSessionColumn>, now: number): Promise<ListPage<BrokerSession>>
  /** Goes on to the next generation; of racing calls from the same one exactly one gets true. */
  rotate(id: number, from: number, now: number): Promise<boolean>
  noteUse(id: number, use: SessionUse): Promise<void>
  /** Ends one for good. False when it had ended already. */
  end(id: number, now: number, reason: string): Promise<boolean>
  /** Forgets those that were over at `before`. */
  dropOver(before: number): Promise<void>
}
