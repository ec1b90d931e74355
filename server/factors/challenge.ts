import { z } from 'zod'
import type { AccountStore } from '../directory/account-store.ts'
import { policyFor } from '../directory/policy-for.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { Origin } from '../events/event-store.ts'
import { factorFailed, factorVerified, TEMPORARY_TOKEN } from '../events/events.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { SECOND, type Clock } from '../platform/clock.ts'
import { hexToken, type Random } from '../platform/random.ts'
import type { Transact } from '../stores.ts'
import type { Authenticator } from './authenticator-store.ts'
import { keepProof, ownAuthenticator, type EnrolmentDeps } from './enrolment.ts'
import { FACTORS } from './factor-kind.ts'
import { verdictOn, type Asking } from './factor.ts'
import { reserveFactorTry, returnFactorTry, TRIES_PER_QUESTION } from './factor-tries.ts'
import { verifyTemporaryToken } from './temporary-token.ts'

/** OneLogin's bounds of a state token's life, and its default. A code by mail dies after ten minutes all the same. */
export const CHALLENGE_SECONDS = { min: 120, max: 900, usual: 120 }

export interface ChallengeDeps extends EnrolmentDeps {
  clock: Clock
  random: Random
  account: Pick<AccountStore, 'account' | 'rules'>
  pending: PendingStore
  digestKey: Buffer
  transact: Transact
}

const challengeSchema = z.strictObject({
  userId: z.number(),
  authenticatorId: z.number(),
  /** The person's session epoch: what ends their sessions ends the challenge. */
  epoch: z.number(),
})

/** A question that the API put to a person, as whoever asked may name it. */
export interface OpenChallenge {
  stateToken: string
  expiresAt: number
}

/** Opens a question to a person: 160 random bits, good for this authenticator alone. Sends nothing. */
export async function openChallenge(
  d: Pick<ChallengeDeps, 'clock' | 'random' | 'pending'>,
  user: User,
  authenticator: Authenticator,
  seconds: number = CHALLENGE_SECONDS.usual,
): Promise<OpenChallenge> {
  const stateToken = hexToken(d.random, 20)
  const challenge = { userId: user.id, authenticatorId: authenticator.id, epoch: user.sessionEpoch }
  await d.pending.put('factor_challenge', stateToken, JSON.stringify(challenge), seconds)
  return { stateToken, expiresAt: d.clock() + seconds * SECOND }
}

/** Opens a question and sends the person what they need to answer it. */
export async function triggerFactor(
  d: ChallengeDeps,
  user: User,
  authenticator: Authenticator,
  seconds: number | undefined,
  origin: Origin,
): Promise<OpenChallenge> {
  const opened = await openChallenge(d, user, authenticator, seconds)
  const question = {
    user,
    authenticator,
    attemptId: opened.stateToken,
    asked: await askedByApi(d, user, origin),
  }
  const sent = await d.factors[authenticator.factor].challenge(question)
  if (sent.is === 'locked') throw new Problem('factor_failed')
  return opened
}

/** How a program asks: there is no page of ours beside it. */
export const askedByApi = async (
  d: Pick<ChallengeDeps, 'account'>,
  user: User,
  origin: Origin,
): Promise<Asking> => ({ policy: await policyFor(d, { user }), origin })

/** @throws Problem when the token is not of a living question to this person about this authenticator */
async function claimChallenge(
  d: ChallengeDeps,
  user: User,
  authenticator: Authenticator,
  stateToken: string,
) {
  const value = await d.pending.peek('factor_challenge', stateToken)
  const challenge = value === undefined ? undefined : challengeSchema.parse(JSON.parse(value))
  const holds =
    challenge?.userId === user.id &&
    challenge.authenticatorId === authenticator.id &&
    challenge.epoch === user.sessionEpoch
  if (!holds) throw new Problem('invalid_request', { message: 'State token is invalid or expired' })
}

export interface Answer {
  deviceId: number
  /** Empty: none was given yet. */
  code: string
  stateToken: string | undefined
  origin: Origin
}

/** What an answer came to; a wrong one is thrown. `pending`: nothing was answered yet. */
export type Verification = { is: 'verified' } | { is: 'pending'; authenticator: Authenticator }

/** Checks an answer. The first right one turns an authenticator active. @throws Problem `factor_failed` */
export async function verifyFactor(d: ChallengeDeps, user: User, answer: Answer): Promise<Verification> {
  if (answer.deviceId === TEMPORARY_TOKEN.id) return verifyTemporary(d, user, answer)
  const authenticator = await ownAuthenticator(d, user, answer.deviceId)
  const { code, origin } = answer
  const named = { id: authenticator.id, name: authenticator.label }
  const { challenge, answeredBy } = FACTORS[authenticator.factor]
  const asked = challenge !== 'none'
  const polls = answeredBy === 'poll'
  const question = asked ? (answer.stateToken ?? '') : undefined
  if (question !== undefined) await claimChallenge(d, user, authenticator, question)
  if (code === '' && asked && !polls) return { is: 'pending', authenticator }
  // To ask whether it was approved elsewhere is no guess.
  const tries = polls ? 0 : await reserveFactorTry(d, user.id, question)
  if (tries === 'none_left') return failed(d, user, named, 'too many wrong codes', origin, question)
  const attemptId = question ?? `device:${authenticator.id}`
  const about = { user, authenticator, attemptId, asked: await askedByApi(d, user, origin) }
  const verdict = await verdictOn(d.factors[authenticator.factor], about, code)
  if (verdict.is === 'pending') return { is: 'pending', authenticator }
  // A denial was noted where it was made; where nothing is asked there is nothing to note.
  if (verdict.is === 'denied' || verdict.is === 'lapsed') throw new Problem('factor_failed')
  if (verdict.is !== 'right') {
    const ended = question !== undefined && tries >= TRIES_PER_QUESTION
    return failed(d, user, named, 'wrong code', origin, ended ? question : undefined)
  }
  if (!polls) await returnFactorTry(d, user.id)
  if (question !== undefined) await d.pending.drop('factor_challenge', question)
  await d.transact(async (stores) => {
    await keepProof(d, stores, about, verdict)
    await stores.events.append(factorVerified(origin, user, named))
  })
  return { is: 'verified' }
}

async function verifyTemporary(
  d: ChallengeDeps,
  user: User,
  { code, origin }: Answer,
): Promise<Verification> {
  const tries = await reserveFactorTry(d, user.id, undefined)
  if (tries === 'none_left') return failed(d, user, TEMPORARY_TOKEN, 'too many wrong codes', origin)
  const right = await d.transact(async ({ temporaryTokens, events }) => {
    if (!(await verifyTemporaryToken({ ...d, temporaryTokens }, user, code))) return false
    await events.append(factorVerified(origin, user, TEMPORARY_TOKEN))
    return true
  })
  if (!right) return failed(d, user, TEMPORARY_TOKEN, 'wrong code', origin)
  await returnFactorTry(d, user.id)
  return { is: 'verified' }
}

/** Notes a wrong answer, and ends the question it was to if that is named. */
async function failed(
  d: ChallengeDeps,
  user: User,
  authenticator: { id: number; name: string },
  why: string,
  origin: Origin,
  ended?: string,
): Promise<never> {
  if (ended !== undefined) await d.pending.drop('factor_challenge', ended)
  await d.transact(({ events }) => events.append(factorFailed(origin, user, authenticator, why)))
  throw new Problem('factor_failed')
}
