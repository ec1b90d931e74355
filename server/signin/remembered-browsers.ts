import { createHash } from 'node:crypto'
import { isIPv4 } from 'node:net'
import type { AccountStore } from '../directory/account-store.ts'
import { policyFor } from '../directory/policy-for.ts'
import type { Policy } from '../directory/policy.ts'
import type { User } from '../directory/user.ts'
import type { Origin } from '../events/event-store.ts'
import { profileUpdated } from '../events/events.ts'
import { FACTORS, type FactorKind } from '../factors/factor-kind.ts'
import { DAY, HOUR, type Clock } from '../platform/clock.ts'
import { prefixedToken, type Random } from '../platform/random.ts'
import type { Transact } from '../stores.ts'
import { addressKey } from './address-key.ts'
import type { RememberedBrowserStore } from './remembered-browser-store.ts'

/** What an attempt and a session keep of the browser they began in. */
export interface Remembered {
  factor: FactorKind
  /** When that factor was proved, ms. */
  since: number
  sameNetwork: boolean
}

export interface RememberedDeps {
  clock: Clock
  random: Random
  account: Pick<AccountStore, 'account' | 'rules'>
  remembered: RememberedBrowserStore
  transact: Transact
}

/** More than anybody's; the ones used least make room. */
const MOST = 20

/** The cookie by which a browser is remembered for one person; others who use it have their own. */
export const rememberCookie = ({ id }: Pick<User, 'id'>): string => `doorward_remember_${id}`

const hashed = (token: string): string => createHash('sha256').update(token).digest('hex')

/** Changes with every rule that says who is asked, for what, how often. */
const rulesOf = (policy: Policy): string => {
  const { mfa, allowed_factors, user_verification, remember_browser_days, remember_same_network } = policy
  const rules = [mfa, allowed_factors, user_verification, remember_browser_days, remember_same_network]
  return hashed(JSON.stringify(rules)).slice(0, 32)
}

/** The network of an address: what a home or an office has. IPv4 /24, IPv6 /64. */
const networkOf = (address: string): string =>
  isIPv4(address) ? address.split('.').slice(0, 3).join('.') : addressKey(address)

/** What this browser's cookie says of this person, if they were remembered in it and nothing has ended that. */
export async function rememberedIn(
  d: Pick<RememberedDeps, 'clock' | 'account' | 'remembered'>,
  user: User,
  token: string,
  address: string,
): Promise<Remembered | undefined> {
  if (token === '') return undefined
  const found = await d.remembered.find(user.id, hashed(token), d.clock())
  if (found?.epoch !== user.sessionEpoch || found.rules !== rulesOf(await policyFor(d, { user })))
    return undefined
  await d.remembered.noteUse(found.id, d.clock())
  return { factor: found.factor, since: found.createdAt, sameNetwork: found.network === networkOf(address) }
}

/** Whether what is remembered is enough by these rules, now. */
export function isRemembered(
  policy: Pick<Policy, 'remember_browser_days' | 'remember_same_network'>,
  { since, sameNetwork }: Pick<Remembered, 'since' | 'sameNetwork'>,
  now: number,
): boolean {
  const { remember_browser_days: days, remember_same_network } = policy
  return days > 0 && now < since + days * DAY && (sameNetwork || !remember_same_network)
}

/** Whether a factor that was proved at a time has to be proved again before anything is handed out. */
export const isToBeAskedAgain = (
  { ask_again_hours: hours }: Pick<Policy, 'ask_again_hours'>,
  provedAt: number,
  now: number,
): boolean => hours > 0 && now >= provedAt + hours * HOUR

/**
 * Remembers the browser in which a person has proved a factor, as they wished and the rules allow. Gives the cookie;
 * only its digest is kept. A backup stands in for a day and is not remembered.
 */
export async function rememberBrowser(
  d: RememberedDeps,
  user: User,
  factor: FactorKind | undefined,
  { origin, userAgent }: { origin: Origin; userAgent: string },
): Promise<{ name: string; value: string; days: number } | undefined> {
  const policy = await policyFor(d, { user })
  const days = policy.remember_browser_days
  if (days === 0 || factor === undefined || FACTORS[factor].standing === 'backup') return undefined
  const [now, token] = [d.clock(), prefixedToken(d.random, 'rb')]
  await d.transact(async ({ remembered, events }) => {
    await remembered.tidy(user.id, user.sessionEpoch, now)
    const all = await remembered.list(user.id, user.sessionEpoch, now)
    for (const { id } of all.slice(MOST - 1)) await remembered.end(user.id, { id })
    await remembered.add({
      userId: user.id,
      tokenHash: hashed(token),
      epoch: user.sessionEpoch,
      rules: rulesOf(policy),
      factor,
      network: networkOf(origin.address),
      address: origin.address,
      userAgent,
      createdAt: now,
      lastUsedAt: now,
      endsAt: now + days * DAY,
    })
    await events.append(profileUpdated(origin, user, 'a browser is remembered'))
  })
  return { name: rememberCookie(user), value: token, days }
}

/** Asks for the second factor again in one of a person's browsers, or in all. False when it is none of theirs. */
export async function forgetBrowsers(
  d: Pick<RememberedDeps, 'transact'>,
  user: User,
  which: { id: number } | 'all',
  origin: Origin,
): Promise<boolean> {
  return d.transact(async ({ remembered, events }) => {
    if ((await remembered.end(user.id, which)) === 0) return false
    await events.append(profileUpdated(origin, user, 'a browser is no longer remembered'))
    return true
  })
}
