import { isAllowed } from '../directory/policy.ts'
import { policyFor } from '../directory/policy-for.ts'
import type { User } from '../directory/user.ts'
import type { Origin } from '../events/event-store.ts'
import { factorVerified } from '../events/events.ts'
import { openSecret, type Authenticator } from '../factors/authenticator-store.ts'
import { keepProof } from '../factors/enrolment.ts'
import type { FactorQuestion } from '../factors/factor.ts'
import { acceptCount, amrOf, userOfHandle, type WebauthnDeps } from '../factors/webauthn.ts'
import {
  challengeIn,
  readAssertion,
  readPasskey,
  verifiedAssertion,
  type Assertion,
  type Passkey,
} from '../factors/webauthn-ceremony.ts'
import { SECOND } from '../platform/clock.ts'
import { reserveAddressTry, returnAddressTry, tooMany } from './address-tries.ts'
import type { Attempt, AttemptExtras } from './attempt.ts'
import { CHALLENGE_MS, isPasskeyChallenge } from './passkey-challenge.ts'
import { noteFailure, proceed, type SignInDeps, type StartOutcome } from './sign-in.ts'

export type PasskeyDeps = SignInDeps & Pick<WebauthnDeps, 'digestKey' | 'relyingParty' | 'onCopied'>

export interface PasskeyInput {
  /** JSON of the browser's API. */
  answer: string
  holder: string
  /** The origin under which the person has the page open. */
  pages: string
  extras: AttemptExtras
  origin: Origin
}

/** A passkey of somebody's, and whose: everything but what was signed. */
interface Claimed {
  user: User
  authenticator: Authenticator
  passkey: Passkey
}

/**
 * A sign-in with a passkey alone: it has checked who holds it, so it stands for the password and proves a second factor.
 * From there on it is an attempt like any other. `invalid` is the one answer to everything else.
 * @throws Problem `rate_limited`
 */
export async function signInWithPasskey(d: PasskeyDeps, input: PasskeyInput): Promise<StartOutcome> {
  const { origin, holder, extras } = input
  const { policy } = await d.account.account()
  const tries = await reserveAddressTry(d, origin.address, policy.max_failures_per_address)
  if (tries.is === 'throttled') throw tooMany(tries.retryAfterSeconds)
  const assertion = readAssertion(input.answer)
  const claimed = assertion && (await claimedBy(d, assertion))
  const question = claimed && (await questionTo(d, claimed, input))
  if (!question || !(await isRight(d, input, assertion, claimed, question))) {
    await noteFailure(d, 'portal', origin, claimed?.user, 'wrong passkey')
    return { is: 'invalid' }
  }
  await returnAddressTry(d, origin.address)
  const { user, authenticator, passkey } = claimed
  const { id, label: name } = authenticator
  await d.transact(async (stores) => {
    await keepProof(d, stores, question, { is: 'right' })
    await stores.events.append(factorVerified(origin, user, { id, name }))
  })
  const attempt: Attempt = {
    door: 'portal',
    userId: user.id,
    epoch: user.sessionEpoch,
    passed: ['passkey', 'webauthn'],
    amr: [...amrOf(passkey)],
    holder,
    known: true, // nobody guesses a passkey
    passwordAt: d.clock(),
    ...extras,
  }
  const progress = await proceed(d, attempt, user, origin)
  return progress.is === 'password' ? { is: 'invalid' } : progress
}

/** Whose passkey it says it is. The handle that the browser gives is ours, and was made for its owner alone. */
async function claimedBy(d: PasskeyDeps, { id, response }: Assertion): Promise<Claimed | undefined> {
  const userId = userOfHandle(d.digestKey, response.userHandle ?? '')
  const user = userId === undefined ? undefined : await d.users.find(userId)
  if (!user) return undefined
  for (const authenticator of await d.authenticators.listForUser(user.id)) {
    if (authenticator.factor !== 'webauthn') continue
    const passkey = readPasskey(openSecret(d.sealer, authenticator) ?? '')
    if (passkey?.id === id) return { user, authenticator, passkey }
  }
  return undefined
}

async function questionTo(
  d: PasskeyDeps,
  { user, authenticator }: Claimed,
  { pages, holder, origin, extras }: PasskeyInput,
): Promise<FactorQuestion> {
  const policy = await policyFor(d, { user, appId: extras.appId })
  return { user, authenticator, attemptId: holder, asked: { policy, origin, pages, browser: holder } }
}

/** Right once: of racing answers to one challenge one is. */
async function isRight(
  d: PasskeyDeps,
  { answer, holder, pages }: PasskeyInput,
  assertion: Assertion,
  { passkey }: Claimed,
  question: FactorQuestion,
): Promise<boolean> {
  const challenge = challengeIn(assertion)
  if (!isPasskeyChallenge(d, holder, challenge) || !isAllowed(question.asked.policy, 'webauthn')) return false
  const about = { answer, challenge, passkey, origin: pages, mustVerifyUser: true }
  const count = await verifiedAssertion(d.relyingParty, about)
  if (count === undefined) return false
  if (!(await d.pending.putNew('passkey_used', challenge, '1', CHALLENGE_MS / SECOND))) return false
  return acceptCount(d, question, { passkey, count })
}
