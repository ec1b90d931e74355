import type { User } from '../directory/user.ts'
import type { Origin } from '../events/event-store.ts'
import { authenticatedViaApi } from '../events/events.ts'
import { signInRefusal } from './journey.ts'
import { checkedPassword, noteFailure, type PasswordDeps } from './sign-in.ts'

/** `known`: whether anybody has this name, for who may know that. */
export type PasswordAnswer = { is: 'right'; user: User } | { is: 'wrong'; known: boolean }

/**
 * Tells whether a password is right and its person may sign in. It hands out nothing: no session, no attempt, so no
 * second factor is asked. Tries are counted, locked and noted as at every door.
 */
export async function answerPassword(
  d: PasswordDeps,
  given: { login: string; password: string; origin: Origin },
): Promise<PasswordAnswer> {
  const door = 'delegated_auth'
  const outcome = await checkedPassword(d, { ...given, door })
  if (outcome.is !== 'right') return { is: 'wrong', known: outcome.user !== undefined }
  const { user } = outcome
  const { policy } = await d.account.account()
  const refusal = signInRefusal(user, policy, d.clock())
  if (refusal) {
    await noteFailure(d, door, given.origin, user, refusal)
    return { is: 'wrong', known: true }
  }
  await d.transact(({ events }) => events.append(authenticatedViaApi(given.origin, user)))
  d.metrics.signIns.inc({ door, outcome: 'done' })
  return { is: 'right', user }
}
