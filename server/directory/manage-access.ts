import { Problem } from '../errors.ts'
import type { Origin } from '../events/event-store.ts'
import {
  customAttributesSet,
  loggedOutViaApi,
  userLockedViaApi,
  userUpdatedViaApi,
} from '../events/directory-events.ts'
import { MINUTE } from '../platform/clock.ts'
import type { AccountStore } from './account-store.ts'
import { withUser, type ManageDeps } from './manage-users.ts'
import { readCustomAttributes, readInteger, readState, requiredAttribute, type Body } from './user-input.ts'
import { USER_STATE, USER_STATUS } from './user.ts'

export interface AccessDeps extends ManageDeps {
  account: Pick<AccountStore, 'account'>
}

/** Ten years: a lock beyond that is one for good. */
const MAX_LOCK_MINUTES = 10 * 365 * 24 * 60

const plain = (message: string) => new Problem('invalid_request', { message })

/** Sets where a person stands in their approval. Whoever is unlicensed can only be approved. */
export async function setState(d: ManageDeps, id: number, body: Body, origin: Origin): Promise<void> {
  if (body.state === undefined || body.state === null) throw requiredAttribute('state', 'put')
  const state = readState(body.state)
  await withUser(d, id, async ({ userDirectory, events }, user) => {
    if (user.state === state) throw plain('user is already in this state')
    if (user.state === USER_STATE.unlicensed && state !== USER_STATE.approved) throw plain('state is invalid')
    await userDirectory.update(id, { state, updatedAt: d.clock() })
    if (state !== USER_STATE.approved) await userDirectory.endSessions(id)
    await events.append(userUpdatedViaApi(origin, user, ['state']))
  })
}

function lockMinutes(value: unknown): number {
  try {
    const minutes = readInteger('locked_until', value)
    if (minutes !== null) return Math.min(minutes, MAX_LOCK_MINUTES)
  } catch {
    // told in the words of this call
  }
  throw plain('locked_until should be -> integer')
}

/** Locks a person for so many minutes, and no shorter than the policy locks those who guess. */
export async function lockUser(d: AccessDeps, id: number, body: Body, origin: Origin): Promise<void> {
  const minutes = lockMinutes(body.locked_until)
  const { policy } = await d.account.account()
  await withUser(d, id, async ({ userDirectory, events }, user) => {
    const now = d.clock()
    const running = user.lockedUntil !== null && user.lockedUntil > now ? user.lockedUntil : 0
    // While somebody guesses, the password stays unlooked at; this lock must not open that again.
    const guessing = running > 0 && user.lockReason === 'guessing'
    await userDirectory.update(id, {
      lockedUntil: Math.max(running, now + Math.max(minutes, policy.lock_minutes) * MINUTE),
      lockReason: guessing ? 'guessing' : 'administrator',
      ...(user.status === USER_STATUS.active && { status: USER_STATUS.locked }),
      updatedAt: now,
    })
    await userDirectory.endSessions(id)
    await events.append(userLockedViaApi(origin, user))
  })
}

/** Ends every session and half-done attempt of a person. */
export const logOutUser = (d: ManageDeps, id: number, origin: Origin): Promise<void> =>
  withUser(d, id, async ({ userDirectory, events }, user) => {
    await userDirectory.endSessions(id)
    await events.append(loggedOutViaApi(origin, user))
  })

/** Lays custom attributes over those a person has; empty text takes one away. */
export async function setCustomAttributes(
  d: ManageDeps,
  id: number,
  body: Body,
  origin: Origin,
): Promise<void> {
  const given = body.custom_attributes
  const isNothing = given === undefined || given === null || given === ''
  if (isNothing || (typeof given === 'object' && Object.keys(given).length === 0))
    throw plain('custom_attributes is empty')
  const attributes = readCustomAttributes(given, await d.userDirectory.customAttributeNames())
  await withUser(d, id, async ({ userDirectory, events }, user) => {
    const merged = Object.entries({ ...user.customAttributes, ...attributes })
    const customAttributes = Object.fromEntries(merged.filter(([, value]) => value !== ''))
    await userDirectory.update(id, { customAttributes, updatedAt: d.clock() })
    await events.append(customAttributesSet(origin, user, Object.keys(attributes)))
  })
}
