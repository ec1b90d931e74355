/** What enrolled factors look like on OneLogin's wire. */
import { envelope, successStatus } from '../http/api-wire.ts'
import { isoTime } from '../platform/clock.ts'
import type { Authenticator } from './authenticator-store.ts'
import type { OpenChallenge } from './challenge.ts'
import { FACTORS, type FactorKind } from './factor-kind.ts'
import type { Setup } from './factor.ts'
import type { IssuedTemporaryToken } from './temporary-token.ts'

/** `2019-10-25T16:29:42Z`: these times have no fraction. */
const wholeSeconds = (ms: number): string => isoTime(ms).replace(/\.\d{3}Z$/, 'Z')

const names = ({ factor, label }: Authenticator) => ({
  auth_factor_name: FACTORS[factor].name,
  type_display_name: FACTORS[factor].name,
  user_display_name: label,
})

export const toAuthFactors = (kinds: readonly FactorKind[]) =>
  envelope({ auth_factors: kinds.map((kind) => ({ name: FACTORS[kind].name, factor_id: FACTORS[kind].id })) })

/** The number that an authenticator sends to; absent where it sends to none. */
export type PhoneOf = (authenticator: Authenticator) => string | undefined

const toOtpDevice = (authenticator: Authenticator, phoneOf: PhoneOf) => ({
  active: authenticator.active,
  default: authenticator.isDefault,
  ...names(authenticator),
  needs_trigger: FACTORS[authenticator.factor].challenge !== 'none',
  ...phone(phoneOf(authenticator)),
  id: authenticator.id,
})

const phone = (number: string | undefined) => (number === undefined ? {} : { phone_number: number })

export const toOtpDevices = (authenticators: readonly Authenticator[], phoneOf: PhoneOf) =>
  envelope({ otp_devices: authenticators.map((one) => toOtpDevice(one, phoneOf)) })

/**
 * OneLogin enrols only texts and calls by its API /1. What else has something to be set up with has one more key:
 * `factor_data`, for an authenticator app `{ seed, otpauth_url }`, the seed in base32 and the same as a key URI to show
 * as a QR code.
 */
function factorData(setup: Setup): { factor_data?: object } {
  switch (setup.is) {
    case 'seed':
      return { factor_data: { seed: setup.seed, otpauth_url: setup.otpauthUrl } }
    case 'browser':
      return { factor_data: setup.options }
    case 'codes':
      return { factor_data: { codes: setup.codes } }
    case 'questions': // set up by people on pages only
    case 'sent':
    case 'elsewhere':
      return {}
  }
}

export const toEnrolled = (
  authenticator: Authenticator,
  setup: Setup,
  challenge: OpenChallenge | undefined,
  phoneOf: PhoneOf,
) =>
  envelope([
    {
      ...toOtpDevice(authenticator, phoneOf),
      ...(challenge && { state_token: challenge.stateToken }),
      ...factorData(setup),
    },
  ])

/** Here `id` is the person's, and the device has a key of its own. */
export const toTriggered = (authenticator: Authenticator, { stateToken, expiresAt }: OpenChallenge) =>
  envelope([
    {
      active: authenticator.active,
      ...names(authenticator),
      id: authenticator.userId,
      device_id: authenticator.id,
      state_token: stateToken,
      state_token_expires_at: wholeSeconds(expiresAt),
    },
  ])

export const toVerified = () => ({ status: successStatus() })

/** SDKs look for the type `pending`; there must be no `data`. */
export const toPending = (factor: FactorKind) => ({
  status: { type: 'pending', message: FACTORS[factor].pending, code: 200, error: false },
})

/** `GET /api/2/mfa/users/:id/devices`; the id is text here. */
export const toMfaDevices = (authenticators: readonly Authenticator[]) =>
  authenticators.map((authenticator) => ({
    device_id: String(authenticator.id),
    ...names(authenticator),
    default: authenticator.isDefault,
  }))

export const toMfaToken = ({ token, reusable, expiresAt }: IssuedTemporaryToken) => ({
  mfa_token: token,
  reusable,
  expires_at: wholeSeconds(expiresAt),
})
