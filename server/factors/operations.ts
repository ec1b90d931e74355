/** The MFA operations as the API's document shows them. */
import { z } from 'zod'
import { DONE, done, enveloped, envelopeOf, one, stillPending } from '../http/api-schema.ts'
import { operations } from '../http/operation.ts'
import { FACTORS } from './factor-kind.ts'
import {
  authFactors,
  enrolledDevice,
  mfaDevice,
  mfaToken,
  otpDevice,
  triggeredDevice,
} from './factor-schema.ts'

const STATE_TOKEN = '7d1c3e5f9a2b4c6d8e0f1a3b5ae7faf1e1a3ab12'
const NAMES = {
  auth_factor_name: FACTORS.email.name,
  type_display_name: FACTORS.email.name,
  user_display_name: 'Email',
}
const EMAIL = { active: true, default: false, ...NAMES, needs_trigger: true, id: 72 }
const ofCy = { id: 9 }
const device = { id: 9, device_id: 72 }

export const FACTOR_OPERATIONS = operations('Multi-factor authentication', {
  getAvailableFactors: {
    summary: 'List the factors that a person may enrol',
    example: { params: ofCy },
    answers: [
      {
        means: 'The factors.',
        schema: enveloped(authFactors),
        example: envelopeOf({ auth_factors: [{ name: FACTORS.totp.name, factor_id: FACTORS.totp.id }] }),
      },
    ],
    refusals: ['not_found'],
  },
  enrolFactor: {
    summary: 'Enrol a factor',
    description:
      'It counts after its first right code: send that to `verify`. With `verified: true` a factor that goes to a known address counts at once.',
    example: { params: { id: 8 }, body: { factor_id: FACTORS.email.id, display_name: 'Email' } },
    answers: [
      {
        means: 'The factor, enrolled.',
        schema: one(enrolledDevice),
        example: envelopeOf([{ ...EMAIL, active: false, id: 74, state_token: STATE_TOKEN }]),
      },
    ],
    refusals: ['not_found', 'rate_limited', 'conflict'],
  },
  getEnrolledFactors: {
    summary: "List a person's factors",
    example: { params: ofCy },
    answers: [
      {
        means: 'The factors, without their secrets.',
        schema: enveloped(z.strictObject({ otp_devices: z.array(otpDevice) })),
        example: envelopeOf({ otp_devices: [EMAIL] }),
      },
    ],
    refusals: ['not_found'],
  },
  activateFactor: {
    summary: 'Trigger a factor',
    description: 'Sends a code where the factor has to be sent one, and opens a challenge to verify.',
    example: { params: device, body: { state_token_expires_in: 120 } },
    answers: [
      {
        means: 'The challenge is open.',
        schema: one(triggeredDevice),
        example: envelopeOf([
          {
            active: true,
            ...NAMES,
            id: 9,
            device_id: 72,
            state_token: STATE_TOKEN,
            state_token_expires_at: '2026-03-02T09:02:00Z',
          },
        ]),
      },
    ],
    refusals: ['not_found', 'rate_limited'],
  },
  verifyEnrolledFactor: {
    summary: 'Verify a code',
    description:
      '`state_token` is needed where `needs_trigger` is true. The device 0 stands for the temporary MFA token.',
    example: { params: device, body: { otp_token: '123456', state_token: STATE_TOKEN } },
    answers: [
      { means: 'The code is right.', schema: done, example: DONE },
      {
        means: 'The person has yet to answer.',
        schema: stillPending,
        example: { status: { ...DONE.status, type: 'pending', message: FACTORS.email.pending } },
      },
    ],
    refusals: ['factor_failed', 'rate_limited'],
  },
  removeFactor: {
    summary: 'Remove a factor',
    description: 'Sign-ins in progress that were waiting for it end.',
    example: { params: device },
    answers: [{ means: 'The factor is gone.', schema: done, example: DONE }],
    refusals: ['not_found'],
  },
  generateMfaToken: {
    summary: 'Generate a temporary MFA token',
    description: 'For a person who cannot use their factor now. It ends the one before.',
    example: { params: { id: 7 }, body: { expires_in: 3600, reusable: false } },
    answers: [
      {
        means: 'The token, shown this once.',
        status: 201,
        schema: mfaToken,
        example: { mfa_token: '55647655', reusable: false, expires_at: '2026-03-02T10:00:00Z' },
      },
    ],
    refusals: ['not_found'],
  },
  getMfaDevices: {
    summary: "List a person's factors, version 2",
    example: { params: ofCy },
    answers: [
      {
        means: 'The factors that count.',
        schema: z.array(mfaDevice),
        example: [{ device_id: '72', ...NAMES, default: false }],
      },
    ],
    refusals: ['not_found'],
  },
})
