import { createHash } from 'node:crypto'
import { policyFor } from '../directory/policy-for.ts'
import type { User } from '../directory/user.ts'
import type { EventDraft, Origin } from '../events/event-store.ts'
import {
  brokerSessionBegun,
  brokerSessionEnded,
  brokerSessionEndedByAdmin,
  brokerSessionRefreshed,
  brokerTokenReused,
} from '../events/broker-events.ts'
import { OauthProblem } from '../http/oauth-wire.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { DAY, MINUTE } from '../platform/clock.ts'
import { sameSecret } from '../platform/master-key.ts'
import type { Random } from '../platform/random.ts'
import { besideGuessing, refusalOf } from '../signin/journey.ts'
import type { Transact } from '../stores.ts'
import { noteCodeUsed, sessionOfUsedCode, takeCode, type Grant } from './authorization-code.ts'
import type { BrokerSession } from './broker-session-store.ts'
import type { BrokerTokens, ReadToken } from './broker-tokens.ts'
import { CLIENT_ID } from './client.ts'
import {
  absoluteEnd,
  idleEnd,
  isOver,
  liveSession,
  usedNow,
  whyNoKey,
  type BrokerCaller,
  type LiveDeps,
} from './live-session.ts'

export interface GrantDeps extends LiveDeps {
  random: Random
  pending: Pick<PendingStore, 'put' | 'take' | 'peek'>
  transact: Transact
  brokerTokens: BrokerTokens
}

/** What a client gets: the session, and the tokens of its generation. */
export interface Granted extends BrokerCaller {
  accessToken: string
  refreshToken: string
}

/** Where a client is and what it says of itself. */
export interface ClientFacts {
  origin: Origin
  userAgent: string
}

/** The answer to a refresh may be lost: for this long the token before it gets the same one again. */
const REPEATED_MS = MINUTE
/** What is over stays for this long, so that its owner is told why. */
const KEPT_MS = 30 * DAY
const MAX_USER_AGENT = 400

export const invalidGrant = (why: string) => new OauthProblem('invalid_grant', why)

function granted(d: GrantDeps, caller: BrokerCaller): Granted {
  const { session } = caller
  return {
    ...caller,
    accessToken: d.brokerTokens.access(session, d.clock()),
    refreshToken: d.brokerTokens.refresh(session, session.generation),
  }
}

/** Begins the session that a person has agreed to. @throws OauthProblem when they may not have one any more */
export async function beginSession(d: GrantDeps, grant: Grant, client: ClientFacts): Promise<Granted> {
  const now = d.clock()
  const user = await d.users.find(grant.userId)
  if (user?.sessionEpoch !== grant.epoch || refusalOf(besideGuessing(user), now))
    throw invalidGrant('This account may not sign in any more, or all its sessions were ended meanwhile')
  const policy = await policyFor(d, { user })
  const why = whyNoKey(policy, grant.keyStorage)
  if (why !== undefined) throw invalidGrant(why)
  const { address } = client.origin
  const endsAt = absoluteEnd(grant, policy)
  const begun = {
    ...grant,
    factorAt: grant.factorAt,
    clientId: CLIENT_ID,
    seed: d.random.bytes(16).toString('base64url'),
    rotatedAt: now,
    createdAt: now,
    lastUsedAt: now,
    longestIdleMs: 0,
    idleEndsAt: idleEnd(now, endsAt, policy),
    endsAt,
    address,
    lastAddress: address,
    userAgent: client.userAgent.slice(0, MAX_USER_AGENT),
  }
  const id = await d.transact(async ({ brokerSessions, events }) => {
    await brokerSessions.dropOver(now - KEPT_MS)
    const added = await brokerSessions.add(begun)
    await events.append(brokerSessionBegun(client.origin, user, { ...begun, id: added }))
    return added
  })
  const session = { ...begun, id, generation: 0, endedAt: undefined }
  return granted(d, { session, user, policy })
}

interface CodeInput extends ClientFacts {
  code: string
  redirectUri: string
  verifier: string
  jkt: string
}

/** RFC 7636 section 4.6: the base64url SHA-256 of the verifier. */
const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')

/** `grant_type=authorization_code`. @throws OauthProblem `invalid_grant` */
export async function redeemCode(d: GrantDeps, input: CodeInput): Promise<Granted> {
  const { code, redirectUri, verifier, jkt } = input
  const grant = await takeCode(d, code)
  if (!grant) {
    await endOfReusedCode(d, code, input.origin)
    throw invalidGrant('The code is not known, too old, or was used before: sign in again')
  }
  const { challenge, redirectUri: sentTo, ...rest } = grant
  if (redirectUri !== sentTo) throw invalidGrant('redirect_uri is not the one that the code was sent to')
  if (!sameSecret(challengeOf(verifier), challenge)) throw invalidGrant('code_verifier does not fit')
  if (jkt !== grant.jkt) throw invalidGrant('The DPoP proof is of another key than the code was made for')
  const begun = await beginSession(d, rest, input)
  await noteCodeUsed(d, code, begun.session.id)
  return begun
}

async function endOfReusedCode(d: GrantDeps, code: string, origin: Origin): Promise<void> {
  const id = await sessionOfUsedCode(d, code)
  const session = id === undefined ? undefined : await d.brokerSessions.find(id)
  if (session) await endAsStolen(d, session, origin, 'an authorization code came a second time')
}

