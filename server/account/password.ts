import { storePassword } from '../directory/set-password.ts'
import type { User } from '../directory/user.ts'
import type { Origin } from '../events/event-store.ts'
import { passwordChanged } from '../events/events.ts'
import { choiceFault, type ChoiceFault, type ChooseDeps } from '../signin/choose-password.ts'
import { passwordChangedLetter } from '../signin/letters.ts'
import { checkPassword } from '../signin/password-check.ts'

/** What a change came to. `paused`: too many wrong passwords, here or at the sign-in, which count together. */
export type ChangeOutcome =
  { is: 'changed' } | { is: 'wrong' | 'paused' } | { is: 'ended' } | { is: 'fault'; fault: ChoiceFault }

/** Sets another password for somebody who knows the one they have. Every session of theirs ends. */
export async function changePassword(
  d: ChooseDeps,
  user: User,
  { current, next }: { current: string; next: string },
  origin: Origin,
): Promise<ChangeOutcome> {
  const login = user.email || user.username
  const known = await checkPassword(d, { login, password: current, origin })
  if (known.is === 'locked' || known.is === 'throttled') return { is: 'paused' }
  if (known.is === 'wrong' || known.user.id !== user.id) return { is: 'wrong' }
  const fault = await choiceFault(d, user, next)
  if (fault) return { is: 'fault', fault }
  const hash = await d.hasher.hash(next)
  const changed = await d.transact(async (stores) => {
    const held = await stores.userDirectory.hold(user.id)
    if (held?.sessionEpoch !== user.sessionEpoch) return false
    await storePassword(stores, held, hash, d.clock())
    await stores.events.append(passwordChanged(origin, held))
    return true
  })
  if (!changed) return { is: 'ended' }
  d.post.sendLater(user, passwordChangedLetter)
  return { is: 'changed' }
}
