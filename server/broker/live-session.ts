import type { AccountStore } from '../directory/account-store.ts'
import { policyFor } from '../directory/policy-for.ts'
import type { Policy } from '../directory/policy.ts'
import type { UserStore } from '../directory/user-store.ts'
import type { User } from '../directory/user.ts'
import { HOUR, isoTime, MINUTE, type Clock } from '../platform/clock.ts'
import { besideGuessing, refusalOf } from '../signin/journey.ts'
import type { BrokerSession, BrokerSessionStore, SessionUse } from './broker-session-store.ts'
import type { KeyStorage } from './key-storage.ts'

export interface LiveDeps {
  clock: Clock
  users: Pick<UserStore, 'find'>
  account: Pick<AccountStore, 'account' | 'rules'>
  brokerSessions: BrokerSessionStore
}

/** Who calls: a session that is alive, and its person as the directory knows them now. */
export interface BrokerCaller {
  session: BrokerSession
  user: User
  policy: Policy
}

/** A session that is over, and why, in words that its person may read. */
export interface Over {
  over: string
}

export const isOver = (found: BrokerCaller | Over): found is Over => 'over' in found

/** Looks at everything that may have ended a session, anew at every call. */
export async function liveSession(d: LiveDeps, session: BrokerSession): Promise<BrokerCaller | Over> {
  const now = d.clock()
  if (session.endedAt !== undefined) return { over: `The session was ended at ${isoTime(session.endedAt)}` }
  if (session.endsAt <= now) return { over: `The session ended at ${isoTime(session.endsAt)}` }
  if (session.idleEndsAt <= now)
    return { over: `The session was not used and ended at ${isoTime(session.idleEndsAt)}` }
  const user = await d.users.find(session.userId)
  if (!user || refusalOf(besideGuessing(user), now)) return { over: 'This account may not sign in any more' }
  if (user.sessionEpoch !== session.epoch)
    return {
      over: 'The session ended: the password or a factor was changed, or all sessions were signed out',
    }
  const policy = await policyFor(d, { user })
  const why = whyNoKey(policy, session.keyStorage)
  return why === undefined ? { session, user, policy } : { over: why }
}

const WORDS = { agent: 'an agent', keychain: 'a keychain', file: 'a file' } as const

/** Why a key may not be kept where the device says that it is; `undefined` when it may. */
export const whyNoKey = (
  { broker_key_storage: allowed }: Pick<Policy, 'broker_key_storage'>,
  storage: KeyStorage,
): string | undefined =>
  allowed.includes(storage) ? undefined : `Keys kept in ${WORDS[storage]} are not allowed here`

/** When a session is over, whatever happens: counted from its sign-in, so that none is worth more than one. */
export const absoluteEnd = (
  { authTime }: Pick<BrokerSession, 'authTime'>,
  { broker_session_hours: hours }: Pick<Policy, 'broker_session_hours'>,
): number => authTime + hours * HOUR

/** When a session is over if it is not used from `now` on. */
export const idleEnd = (now: number, endsAt: number, policy: Pick<Policy, 'broker_idle_hours'>): number =>
  Math.min(endsAt, now + policy.broker_idle_hours * HOUR)

type Used = Pick<BrokerSession, 'lastUsedAt' | 'longestIdleMs' | 'endsAt'>

/** The longest that a session was not used, until now. */
export const longestIdle = (now: number, { longestIdleMs, lastUsedAt }: Omit<Used, 'endsAt'>): number =>
  Math.max(longestIdleMs, now - lastUsedAt)

/** What a use now leaves of a session. */
export const usedNow = (
  now: number,
  session: Used,
  policy: Pick<Policy, 'broker_idle_hours'>,
  lastAddress: string,
): SessionUse => ({
  lastUsedAt: now,
  longestIdleMs: longestIdle(now, session),
  idleEndsAt: idleEnd(now, session.endsAt, policy),
  lastAddress,
})

/** Notes that a session is in use, at most once a minute. */
export async function noteUse(
  d: LiveDeps,
  { session, policy }: BrokerCaller,
  address: string,
): Promise<void> {
  const now = d.clock()
  if (now - session.lastUsedAt < MINUTE && address === session.lastAddress) return
  await d.brokerSessions.noteUse(session.id, usedNow(now, session, policy, address))
}
