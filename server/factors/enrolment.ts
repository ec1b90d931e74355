import type { AccountStore } from '../directory/account-store.ts'
import { policyFor } from '../directory/policy-for.ts'
import { isAllowed, type Policy } from '../directory/policy.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import { authenticatorEnrolled, authenticatorRemoved } from '../events/events.ts'
import type { Origin } from '../events/event-store.ts'
import { DAY, type Clock } from '../platform/clock.ts'
import type { Sealer } from '../platform/sealing.ts'
import type { Stores, Transact } from '../stores.ts'
import { authenticatorPlace, type Authenticator, type AuthenticatorStore } from './authenticator-store.ts'
import { FACTOR_KINDS, FACTORS, type FactorKind } from './factor-kind.ts'
import type { Asking, Factor, FactorQuestion, Setup, Verdict } from './factor.ts'

export interface EnrolmentDeps {
  clock: Clock
  sealer: Sealer
  account: Pick<AccountStore, 'account' | 'rules'>
  authenticators: Pick<AuthenticatorStore, 'listAllForUser'>
  factors: Record<FactorKind, Factor>
  transact: Transact
}

/** What is begun and never proved is forgotten after this long, when its person begins another. */
const UNPROVED_MS = DAY

/** Neither the account's factors nor the person's devices have it. */
export const factorNotFound = () => new Problem('invalid_request', { message: 'Factor could not be found' })

/** The factors that a person may enrol. None while the account asks nobody for one. */
export async function availableFactors(
  d: Pick<EnrolmentDeps, 'account' | 'factors'>,
  user: User,
): Promise<FactorKind[]> {
  const policy = await policyFor(d, { user })
  return policy.mfa === 'none' ? [] : enrollableFactors(d, user, policy)
}

const isSetUpWhereAsked = (kind: FactorKind): boolean =>
  FACTORS[kind].setUpAt === undefined && !FACTORS[kind].handedOut

/**
 * The factors that suit a person and count by the rules that hold for them, of those that are set up wherever they are
 * asked for.
 */
export const enrollableFactors = (
  d: Pick<EnrolmentDeps, 'factors'>,
  user: User,
  policy: Pick<Policy, 'allowed_factors'>,
): FactorKind[] =>
  FACTOR_KINDS.filter(
    (kind) => isSetUpWhereAsked(kind) && isAllowed(policy, kind) && d.factors[kind].suits(user),
  )

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

export interface EnrolmentWish {
  kind: FactorKind
  label?: string | undefined
  number?: string | undefined
  /** The caller vouches for the address. */
  verified?: boolean
}

/** What the owner of a new authenticator needs to set it up. */
export async function setupOf(d: EnrolmentDeps, user: User, authenticator: Authenticator): Promise<Setup> {
  const { name } = await d.account.account()
  return d.factors[authenticator.factor].setup(user, authenticator, name)
}

/**
 * Begins an authenticator: it is offered at sign-in after its first right answer, or at once when the caller vouches
 * for the address. Sessions stay, since nothing that proved the person has changed.
 */
export async function beginEnrolment(
  d: EnrolmentDeps,
  user: User,
  wish: EnrolmentWish,
  asked: Asking,
): Promise<Authenticator> {
  const { kind, number } = wish
  const { name: issuer } = await d.account.account()
  const authenticators = await d.authenticators.listAllForUser(user.id)
  const keeps = await d.factors[kind].begin({ user, issuer, authenticators, asked, number })
  const draft = {
    userId: user.id,
    factor: kind,
    label: wish.label ?? FACTORS[kind].label,
    active: wish.verified === true && FACTORS[kind].preVerifiable,
    createdAt: d.clock(),
  }
  const seal = (id: number) => (keeps === null ? null : d.sealer.seal(keeps, authenticatorPlace(id)))
  return d.transact(async (stores) => {
    await stores.authenticators.dropUnproved(user.id, { before: d.clock() - UNPROVED_MS })
    const added = await stores.authenticators.add(draft, seal)
    if (!isOnPages(asked)) await stores.events.append(enrolled(asked, user, added))
    return added
  })
}

/**
 * Keeps what a right answer leaves: the authenticator is active from now on. Part of the transaction of whatever the
 * answer was for. @throws Problem `factor_failed` when it was removed meanwhile
 */
export async function keepProof(
  d: Pick<EnrolmentDeps, 'clock' | 'sealer'>,
  { authenticators, events }: Pick<Stores, 'authenticators' | 'events'>,
  { user, authenticator, asked }: FactorQuestion,
  { keeps }: Extract<Verdict, { is: 'right' }>,
): Promise<void> {
  const { id, active, factor } = authenticator
  if (FACTORS[factor].handedOut) return
  if (!(await authenticators.confirm(id, d.clock()))) throw new Problem('factor_failed')
  if (!active && isOnPages(asked)) await events.append(enrolled(asked, user, authenticator))
  if (keeps === undefined) return
  await authenticators.replaceSecret(id, keeps === null ? null : d.sealer.seal(keeps, authenticatorPlace(id)))
}

/** On pages one is enrolled when it is proved; a program's exists from its call on. */
const isOnPages = ({ pages }: Asking): boolean => pages !== undefined

const enrolled = ({ origin }: Asking, user: User, { id, label: name }: Authenticator) =>
  authenticatorEnrolled(origin, user, { id, name })

/**
 * Takes an authenticator away, and with the last full one the backups. What was proved with it no longer counts: all
 * sessions of the person end.
 */
export async function removeAuthenticator(
  d: EnrolmentDeps,
  user: User,
  id: number,
  origin: Origin,
): Promise<void> {
  const { label, active } = await ownAuthenticator(d, user, id)
  await d.transact(async ({ authenticators, users, events }) => {
    if (!(await authenticators.remove(user.id, id))) throw factorNotFound()
    for (const backup of leftWithout(await authenticators.listAllForUser(user.id)))
      await authenticators.remove(user.id, backup.id)
    if (active) await users.endSessions(user.id)
    await events.append(authenticatorRemoved(origin, user, { id, name: label }))
  })
}

/** Backups that stand in for nothing any more. */
const leftWithout = (all: readonly Authenticator[]): Authenticator[] =>
  hasFull(all) ? [] : all.filter(({ factor }) => FACTORS[factor].standing === 'backup')

/** Whether a person has a second factor that is enough by itself. */
export const hasFull = (all: readonly Authenticator[]): boolean =>
  all.some(({ factor, active }) => active && FACTORS[factor].standing === 'full')
