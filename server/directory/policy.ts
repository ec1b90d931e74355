import { z } from 'zod'

const bounded = (min: number, max: number, value: number) => z.int().min(min).max(max).default(value)

/** The account's rules, as the directory document spells them. Every rule about signing in reads its number here. */
export const policySchema = z.strictObject({
  /** `none`: the password is enough; `enrolled`: ask those who have a factor; `required`: nobody without one. */
  mfa: z.enum(['none', 'enrolled', 'required']).default('enrolled'),
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
