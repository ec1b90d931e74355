/** Enrolled factors as the API's document shows them. */
import { z } from 'zod'
import { id, time } from '../http/api-schema.ts'

const names = {
  auth_factor_name: z.string().describe('The kind, as programs compare it.'),
  type_display_name: z.string(),
  user_display_name: z.string().describe('The name that the person gave it.'),
}

export const authFactors = z.strictObject({
  auth_factors: z.array(z.strictObject({ name: z.string(), factor_id: id })),
})

export const otpDevice = z
  .strictObject({
    active: z.boolean().describe('Whether it has been proved by a right code; only then it counts.'),
    default: z.boolean(),
    ...names,
    needs_trigger: z.boolean().describe('Whether a code has to be sent before there is one to answer with.'),
    phone_number: z.string().optional().describe('Where texts or calls go, in E.164.'),
    id,
  })
  .meta({ id: 'OtpDevice', description: 'A second factor of a person.' })

const stateToken = z.string().regex(/^[0-9a-f]{40}$/)

export const enrolledDevice = otpDevice
  .extend({
    state_token: stateToken.describe('For the first verification, which makes it active.'),
    factor_data: z
      .strictObject({
        seed: z.string().describe('The secret in base32.'),
        otpauth_url: z.string().describe('The same as a key URI, to show as a QR code.'),
      })
      .describe('Only for an authenticator app.'),
  })
  .partial({ state_token: true, factor_data: true })
  .meta({ id: 'EnrolledDevice' })

export const triggeredDevice = z
  .strictObject({
    active: z.boolean(),
    ...names,
    id: id.describe("The person's."),
    device_id: id,
    state_token: stateToken,
    state_token_expires_at: time,
  })
  .meta({ id: 'TriggeredDevice' })

export const mfaDevice = z
  .strictObject({ device_id: z.string(), ...names, default: z.boolean() })
  .meta({ id: 'MfaDevice' })

export const mfaToken = z
  .strictObject({
    mfa_token: z.string().describe('Works in place of a code of any factor.'),
    reusable: z.boolean(),
    expires_at: time,
  })
  .meta({ id: 'MfaToken' })
