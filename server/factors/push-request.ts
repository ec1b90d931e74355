import { z } from 'zod'
import { Problem } from '../errors.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { SECOND, type Clock } from '../platform/clock.ts'
import { keyedDigest, sameSecret } from '../platform/master-key.ts'
import { digitCode, type Random } from '../platform/random.ts'
import type { FactorQuestion } from './factor.ts'

/** How long a person has to answer, and how long their answer waits to be fetched. */
export const PUSH_SECONDS = 60
/** Denials that end it for an attempt: a fourth question is no question but a nuisance. */
const DENIALS_PER_ATTEMPT = 3
/** Requests that a person may get within an hour, over all attempts. */
const ASKED_PER_HOUR = 10
const HOUR_SECONDS = 3600

const requestSchema = z.strictObject({
  /** Of the attempt that asks; the attempt's own id stands nowhere. */
  attempt: z.string(),
  authenticatorId: z.number(),
  /** To be compared; a program that asks has no place to show one. */
  number: z.string().optional(),
  /** Where it was asked: the address, the browser on pages, the app that it is for. */
  address: z.string().optional(),
  browser: z.string().optional(),
  appId: z.number().optional(),
  askedAt: z.number(),
  endsAt: z.number(),
  /** `over`: its answer has been fetched. */
  state: z.enum(['waiting', 'approved', 'denied', 'over']),
})
/** What a person is asked to approve. There is one at a time. */
export type PushRequest = z.output<typeof requestSchema>

interface Kept {
  request: PushRequest
  text: string
}

/** `too_soon` tells of the request that waits already, if it is of this very question, and else how long it may. */
export type Asked =
  | { is: 'sent'; request: PushRequest }
  | { is: 'too_soon'; request: PushRequest }
  | { is: 'too_soon'; waitSeconds: number }
  | { is: 'locked' }

/** An answer of the person: what they were shown, and what they make of it. */
export interface Approval {
  userId: number
  authenticatorId: number
  /** The request as their page named it. */
  id: string
  /** Names the browser that answers. */
  browser: string
  decision: { is: 'deny' } | { is: 'approve'; number: string }
}
export type ApprovalOutcome = 'approved' | 'denied' | 'wrong_number' | 'same_browser' | 'over'

interface PushRequestDeps {
  clock: Clock
  random: Random
  digestKey: Buffer
  pending: Pick<PendingStore, 'putNew' | 'peek' | 'swap' | 'touch' | 'count' | 'counted'>
}

/**
 * The request that a person is asked to approve. All changes are compare-and-set on one record a person, so that of
 * racing requests one is asked, and of racing answers one counts, once, for the attempt that it was shown for.
 */
