/** The login operations as the API's document shows them. */
import { z } from 'zod'
import { envelopeOf, one } from '../http/api-schema.ts'
import { operations, type Answer } from '../http/operation.ts'
import {
  BOB,
  CODE,
  CODE_REFUSALS,
  CREDENTIALS,
  factorExample,
  factorShape,
  loginUser,
  PASSWORD_REFUSALS,
  PENDING_ANSWER,
} from './login-schema.ts'
import { MFA_REQUIRED } from './sign-in-answers.ts'

const sessionToken = z
  .strictObject({
    status: z.literal('Authenticated'),
    user: loginUser,
    return_to_url: z.string().nullable(),
    expires_at: z.string().regex(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d \+0000$/),
    session_token: z
      .string()
      .regex(/^[0-9a-f]{40}$/)
      .describe('Good for one browser session within two minutes.'),
  })
  .meta({ id: 'SessionToken' })

const AUTHENTICATED: Answer = {
  means: 'The person is signed in. Post `session_token` from their browser to `/session_via_api_token`.',
  schema: one(sessionToken),
  example: envelopeOf([
    {
      status: 'Authenticated',
      user: BOB,
      return_to_url: null,
      expires_at: '2026/03/02 09:02:00 +0000',
      session_token: '1a3b5ae7faf1e1a38b5e4c1f7b4b1c7e9e0b0a8f',
    },
  ]),
}

const ORIGINS =
  'The headers `Custom-Allowed-Origin-Header-1` to `-3` name the web origins that may turn the session token into a session by CORS.'

export const LOGIN_OPERATIONS = operations('Signing in', {
  createSessionLoginToken: {
    summary: 'Sign in with a password',
    description: `Answers with a session token, or asks for a second factor. ${ORIGINS}`,
    example: { body: CREDENTIALS },
    answers: [
      AUTHENTICATED,
      {
        means: 'A second factor is asked for: `message` is `MFA is required for this user`.',
        schema: one(z.strictObject(factorShape)),
        example: envelopeOf([factorExample('/api/1/login')], MFA_REQUIRED),
      },
    ],
    refusals: PASSWORD_REFUSALS,
  },
  verifyFactor: {
    summary: 'Answer the second factor',
    description: `Without \`otp_token\` a code is sent to those devices that need one. ${ORIGINS}`,
    example: { body: CODE },
    answers: [AUTHENTICATED, PENDING_ANSWER],
    refusals: CODE_REFUSALS,
  },
})
