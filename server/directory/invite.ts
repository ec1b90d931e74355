import type { Post } from '../branding/post.ts'
import { Problem } from '../errors.ts'
import { inviteFailed, inviteLinkMade, userInvited } from '../events/directory-events.ts'
import type { EventStore, Origin } from '../events/event-store.ts'
import { HOUR } from '../platform/clock.ts'
import type { AccountStore } from './account-store.ts'
import { requireMayActOn, type Delegate, type DelegationDeps } from './delegation.ts'
import { inviteLetter } from './letters.ts'
import { withUser, type ManageDeps } from './manage-users.ts'
import { makeLink, type LinkDeps } from './password-link.ts'
import type { UserStore } from './user-store.ts'
import type { User } from './user.ts'

export type InviteDeps = LinkDeps &
  DelegationDeps &
  Pick<ManageDeps, 'transact'> & {
    users: Pick<UserStore, 'find' | 'findByLogin'>
    account: Pick<AccountStore, 'account'>
    post: Pick<Post, 'send'>
    events: Pick<EventStore, 'append'>
  }

interface Invitation {
  user: User
  link: string
}

const NOBODY = 0

/** The person whose e-mail is exactly this. Who may not act on everybody does not learn who is there. */
async function invitee(d: InviteDeps, caller: Delegate, email: string): Promise<User> {
  const found = await d.users.findByLogin(email)
  const user = found?.email === email ? found : undefined
  await requireMayActOn(d, caller, 'users:Invite', user?.id ?? NOBODY)
  if (!user) throw new Problem('invalid_request', { message: 'No User exists for input email' })
  return user
}

/** Makes a new link for a person; an earlier invitation ends with it. */
export async function invite(
  d: InviteDeps,
  caller: Delegate,
  email: string,
  origin: Origin,
): Promise<Invitation> {
  const { id } = await invitee(d, caller, email)
  const { policy } = await d.account.account()
  return withUser(d, id, async (stores, user) => {
    const link = await makeLink(d, stores, user, 'invite', policy.invite_hours * HOUR)
    await stores.userDirectory.update(id, { invitationSentAt: d.clock() })
    await stores.events.append(inviteLinkMade(origin, user))
    return { user, link }
  })
}

/** The same, and sends it: to the person's own address, or to another one of theirs. Tells where it went. */
export async function sendInvitation(
  d: InviteDeps,
  caller: Delegate,
  { email, personalEmail }: { email: string; personalEmail?: string | undefined },
  origin: Origin,
): Promise<string> {
  const { user, link } = await invite(d, caller, email, origin)
  const { name, policy } = await d.account.account()
  const to = personalEmail ?? user.email
  const sent = d.post.send({ ...user, email: to }, inviteLetter(user, name, link, policy.invite_hours))
  await sent.catch(async (error: unknown) => {
    // Whoever calls notes what was wrong with the call; that a letter could not be sent is no fault of it.
    await d.events.append(inviteFailed(origin, user, 'the letter could not be sent'))
    throw error
  })
  await d.events.append(userInvited(origin, user))
  return to
}