export function pushRequests({ clock, random, digestKey, pending }: PushRequestDeps) {
  const attemptDigest = (attemptId: string) => keyedDigest(digestKey, 'push', attemptId)
  const isLive = ({ endsAt }: PushRequest) => endsAt > clock()

  async function read(userId: number): Promise<Kept | undefined> {
    const text = await pending.peek('push_request', String(userId))
    return text === undefined ? undefined : { text, request: requestSchema.parse(JSON.parse(text)) }
  }
  const change = (userId: number, { text, request }: Kept, next: Partial<PushRequest>): Promise<boolean> =>
    pending.swap('push_request', String(userId), text, JSON.stringify({ ...request, ...next }))

  /** Puts a request in the place of none, or of one that is done with. */
  async function take(userId: number, before: Kept | undefined, request: PushRequest): Promise<boolean> {
    if (!before) return pending.putNew('push_request', String(userId), JSON.stringify(request), PUSH_SECONDS)
    if (!(await change(userId, before, request))) return false
    await pending.touch('push_request', String(userId), PUSH_SECONDS)
    return true
  }

  function newRequest({ attemptId, authenticator, asked }: FactorQuestion): PushRequest {
    const now = clock()
    return {
      attempt: attemptDigest(attemptId),
      authenticatorId: authenticator.id,
      ...(asked.pages !== undefined && { number: digitCode(random, 2) }),
      address: asked.origin.address,
      browser: asked.browser,
      appId: asked.appId,
      askedAt: now,
      endsAt: now + PUSH_SECONDS * SECOND,
      state: 'waiting',
    }
  }

  const isOf = ({ attempt, authenticatorId }: PushRequest, q: FactorQuestion) =>
    attempt === attemptDigest(q.attemptId) && authenticatorId === q.authenticator.id

  /** Nothing else is asked while it waits, nor before its approval has been fetched. */
  const isBusy = (request: PushRequest) =>
    isLive(request) && (request.state === 'waiting' || request.state === 'approved')
  const secondsLeft = ({ endsAt }: PushRequest) => Math.max(1, Math.ceil((endsAt - clock()) / SECOND))
  const tooSoon = (request: PushRequest, q: FactorQuestion): Asked =>
    isOf(request, q) ? { is: 'too_soon', request } : { is: 'too_soon', waitSeconds: secondsLeft(request) }

  return {
    /** Asks, unless something is being asked already. @throws Problem `rate_limited` */
    async ask(q: FactorQuestion): Promise<Asked> {
      const { id } = q.user
      const denials = await pending.counted('push_denied', attemptDigest(q.attemptId))
      if (denials >= DENIALS_PER_ATTEMPT) return { is: 'locked' }
      const before = await read(id)
      if (before && isBusy(before.request)) return tooSoon(before.request, q)
      if ((await pending.counted('push_asked', String(id))) >= ASKED_PER_HOUR)
        throw new Problem('rate_limited', { retryAfterSeconds: HOUR_SECONDS })
      const request = newRequest(q)
      if (!(await take(id, before, request))) return { is: 'too_soon', waitSeconds: PUSH_SECONDS }
      await pending.count('push_asked', String(id), HOUR_SECONDS)
      return { is: 'sent', request }
    },

    /** What the person has answered to this question. An answer is given out once. */
    async answerTo(q: FactorQuestion): Promise<Exclude<PushRequest['state'], 'over'> | 'lapsed'> {
      const kept = await read(q.user.id)
      if (!kept || !isOf(kept.request, q) || !isLive(kept.request)) return 'lapsed'
      const { state } = kept.request
      if (state === 'over') return 'lapsed'
      if (state === 'waiting') return state
      return (await change(q.user.id, kept, { state: 'over' })) ? state : 'lapsed'
    },

    /** The request of this question while it waits. */
    async waiting(userId: number, attemptId: string): Promise<PushRequest | undefined> {
      const request = await this.open(userId)
      return request?.attempt === attemptDigest(attemptId) ? request : undefined
    },

    /** What this person has to answer now. */
    async open(userId: number): Promise<PushRequest | undefined> {
      const request = (await read(userId))?.request
      return request?.state === 'waiting' && isLive(request) ? request : undefined
    },

    /** Takes the person's answer. A wrong number is a denial: whoever has the right one in front of them types that. */
    async decide({ userId, authenticatorId, id, browser, decision }: Approval): Promise<ApprovalOutcome> {
      const kept = await read(userId)
      if (kept?.request.state !== 'waiting' || !isLive(kept.request)) return 'over'
      const { request } = kept
      if (requestId(request) !== id || request.authenticatorId !== authenticatorId) return 'over'
      if (request.browser === browser) return 'same_browser'
      const outcome = outcomeOf(request, decision)
      const state = outcome === 'approved' ? 'approved' : 'denied'
      if (!(await change(userId, kept, { state, endsAt: clock() + PUSH_SECONDS * SECOND }))) return 'over'
      await pending.touch('push_request', String(userId), PUSH_SECONDS)
      if (state === 'denied') await pending.count('push_denied', request.attempt, HOUR_SECONDS)
      return outcome
    },

    secondsLeft,
  }
}

export type PushRequests = ReturnType<typeof pushRequests>

function outcomeOf({ number }: PushRequest, decision: Approval['decision']) {
  if (decision.is === 'deny') return 'denied'
  return number === undefined || sameSecret(number, decision.number) ? 'approved' : 'wrong_number'
}

/** Names a request toward the person's own page: one attempt may ask several times. */
export const requestId = ({ attempt, askedAt }: PushRequest): string => `${attempt}.${askedAt}`
