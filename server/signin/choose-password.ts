import { passwordFault, passwordRules, type PasswordFault } from '../directory/password-rules.ts'
import type { PasswordLinkStore } from '../directory/password-link-store.ts'
import { storePassword } from '../directory/set-password.ts'
import type { AccountStore } from '../directory/account-store.ts'
import { USER_STATUS, type User } from '../directory/user.ts'
import type { Origin } from '../events/event-store.ts'
import { passwordChanged, userActivated } from '../events/events.ts'
import { closeAttempt, type Attempt } from './attempt.ts'
import { proceed, type OpenAttempt, type OpenStep, type Progress, type SignInDeps } from './sign-in.ts'

/** An attempt that waits for a new password. */
export type OpenChoice = OpenAttempt<Extract<OpenStep, { step: 'new_password' }>>
/** `unchanged`: it is the one they have. */
export type ChoiceFault = PasswordFault | 'unchanged'

export interface ChooseDeps extends SignInDeps {
  account: Pick<AccountStore, 'account' | 'rules' | 'brands'>
  passwordLinks: Pick<PasswordLinkStore, 'take'>
}

/** What a choice came to. `user` is told of the change by letter. `ended`: somebody else was first. */
export type ChoiceOutcome =
  { is: 'fault'; fault: ChoiceFault } | { is: 'ended' } | { is: 'changed'; user: User; progress: Progress }

/**
 * Sets the password that a person has chosen in the middle of their attempt, and goes on with it. Every session, other
 * attempt and link of theirs ends. Of racing choices one holds.
 */
export async function choosePassword(
  d: ChooseDeps,
  open: OpenChoice,
  password: string,
  origin: Origin,
): Promise<ChoiceOutcome> {
  const fault = await choiceFault(d, open.user, password)
  if (fault) return { is: 'fault', fault }
  const passwordHash = await d.hasher.hash(password) // while this fails, nothing is used up
  if (!(await closeAttempt(d, open.attemptId))) return { is: 'ended' }
  const user = await keep(d, open.attempt, passwordHash, origin)
  if (!user) return { is: 'ended' }
  const attempt: Attempt = {
    ...open.attempt,
    epoch: user.sessionEpoch,
    passed: [...open.attempt.passed, 'new_password'],
    passwordAt: d.clock(),
  }
  return { is: 'changed', user, progress: await proceed(d, attempt, user, origin) }
}

export async function choiceFault(
  d: ChooseDeps,
  user: User,
  password: string,
): Promise<ChoiceFault | undefined> {
  const fault = await passwordFault(password, await passwordRules(d, user))
  if (fault || user.passwordHash === null) return fault
  return (await d.hasher.verify(user.passwordHash, password)) ? 'unchanged' : undefined
}

/** The person with their new password; `undefined` when their sessions or the link ended meanwhile. */
const keep = (
  d: ChooseDeps,
  { userId, epoch, linkHash }: Attempt,
  passwordHash: string,
  origin: Origin,
): Promise<User | undefined> =>
  d.transact(async (stores) => {
    const now = d.clock()
    const user = await stores.userDirectory.hold(userId)
    if (user?.sessionEpoch !== epoch) return undefined
    if (linkHash !== undefined && !(await stores.passwordLinks.take(linkHash, now))) return undefined
    await storePassword(stores, user, passwordHash, now)
    await stores.events.append(passwordChanged(origin, user))
    const wasActive = user.status === USER_STATUS.active || user.activatedAt !== null
    if (!wasActive) await stores.events.append(userActivated(origin, user))
    return stores.userDirectory.hold(userId)
  })
