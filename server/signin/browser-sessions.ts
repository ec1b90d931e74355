import { createHash } from 'node:crypto'
import type { PendingStore } from '../pending/pending-store.ts'
import { MINUTE, SECOND, type Clock } from '../platform/clock.ts'
import type { Remembered } from './remembered-browsers.ts'

/** Who is signed in in this browser, and how well that was proved. */
export interface BrowserSession {
  userId: number
  /** The person's session epoch at sign-in: when theirs has gone up, this session is over. */
  epoch: number
  /** RFC 8176 names of what was proved. */
  amr: string[]
  /** The steps of the sign-in that were passed: what apps with stricter rules look at. */
  passed: string[]
  authTime: number
  /** When the last factor was proved, ms; absent without one. */
  factorAt?: number | undefined
  /** What its browser was remembered for at sign-in, in place of a factor. */
  remembered?: Remembered | undefined
  /** Ends then, whatever happens, ms. */
  endsAt: number
  /** Where it began, for its owner to recognise. */
  from?: { address: string; userAgent: string } | undefined
}

/** A session as its owner sees it. */
export interface ListedSession extends BrowserSession {
  /** Names it toward its owner; nobody can make the cookie from it. */
  id: string
  lastSeenAt: number
}

/** What a session is kept and listed under: the cookie's value stands nowhere. */
export const sessionKey = (cookieId: string): string =>
  createHash('sha256').update(cookieId).digest('base64url')

interface Kept {
  person?: BrowserSession
}

/** Sessions that are over leave a person's list when it is this long; at the usual pace it never is. */
const TIDY_FROM = 50

/** Browser sessions, and which of them are whose. Pending state alone: losing it signs people out. */
export function browserSessionList({ pending, clock }: { pending: PendingStore; clock: Clock }) {
  const secondsLeft = ({ endsAt }: BrowserSession) => Math.ceil((endsAt - clock()) / SECOND)
  const read = async (id: string): Promise<Kept | undefined> => {
    const value = await pending.peek('browser_session', id)
    return value === undefined ? undefined : (JSON.parse(value) as Kept)
  }
  const drop = async (userId: number, id: string): Promise<boolean> => {
    const dropped = (await pending.take('browser_session', id)) !== undefined
    await pending.delist('sessions_of_person', String(userId), id)
    return dropped
  }
  const listIds = (userId: number) => pending.listed('sessions_of_person', String(userId))
  const listed = async (userId: number, id: string): Promise<ListedSession | undefined> => {
    const person = (await read(id))?.person
    if (person?.userId !== userId) {
      await pending.delist('sessions_of_person', String(userId), id)
      return undefined
    }
    const seen = await pending.peek('session_seen', id)
    return { ...person, id, lastSeenAt: Number(seen ?? person.authTime) }
  }
  const list = async (userId: number, epoch: number): Promise<ListedSession[]> => {
    const found = await Promise.all((await listIds(userId)).map((id) => listed(userId, id)))
    return found
      .filter((one) => one !== undefined)
      .filter((one) => one.epoch === epoch && one.endsAt > clock())
      .toSorted((a, b) => b.lastSeenAt - a.lastSeenAt)
  }
  const noted = new Map<string, number>()
  return {
    /** Of this person, the one used last first. Those that their epoch has ended are not there. */
    list,
    /** Ends one, in every process, if it is this person's. */
    async end(userId: number, id: string): Promise<boolean> {
      return (await listIds(userId)).includes(id) && drop(userId, id)
    },
    /** Forgets all of a person's sessions but one. */
    async endOthers(userId: number, exceptId: string): Promise<void> {
      const others = (await listIds(userId)).filter((id) => id !== exceptId)
      await Promise.all(others.map((id) => drop(userId, id)))
    },
    /** Keeps a session that begins now. */
    async begin(id: string, person: BrowserSession, value: string): Promise<void> {
      const seconds = secondsLeft(person)
      const owner = String(person.userId)
      await pending.put('browser_session', id, value, seconds)
      await pending.enlist('sessions_of_person', owner, id, seconds)
      const ids = await listIds(person.userId)
      if (ids.length > TIDY_FROM) await list(person.userId, person.epoch)
    },
    /** Notes that a session is in use, at most once a minute. */
    async noteUse(id: string, person: BrowserSession): Promise<void> {
      const now = clock()
      if (now - (noted.get(id) ?? 0) < MINUTE) return
      if (noted.size > 10_000) noted.clear()
      noted.set(id, now)
      const seen = Number((await pending.peek('session_seen', id)) ?? 0)
      if (now - seen >= MINUTE) await pending.put('session_seen', id, String(now), secondsLeft(person))
    },
  }
}

export type BrowserSessionList = ReturnType<typeof browserSessionList>
