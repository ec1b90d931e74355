import type { Post } from '../branding/post.ts'
import type { User } from '../directory/user.ts'
import type { Origin } from '../events/event-store.ts'
import { signedOutElsewhere } from '../events/events.ts'
import type { BrowserSession, BrowserSessionList } from '../signin/browser-sessions.ts'
import type { SignedInPerson } from '../signin/signed-in.ts'
import type { Transact } from '../stores.ts'
import { changeLetter } from './letters.ts'

export interface SessionDeps {
  sessionList: BrowserSessionList
  transact: Transact
  post: Pick<Post, 'sendLater'>
}

/** Ends one session of this person, at once and in every process. False when it is none of theirs. */
export async function endSession(d: SessionDeps, user: User, id: string, origin: Origin): Promise<boolean> {
  if (!(await d.sessionList.end(user.id, id))) return false
  await d.transact(({ events }) => events.append(signedOutElsewhere(origin, user, 'one other session')))
  return true
}

/**
 * Ends every other session of this person, and with them half-done sign-ins, session tokens and links. Gives the session
 * to go on with, which begins under a new id.
 */
export async function signOutElsewhere(
  d: SessionDeps,
  { user, session }: SignedInPerson,
  sessionId: string,
  origin: Origin,
): Promise<BrowserSession> {
  const epoch = await d.transact(async ({ users, events }) => {
    await users.endSessions(user.id)
    await events.append(signedOutElsewhere(origin, user, 'all other sessions'))
    return (await users.find(user.id))?.sessionEpoch ?? session.epoch
  })
  await d.sessionList.endOthers(user.id, sessionId)
  d.post.sendLater(user, changeLetter('sessionsEnded', ''))
  return { ...session, epoch }
}

/** The session that a person goes on with after something ended all of theirs. */
export async function afterAllEnded(
  d: Pick<SessionDeps, 'sessionList' | 'transact'>,
  { user, session }: SignedInPerson,
  sessionId: string,
): Promise<BrowserSession> {
  await d.sessionList.endOthers(user.id, sessionId)
  const epoch = await d.transact(async ({ users }) => (await users.find(user.id))?.sessionEpoch)
  return { ...session, epoch: epoch ?? session.epoch }
}
