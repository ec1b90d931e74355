import { Problem } from '../errors.ts'
import type { Origin } from '../events/event-store.ts'
import { userUpdatedViaApi } from '../events/directory-events.ts'
import { withUser, type ManageDeps } from './manage-users.ts'
import { readInteger } from './user-input.ts'
import type { UserChange } from './user-record.ts'
import { USER_STATUS, type User } from './user.ts'

const STATUSES: readonly number[] = Object.values(USER_STATUS)

/** What a status brings along. `locked` holds until somebody ends it, `active` ends every lock. */
function columnsOf(user: User, status: number, now: number): UserChange {
  if (status === USER_STATUS.locked) return { status, lockedUntil: null, lockReason: 'administrator' }
  if (status !== USER_STATUS.active) return { status }
  const unlocked = { lockedUntil: null, lockReason: null, invalidLoginAttempts: 0, invalidLoginSince: null }
  return { status, ...unlocked, activatedAt: user.activatedAt ?? now }
}

/** Sets a person's status by its number; whoever may not sign in any more is signed out everywhere. */
export async function setStatus(d: ManageDeps, id: number, given: unknown, origin: Origin): Promise<void> {
  const status = readInteger('status', given)
  if (status === null || !STATUSES.includes(status))
    throw new Problem('invalid_request', { message: 'status is invalid' })
  await withUser(d, id, async ({ userDirectory, events }, user) => {
    if (user.status === status) return
    const now = d.clock()
    await userDirectory.update(id, { ...columnsOf(user, status, now), updatedAt: now })
    if (status !== USER_STATUS.active) await userDirectory.endSessions(id)
    await events.append(userUpdatedViaApi(origin, user, ['status']))
  })
}
