import { z } from 'zod'
import { FACTORS, POLICY_KINDS, type FactorKind } from '../factors/factor-kind.ts'

const bounded = (min: number, max: number, value: number) => z.int().min(min).max(max).default(value)

/** The rules that a group or an app may have of its own. */
const OWN_RULES = {
  /**
   * `none`: the password is enough; `enrolled`: ask those who have a factor; `required`: nobody without one;
   * `phishing_resistant`: nobody without a passkey or security key.
   */
  mfa: z.enum(['none', 'enrolled', 'required', 'phishing_resistant']),
  /** Sign-ins that a person may make before they have to set up what is required. */
  grace_sign_ins: z.int().min(0).max(100),
  /** Which factors count; null: every one that is not off by default. */
  allowed_factors: z.array(z.enum(POLICY_KINDS)).min(1).max(50).nullable(),
  /** Days for which a browser may be remembered, in which a person is then not asked for their factor; 0: none is. */
  remember_browser_days: z.int().min(0).max(365),
  /** Whether that ends where the network is another one (IPv4 /24, IPv6 /64). */
  remember_same_network: z.boolean(),
  /** Hours after which an open session proves a factor again before it enters an app; 0: never. */
  ask_again_hours: z
    .int()
    .min(0)
    .max(24 * 30),
  /** Hours after the sign-in at which a command line has to sign in again, whatever happens. */
  broker_session_hours: z.int().min(1).max(24),
  /** Hours without use after which it has to. */
  broker_idle_hours: z.int().min(1).max(24),
  /** Whether a passkey has to check its owner itself (PIN, finger, face). */
  user_verification: z.enum(['required', 'preferred', 'discouraged']),
}

/** What a group or an app says of these; a rule that it does not have is the account's. */
export const policyOverridesSchema = z.strictObject(OWN_RULES).partial()
export type PolicyOverrides = z.output<typeof policyOverridesSchema>

/** The account's rules, as the directory document spells them. Every rule about signing in reads its number here. */
export const policySchema = z.strictObject({
  mfa: OWN_RULES.mfa.default('enrolled'),
  grace_sign_ins: OWN_RULES.grace_sign_ins.default(0),
  allowed_factors: OWN_RULES.allowed_factors.default(null),
  remember_browser_days: OWN_RULES.remember_browser_days.default(0),
  remember_same_network: OWN_RULES.remember_same_network.default(false),
  ask_again_hours: OWN_RULES.ask_again_hours.default(0),
  broker_session_hours: OWN_RULES.broker_session_hours.default(10),
  broker_idle_hours: OWN_RULES.broker_idle_hours.default(4),
  /** Where a command line may keep its key: in an agent, in the system's keychain, in a file. */
  broker_key_storage: z
    .array(z.enum(['agent', 'keychain', 'file']))
    .min(1)
    .max(3)
    .default(['agent', 'keychain', 'file']),
  user_verification: OWN_RULES.user_verification.default('preferred'),
  max_invalid_attempts: bounded(1, 100, 5),
  lock_minutes: bounded(1, 7 * 24 * 60, 30),
  password_min_length: bounded(8, 128, 12),
  /** Days after which a password has to be changed at sign-in; 0: never, which is what NIST SP 800-63B advises. */
  password_max_age_days: bounded(0, 3650, 0),
  /** How long the link of an invitation opens. */
  invite_hours: bounded(1, 24 * 90, 24 * 7),
  /** Letters about forgotten passwords within an hour, for the whole account. */
  max_reset_letters_per_hour: bounded(10, 1_000_000, 1000),
  /** A browser session ends this long after sign-in, whatever happens. */
  session_hours: bounded(1, 24 * 30, 10),
  /** Wrong codes a person may give within an hour, over all attempts. */
  max_factor_failures_per_hour: bounded(5, 1000, 20),
  /** Failed sign-ins that one address (IPv6: one /64) may cause within 10 minutes. */
  max_failures_per_address: bounded(5, 1_000_000, 100),
  /** Failed sign-ins within 10 minutes, of everybody together, from which on those wait who are not known. */
  max_failures_overall: bounded(100, 100_000_000, 5000),
  /** Countries (ISO 3166-1) that codes are sent to by phone; null: all. */
  phone_countries: z
    .array(z.string().regex(/^[A-Z]{2}$/))
    .min(1)
    .max(300)
    .nullable()
    .default(null),
  /** Codes by phone to one country within an hour, for the whole account: nobody earns by texts to themselves. */
  max_codes_per_country_per_hour: bounded(1, 1_000_000, 1000),
  /** Origins that may receive a person after `session_via_api_token`, beside our own. */
  allowed_origins: z
    .array(
      z
        .url({ protocol: /^https?$/ })
        .refine((text) => new URL(text).origin === text, { error: 'must be an origin' }),
    )
    .max(100)
    .default([]),
})
export type Policy = z.output<typeof policySchema>

/** The most specific rule counts: the app's, else the group's, else the account's. */
export function mergePolicies(account: Policy, ...lessToMore: readonly PolicyOverrides[]): Policy {
  const given = lessToMore.map((overrides) =>
    Object.fromEntries(Object.entries(overrides).filter(([, rule]) => rule !== undefined && rule !== null)),
  )
  return Object.assign({}, account, ...given) as Policy
}

/** Whether a factor counts at all. A null list names none, so that a factor of a later version is on by itself. */
export const isAllowed = ({ allowed_factors }: Pick<Policy, 'allowed_factors'>, kind: FactorKind): boolean =>
  FACTORS[kind].handedOut === true || (allowed_factors?.includes(kind) ?? FACTORS[kind].offByDefault !== true)
