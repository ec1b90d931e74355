import { z } from 'zod'
import type { User } from '../directory/user.ts'
import { authenticatorEnrolled } from '../events/events.ts'
import type { Origin } from '../events/event-store.ts'
import type { Clock } from '../platform/clock.ts'
import { sameSecret, sha256 } from '../platform/master-key.ts'
import { prefixedToken, type Random } from '../platform/random.ts'
import type { Sealer } from '../platform/sealing.ts'
import type { Transact } from '../stores.ts'
import {
  authenticatorPlace,
  openSecret,
  type Authenticator,
  type AuthenticatorStore,
} from './authenticator-store.ts'
import { FACTORS } from './factor-kind.ts'

/** How a browser is reached when no page of ours is open in it (W3C Push API). */
const subscriptionSchema = z.strictObject({
  endpoint: z.string(),
  p256dh: z.string(),
  auth: z.string(),
})
export type Subscription = z.output<typeof subscriptionSchema>

/** What is kept of a browser that approves: the SHA-256 of the secret in its cookie, and how it is reached. */
const approverSchema = z.strictObject({
  browser: z.string(),
  subscription: subscriptionSchema.optional(),
})
export type Approver = z.output<typeof approverSchema>

export interface ApproverDeps {
  clock: Clock
  random: Random
  sealer: Sealer
  authenticators: Pick<AuthenticatorStore, 'listForUser'>
  transact: Transact
}

/** The browser of a push authenticator. Throws when what is kept was moved or changed. */
export function approverOf(sealer: Sealer, authenticator: Authenticator): Approver | undefined {
  const kept = openSecret(sealer, authenticator)
  return kept === null ? undefined : approverSchema.parse(JSON.parse(kept))
}

/** A person's authenticator that this browser is, by the secret in its cookie. */
export async function approverIn(
  d: Pick<ApproverDeps, 'sealer' | 'authenticators'>,
  user: User,
  secret: string,
): Promise<Authenticator | undefined> {
  if (secret === '') return undefined
  const hash = sha256(secret)
  const all = await d.authenticators.listForUser(user.id)
  return all.find(
    (one) => one.factor === 'push' && sameSecret(approverOf(d.sealer, one)?.browser ?? '', hash),
  )
}

/** Browsers that one person may approve with. */
const MAX_APPROVERS = 10

/** Why a browser cannot become one that approves; `undefined`: it can. */
export type NoApprover = 'nothing_else' | 'too_many'

/** Approving elsewhere is no first factor: the browser that does it has to be signed in by another one. */
export function whyNoApprover(authenticators: readonly Authenticator[]): NoApprover | undefined {
  const approvers = authenticators.filter(({ factor }) => factor === 'push')
  const others = authenticators.filter(
    ({ factor }) => factor !== 'push' && FACTORS[factor].standing === 'full',
  )
  if (others.length === 0) return 'nothing_else'
  return approvers.length >= MAX_APPROVERS ? 'too_many' : undefined
}

/** Lets the browser that is told the secret approve from now on. `undefined`: it may not. */
export async function addApprover(
  d: ApproverDeps,
  user: User,
  name: string,
  origin: Origin,
): Promise<string | undefined> {
  const secret = prefixedToken(d.random, 'browser')
  const kept = JSON.stringify({ browser: sha256(secret) } satisfies Approver)
  const label = name === '' ? FACTORS.push.label : name
  const draft = { userId: user.id, factor: 'push', label, active: true, createdAt: d.clock() } as const
  return d.transact(async ({ authenticators, events }) => {
    if (whyNoApprover(await authenticators.listForUser(user.id))) return undefined
    const { id } = await authenticators.add(draft, (row) => d.sealer.seal(kept, authenticatorPlace(row)))
    await events.append(authenticatorEnrolled(origin, user, { id, name: label }))
    return secret
  })
}

/** Keeps how this browser is reached, or that it is not. */
export async function keepSubscription(
  d: Pick<ApproverDeps, 'sealer' | 'transact'>,
  authenticator: Authenticator,
  subscription: Subscription | undefined,
): Promise<void> {
  const { id } = authenticator
  const approver = approverOf(d.sealer, authenticator)
  if (!approver) return
  const kept: Approver = { browser: approver.browser, ...(subscription && { subscription }) }
  const sealed = d.sealer.seal(JSON.stringify(kept), authenticatorPlace(id))
  await d.transact(({ authenticators }) => authenticators.replaceSecret(id, sealed))
}
