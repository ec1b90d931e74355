/** The token operations as the API's document shows them. */
import { z } from 'zod'
import { DONE, done, enveloped, envelopeOf, time } from '../http/api-schema.ts'
import { operations } from '../http/operation.ts'
import type { ProblemCode } from '../errors.ts'

const token = z.string().regex(/^[0-9a-f]{64}$/)
const tokens = z
  .strictObject({
    access_token: token.describe('For `Authorization: bearer:<access_token>`.'),
    created_at: time,
    expires_in: z.literal(36_000).describe('Seconds from `created_at`.'),
    refresh_token: token.describe('Renews the access token for 45 days from `created_at`.'),
    token_type: z.literal('bearer'),
    account_id: z.int(),
  })
  .meta({ id: 'Tokens' })

const ACCESS_TOKEN = '5ae7faf1e1a38b5e4c1f7b4b1c7e9e0b0a8f6f2b7d1c3e5f9a2b4c6d8e0f1a3b'
const TOKENS = {
  access_token: ACCESS_TOKEN,
  created_at: '2026-03-02T09:00:00.000Z',
  expires_in: 36_000,
  refresh_token: 'f2b7d1c3e5f9a2b4c6d8e0f1a3b5ae7faf1e1a38b5e4c1f7b4b1c7e9e0b0a8f6',
  token_type: 'bearer',
  account_id: 1,
}

const rateLimit = z
  .strictObject({
    'X-RateLimit-Limit': z.int().describe('Calls an hour.'),
    'X-RateLimit-Remaining': z.int().describe('Calls that are left.'),
    'X-RateLimit-Reset': z.int().describe('Seconds until all are back.'),
  })
  .meta({ id: 'RateLimit' })

const GRANT =
  'Send the client id and secret as HTTP Basic, as `Authorization: client_id:<id>, client_secret:<secret>`, or as `client_id` and ' +
  '`client_secret` in the body. With `grant_type: refresh_token` send the two tokens instead; both of them end, and the answer has new ones.'
const GRANT_REFUSALS: readonly ProblemCode[] = [
  'invalid_grant_type',
  'client_credentials_missing',
  'authentication_failure',
  'invalid_refresh_token',
]

export const OAUTH_OPERATIONS = operations('Tokens', {
  generateTokens: {
    summary: 'Generate or refresh tokens',
    description: GRANT,
    byClientSecret: true,
    example: { body: { grant_type: 'client_credentials' } },
    answers: [{ means: 'The tokens.', schema: tokens, example: TOKENS }],
    refusals: GRANT_REFUSALS,
  },
  generateTokensInEnvelope: {
    summary: 'Generate or refresh tokens, in the envelope',
    description: `The older address of the same. ${GRANT}`,
    byClientSecret: true,
    example: { body: { grant_type: 'client_credentials' } },
    answers: [
      { means: 'The tokens.', schema: enveloped(z.array(tokens).length(1)), example: envelopeOf([TOKENS]) },
    ],
    refusals: GRANT_REFUSALS,
  },
  revokeTokens: {
    summary: 'Revoke an access token',
    description: 'Its refresh token ends with it. A token that nobody has is answered the same.',
    byClientSecret: true,
    example: { body: { access_token: ACCESS_TOKEN } },
    answers: [{ means: 'The token is worth nothing now.', schema: done, example: DONE }],
    refusals: ['client_credentials_missing', 'authentication_failure', 'access_token_missing'],
  },
  getRateLimit: {
    summary: 'See the rate limit',
    description:
      'The same numbers stand in the headers of every answer. All credentials of the account share them.',
    example: {},
    answers: [
      {
        means: 'What is left.',
        schema: enveloped(rateLimit),
        example: envelopeOf({
          'X-RateLimit-Limit': 5000,
          'X-RateLimit-Remaining': 4988,
          'X-RateLimit-Reset': 832,
        }),
      },
    ],
    refusals: [],
  },
})
