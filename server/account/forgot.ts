import { setTimeout as pause } from 'node:timers/promises'
import type { Post, Write } from '../branding/post.ts'
import type { AccountStore } from '../directory/account-store.ts'
import { makeLink, type LinkDeps } from '../directory/password-link.ts'
import type { UserStore } from '../directory/user-store.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { Origin } from '../events/event-store.ts'
import { passwordRequested } from '../events/events.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { MINUTE } from '../platform/clock.ts'
import { addressKey } from '../signin/address-key.ts'
import { nextStep, signInRefusal } from '../signin/journey.ts'
import type { Transact } from '../stores.ts'
import { noResetLetter, RESET_MINUTES, resetLetter } from './letters.ts'

const HOUR_SECONDS = 3600
const ADDRESS_WINDOW_SECONDS = 600
const PER_ADDRESS = 20
/** Letters to one person within an hour: enough for who loses one, too few to fill a mailbox. */
const PER_PERSON = 5

export interface ForgotDeps extends LinkDeps {
  pending: Pick<PendingStore, 'count'>
  account: Pick<AccountStore, 'account'>
  users: Pick<UserStore, 'findByLogin'>
  transact: Transact
  post: Pick<Post, 'send'>
}

/** Counts a request of an address, whomever it is about. @throws Problem `rate_limited` past the limit */
export async function countForgotten(d: Pick<ForgotDeps, 'pending'>, { address }: Origin): Promise<void> {
  const key = `address:${addressKey(address)}`
  const { count, resetSeconds } = await d.pending.count('reset_request', key, ADDRESS_WINDOW_SECONDS)
  if (count > PER_ADDRESS) throw new Problem('rate_limited', { retryAfterSeconds: resetSeconds })
}

/** From 20 to 147 ms: the answer has left, and what whoever asked may measure next does not meet the work. */
const aMoment = (d: Pick<ForgotDeps, 'random'>): number => 20 + (d.random.bytes(1)[0]! >> 1)

/** Sends the letter, if there is somebody to send it to. Runs after the answer: its time and result tell nobody. */
export async function sendReset(d: ForgotDeps, login: string, origin: Origin): Promise<void> {
  await pause(aMoment(d))
  const user = await d.users.findByLogin(login)
  if (!user || user.email === '' || !(await mayBeWritten(d, user))) return
  const { policy } = await d.account.account()
  const write = await letterFor(d, user, signInRefusal(user, policy, d.clock()), origin)
  await d.post.send(user, write)
}

async function mayBeWritten(d: ForgotDeps, user: User): Promise<boolean> {
  const { policy } = await d.account.account()
  const person = await d.pending.count('reset_request', `person:${user.id}`, HOUR_SECONDS)
  if (person.count > PER_PERSON) return false
  const all = await d.pending.count('reset_request', 'all', HOUR_SECONDS)
  return all.count <= policy.max_reset_letters_per_hour
}

/** Who may not sign in gets no link, but is told so: only the owner of the mailbox reads it. */
async function letterFor(
  d: ForgotDeps,
  user: User,
  refusal: ReturnType<typeof signInRefusal>,
  origin: Origin,
): Promise<Write> {
  const facts = { passed: ['reset'] as const, refusal, canChangePassword: true }
  const step = nextStep({
    ...facts,
    mfa: 'none',
    authenticators: [],
    enrollable: [],
    canEnrol: false,
    graceLeft: 0,
    allowed_factors: null,
  })
  return d.transact(async (stores) => {
    await stores.events.append(passwordRequested(origin, user))
    if (step.step === 'refused') return noResetLetter
    return resetLetter(await makeLink(d, stores, user, 'reset', RESET_MINUTES * MINUTE))
  })
}