/** Ends a session that two seem to hold: which of them is its owner cannot be told. */
async function endAsStolen(d: GrantDeps, session: BrokerSession, origin: Origin, why: string): Promise<void> {
  const user = await d.users.find(session.userId)
  await endSession(d, session, 'replay', user && brokerTokenReused(origin, user, session, why))
}

/** What it takes to end sessions. */
export type EndDeps = Pick<GrantDeps, 'clock' | 'transact' | 'brokerSessions' | 'users'>

/** Ends a session, once, and notes it. False when it had ended before. */
export const endSession = (
  d: Pick<GrantDeps, 'transact' | 'clock'>,
  session: Pick<BrokerSession, 'id'>,
  reason: string,
  event: EventDraft | undefined,
): Promise<boolean> =>
  d.transact(async ({ brokerSessions, events }) => {
    const ended = await brokerSessions.end(session.id, d.clock(), reason)
    if (ended && event) await events.append(event)
    return ended
  })

/** Ends one of a person's, by themselves. False when it is none of theirs or over. */
export async function endOwnSession(d: EndDeps, user: User, id: number, origin: Origin): Promise<boolean> {
  const session = await d.brokerSessions.find(id)
  if (session?.userId !== user.id) return false
  return endSession(d, session, 'owner', brokerSessionEnded(origin, user, session, 'signed out'))
}

/** Ends all of a person's, by themselves. Tells how many it was. */
export async function endOwnSessions(d: EndDeps, user: User, origin: Origin): Promise<number> {
  const alive = await d.brokerSessions.list(user.id, d.clock())
  const ended = await Promise.all(alive.map(({ id }) => endOwnSession(d, user, id, origin)))
  return ended.filter(Boolean).length
}

/** Ends one, by an administrator. False when it is over. */
export async function endByAdmin(d: EndDeps, session: BrokerSession, origin: Origin): Promise<boolean> {
  const user = await d.users.find(session.userId)
  return endSession(d, session, 'administrator', user && brokerSessionEndedByAdmin(origin, user, session))
}

/** Ends all of a person's, by an administrator. Tells how many it was. */
export async function endAllOf(d: EndDeps, user: User, origin: Origin): Promise<number> {
  const alive = await d.brokerSessions.list(user.id, d.clock())
  const ended = await Promise.all(alive.map((session) => endByAdmin(d, session, origin)))
  return ended.filter(Boolean).length
}

/** The session of a token of ours. */
async function sessionOf(
  d: GrantDeps,
  token: string,
): Promise<{ read: ReadToken; session: BrokerSession } | undefined> {
  const read = d.brokerTokens.read(token)
  const session = read && (await d.brokerSessions.find(read.sessionId))
  return read && session && d.brokerTokens.isOf(read, session) ? { read, session } : undefined
}

/**
 * `grant_type=refresh_token`. Tokens rotate, and are bound to the key besides: the one before gets the same successor
 * for a minute, so that neither two processes at once nor a lost answer ends a session. Later, or with another key,
 * it is somebody else's doing, and ends it. @throws OauthProblem `invalid_grant`
 */
export async function refreshSession(
  d: GrantDeps,
  { token, jkt, origin }: { token: string; jkt: string; origin: Origin },
): Promise<Granted> {
  const found = await sessionOf(d, token)
  if (found?.read.kind !== 'refresh') throw invalidGrant('The refresh token is not known: sign in again')
  const { read, session } = found
  if (session.jkt !== jkt) {
    await endAsStolen(d, session, origin, 'the refresh token came with another key')
    throw invalidGrant('The refresh token belongs to another key. The session was ended: sign in again')
  }
  const caller = await liveSession(d, session)
  if (isOver(caller)) throw invalidGrant(caller.over)
  if (read.value === session.generation) return rotated(d, caller, origin)
  return repeated(d, caller, read.value, origin)
}

async function rotated(d: GrantDeps, caller: BrokerCaller, origin: Origin): Promise<Granted> {
  const { session, user, policy } = caller
  const now = d.clock()
  const won = await d.transact(async ({ brokerSessions, events }) => {
    if (!(await brokerSessions.rotate(session.id, session.generation, now))) return false
    await brokerSessions.noteUse(session.id, usedNow(now, session, policy, origin.address))
    await events.append(brokerSessionRefreshed(origin, user, session))
    return true
  })
  const held = await d.brokerSessions.find(session.id)
  if (!held) throw invalidGrant('The session is gone: sign in again')
  return won
    ? granted(d, { ...caller, session: held })
    : repeated(d, { ...caller, session: held }, session.generation, origin)
}

async function repeated(
  d: GrantDeps,
  caller: BrokerCaller,
  generation: number,
  origin: Origin,
): Promise<Granted> {
  const { session } = caller
  if (generation === session.generation - 1 && d.clock() - session.rotatedAt <= REPEATED_MS)
    return granted(d, caller)
  await endAsStolen(d, session, origin, 'a refresh token came a second time')
  throw invalidGrant('The refresh token was used before. The session was ended: sign in again')
}

/** RFC 7009: ends the session of a token, if the key fits. Whether there was one is not told. */
export async function revokeToken(
  d: GrantDeps,
  { token, jkt, origin }: { token: string; jkt: string; origin: Origin },
): Promise<void> {
  const found = await sessionOf(d, token)
  if (found?.session.jkt !== jkt) return
  const user = await d.users.find(found.session.userId)
  if (user) await endOwnSession(d, user, found.session.id, origin)
}
