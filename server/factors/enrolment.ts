import type { AccountStore } from '../directory/account-store.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { Origin } from '../events/event-store.ts'
import { authenticatorEnrolled, authenticatorRemoved } from '../events/events.ts'
import type { Clock } from '../platform/clock.ts'
import type { Sealer } from '../platform/sealing.ts'
import type { Transact } from '../stores.ts'
import { authenticatorPlace, type Authenticator, type AuthenticatorStore } from './authenticator-store.ts'
import { FACTORS } from './factor-catalog.ts'
import { FACTOR_KINDS, type FactorKind } from './factor-kind.ts'
import type { Factor, FactorSetup } from './factor.ts'

export interface EnrolmentDeps {
  clock: Clock
  sealer: Sealer
  account: Pick<AccountStore, 'account'>
  authenticators: Pick<AuthenticatorStore, 'listAllForUser'>
  factors: Record<FactorKind, Factor>
  transact: Transact
}

/** Neither the account's factors nor the person's devices have it. */
export const factorNotFound = () => new Problem('invalid_request', { message: 'Factor could not be found' })

/** The factors that a person may enrol. None while the account asks nobody for one. */
export async function availableFactors(
  d: Pick<EnrolmentDeps, 'account' | 'factors'>,
  user: User,
): Promise<FactorKind[]> {
  const { policy } = await d.account.account()
  return policy.mfa === 'none' ? [] : FACTOR_KINDS.filter((kind) => d.factors[kind].suits(user))
}

/** A person's authenticator, active or not. @throws Problem when it is not theirs */
export async function ownAuthenticator(
  d: Pick<EnrolmentDeps, 'authenticators'>,
  user: User,
  id: number,
): Promise<Authenticator> {
  const all = await d.authenticators.listAllForUser(user.id)
  const authenticator = all.find((one) => one.id === id)
  if (!authenticator) throw factorNotFound()
  return authenticator
}

export interface Enrolled {
  authenticator: Authenticator
  /** Shown this once. */
  setup: FactorSetup | undefined
}

/**
 * Begins an authenticator: it is offered at sign-in after its first right answer, or at once when the caller vouches
 * for the address. Sessions stay, since nothing that proved the person has changed.
 */
export async function enrolAuthenticator(
  d: EnrolmentDeps,
  user: User,
  wish: { factorId: number; label: string; verified: boolean },
  origin: Origin,
): Promise<Enrolled> {
  const factor = (await availableFactors(d, user)).find((kind) => FACTORS[kind].id === wish.factorId)
  if (!factor) throw factorNotFound()
  const { name } = await d.account.account()
  const { secret, setup } = d.factors[factor].enrol(user, name)
  const draft = {
    userId: user.id,
    factor,
    label: wish.label,
    active: wish.verified && FACTORS[factor].preVerifiable,
    createdAt: d.clock(),
  }
  const seal = (id: number) => (secret === null ? null : d.sealer.seal(secret, authenticatorPlace(id)))
  const authenticator = await d.transact(async ({ authenticators, events }) => {
    const added = await authenticators.add(draft, seal)
    await events.append(authenticatorEnrolled(origin, user, { id: added.id, name: added.label }))
    return added
  })
  return { authenticator, setup }
}

/** Takes an authenticator away. What was proved with it no longer counts: all sessions of the person end. */
export async function removeAuthenticator(
  d: EnrolmentDeps,
  user: User,
  id: number,
  origin: Origin,
): Promise<void> {
  const { label, active } = await ownAuthenticator(d, user, id)
  await d.transact(async ({ authenticators, users, events }) => {
    if (!(await authenticators.remove(user.id, id))) throw factorNotFound()
    if (active) await users.endSessions(user.id)
    await events.append(authenticatorRemoved(origin, user, { id, name: label }))
  })
}
