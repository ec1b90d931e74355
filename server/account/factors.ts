import type { Post } from '../branding/post.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { Origin } from '../events/event-store.ts'
import { factorFailed, profileUpdated } from '../events/events.ts'
import type { Authenticator, AuthenticatorStore } from '../factors/authenticator-store.ts'
import {
  availableFactors,
  beginEnrolment,
  keepProof,
  removeAuthenticator,
  setupOf,
  type EnrolmentDeps,
} from '../factors/enrolment.ts'
import { FACTORS, type FactorKind } from '../factors/factor-kind.ts'
import { reserveFactorTry, returnFactorTry, TRIES_PER_QUESTION } from '../factors/factor-tries.ts'
import {
  verdictOn,
  type Asking,
  type ChallengeOutcome,
  type FactorQuestion,
  type Setup,
  type Verdict,
} from '../factors/factor.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { changeLetter } from './letters.ts'

export interface FactorDeps extends EnrolmentDeps {
  pending: Pick<PendingStore, 'count' | 'uncount'>
  authenticators: AuthenticatorStore
  post: Pick<Post, 'sendLater'>
}

/** More than anybody needs; without a limit a stolen session could fill the table. */
const MOST = 25

/** What a person is setting up on their account's pages. */
export interface Enrolling {
  user: User
  authenticator: Authenticator
  setup: Setup
  asked: Asking
}

/** Begins an authenticator of this kind, if the person may have one. */
export async function beginOwn(
  d: FactorDeps,
  user: User,
  wish: { kind: FactorKind; number?: string | undefined },
  asked: Asking,
): Promise<Enrolling | undefined> {
  const own = await d.authenticators.listAllForUser(user.id)
  if (own.length >= MOST || !(await availableFactors(d, user)).includes(wish.kind)) return undefined
  for (const { id, active } of own) if (!active) await d.authenticators.dropUnproved(user.id, { id })
  const authenticator = await beginEnrolment(d, user, wish, asked)
  return { user, authenticator, setup: await setupOf(d, user, authenticator), asked }
}

/** What this person began and has yet to prove. */
export async function enrollingOf(
  d: FactorDeps,
  user: User,
  id: number,
  asked: Asking,
): Promise<Enrolling | undefined> {
  const own = await d.authenticators.listAllForUser(user.id)
  const authenticator = own.find((one) => one.id === id && !one.active)
  return authenticator && { user, authenticator, setup: await setupOf(d, user, authenticator), asked }
}

const questionOf = ({ user, authenticator, asked }: Enrolling): FactorQuestion => ({
  user,
  authenticator,
  asked,
  attemptId: `account:${authenticator.id}`,
})

/** Sends what a new authenticator is proved with, when it is proved with something that is sent. */
export const challengeOwn = (d: FactorDeps, enrolling: Enrolling): Promise<ChallengeOutcome> =>
  FACTORS[enrolling.authenticator.factor].challenge === 'on_request'
    ? d.factors[enrolling.authenticator.factor].challenge(questionOf(enrolling))
    : Promise.resolve({ is: 'nothing_to_send' })

export type ProofOutcome =
  | { is: 'added'; amr: readonly string[] }
  | { is: 'wrong'; triesLeft: number }
  | { is: 'pending' | 'denied' | 'lapsed' | 'ended' }

/** The answer that ends the setting up. */
export async function proveOwn(d: FactorDeps, enrolling: Enrolling, code: string): Promise<ProofOutcome> {
  const { user, authenticator } = enrolling
  const question = questionOf(enrolling)
  const polls = FACTORS[authenticator.factor].answeredBy === 'poll'
  const tries = polls ? 0 : await reserveFactorTry(d, user.id, question.attemptId)
  if (tries === 'none_left') return giveUp(d, enrolling, 'too many wrong codes')
  const verdict = await verdictOn(d.factors[authenticator.factor], question, code)
  if (verdict.is === 'right') {
    if (!polls) await returnFactorTry(d, user.id)
    return added(d, question, verdict)
  }
  if (verdict.is === 'wrong') {
    if (tries >= TRIES_PER_QUESTION) return giveUp(d, enrolling, 'wrong code')
    await noteFailure(d, enrolling, 'wrong code')
    return { is: 'wrong', triesLeft: TRIES_PER_QUESTION - tries }
  }
  return { is: verdict.is }
}

async function added(
  d: FactorDeps,
  question: FactorQuestion,
  verdict: Extract<Verdict, { is: 'right' }>,
): Promise<ProofOutcome> {
  const { user, authenticator } = question
  const { amr } = FACTORS[authenticator.factor]
  await d.transact((stores) => keepProof(d, stores, question, verdict))
  d.post.sendLater(user, changeLetter('factorAdded', authenticator.label))
  return { is: 'added', amr: verdict.amr ?? amr }
}

async function giveUp(d: FactorDeps, enrolling: Enrolling, why: string): Promise<ProofOutcome> {
  await noteFailure(d, enrolling, why)
  await d.authenticators.dropUnproved(enrolling.user.id, { id: enrolling.authenticator.id })
  return { is: 'ended' }
}

const noteFailure = (
  d: FactorDeps,
  { user, authenticator: { id, label }, asked }: Enrolling,
  why: string,
): Promise<void> =>
  d.transact(({ events }) => events.append(factorFailed(asked.origin, user, { id, name: label }, why)))

/** A person's active authenticator. @throws Problem `not_found` when it is somebody else's, or nobody's */
export async function ownFactor(
  d: Pick<FactorDeps, 'authenticators'>,
  user: User,
  id: number,
): Promise<Authenticator> {
  const authenticator = (await d.authenticators.listForUser(user.id)).find((one) => one.id === id)
  if (!authenticator) throw new Problem('not_found')
  return authenticator
}

export async function renameOwn(
  d: FactorDeps,
  user: User,
  id: number,
  label: string,
  origin: Origin,
): Promise<void> {
  await d.transact(async ({ authenticators, events }) => {
    if (!(await authenticators.rename(user.id, id, label))) throw new Problem('not_found')
    await events.append(profileUpdated(origin, user, 'the name of a second factor'))
  })
}

export async function makeOwnDefault(d: FactorDeps, user: User, id: number, origin: Origin): Promise<void> {
  await d.transact(async ({ authenticators, events }) => {
    if (!(await authenticators.makeDefault(user.id, id))) throw new Problem('not_found')
    await events.append(profileUpdated(origin, user, 'the first second factor'))
  })
}

/** Takes an authenticator away; every session ends, and the caller goes on with a new one. */
export async function removeOwn(d: FactorDeps, user: User, id: number, origin: Origin): Promise<void> {
  const { label } = await ownFactor(d, user, id)
  await removeAuthenticator(d, user, id, origin)
  d.post.sendLater(user, changeLetter('factorRemoved', label))
}
