import type { UserStore } from '../directory/user-store.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { BrowserSession } from '../http/browser-session.ts'
import type { Guard } from '../http/endpoint.ts'
import type { PageRequest } from '../http/request.ts'
import type { Clock } from '../platform/clock.ts'
import { besideGuessing, refusalOf } from './journey.ts'

/** A person at a browser that is signed in, as the directory knows them now. */
export interface SignedInPerson {
  user: User
  session: BrowserSession
}

export interface SessionCheckDeps {
  clock: Clock
  users: Pick<UserStore, 'find'>
}

/** The person of a browser session, unless it has ended, they may no longer sign in, or all their sessions were ended. */
export async function personOf(
  d: SessionCheckDeps,
  session: BrowserSession | undefined,
): Promise<SignedInPerson | undefined> {
  if (!session || session.endsAt <= d.clock()) return undefined
  const user = await d.users.find(session.userId)
  if (user?.sessionEpoch !== session.epoch || refusalOf(besideGuessing(user), d.clock())) return undefined
  return { user, session }
}

/** Only for people who are signed in; asked anew at every request. */
export const signedIn = (d: SessionCheckDeps): Guard<PageRequest, SignedInPerson> => ({
  name: 'signed in',
  async check(request) {
    const person = await personOf(d, request.session)
    if (!person) throw new Problem('sign_in_required')
    request.speakTo(person.user)
    return person
  },
})
