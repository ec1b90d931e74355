import { makeLink, type LinkDeps } from '../directory/password-link.ts'
import type { Origin } from '../events/event-store.ts'
import { passwordRequested, signedOutElsewhere } from '../events/events.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { MINUTE } from '../platform/clock.ts'
import type { Transact } from '../stores.ts'
import { RESET_MINUTES } from './letters.ts'

export interface NotMeDeps extends LinkDeps {
  pending: Pick<PendingStore, 'peek' | 'take'>
  transact: Transact
}

/** Whether the link of a letter about a new browser still works. */
export const isNotMeOpen = async (d: Pick<NotMeDeps, 'pending'>, token: string): Promise<boolean> =>
  token !== '' && (await d.pending.peek('not_me_link', token)) !== undefined

/**
 * Somebody else signed in: the password they know is taken away, every session ends, and the owner of the mailbox gets
 * the address at which they choose another one. Works once. `undefined`: the link is over.
 */
export async function undoSignIn(d: NotMeDeps, token: string, origin: Origin): Promise<string | undefined> {
  const userId = await d.pending.take('not_me_link', token)
  if (userId === undefined) return undefined
  return d.transact(async (stores) => {
    const user = await stores.userDirectory.hold(Number(userId))
    if (!user) return undefined
    await stores.userDirectory.update(user.id, { passwordHash: null, updatedAt: d.clock() })
    await stores.userDirectory.endSessions(user.id)
    await stores.events.append(signedOutElsewhere(origin, user, 'reported that a sign-in was not theirs'))
    await stores.events.append(passwordRequested(origin, user))
    const now = await stores.userDirectory.hold(user.id)
    return now && makeLink(d, stores, now, 'reset', RESET_MINUTES * MINUTE)
  })
}
