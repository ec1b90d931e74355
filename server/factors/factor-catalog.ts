import type { FactorKind } from './factor-kind.ts'

/** A factor as OneLogin's wire knows it. */
export interface FactorDescription {
  /** `factor_id` of the account's factors. */
  id: number
  /** `auth_factor_name`, `type_display_name` and `device_type`; programs compare it literally. */
  name: string
  /** Whether a code has to be sent before there is one to answer with: only then is a state token asked for. */
  needsTrigger: boolean
  /** Whether `verified: true` may enrol it at once: it goes to an address that the caller may have proved before. */
  preVerifiable: boolean
  /** What programs are told while the person has yet to answer; SDKs look for "pending". */
  pending: string
}

export const FACTORS: Record<FactorKind, FactorDescription> = {
  totp: {
    id: 1,
    name: 'Google Authenticator',
    needsTrigger: false,
    preVerifiable: false,
    pending: 'Authentication pending.',
  },
  email: {
    id: 2,
    name: 'OneLogin Email',
    needsTrigger: true,
    preVerifiable: true,
    pending: 'Code sent to your email address. Authentication pending.',
  },
}
