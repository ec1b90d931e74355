/** What the API doors of a sign-in answer, as schemas and examples. */
import { z } from 'zod'
import type { ProblemCode } from '../errors.ts'
import { FACTORS } from '../factors/factor-kind.ts'
import { DONE, id, stillPending } from '../http/api-schema.ts'
import type { Answer } from '../http/operation.ts'

const stateToken = z
  .string()
  .regex(/^[0-9a-f]{40}$/)
  .describe('Names this sign-in for 120 seconds; a wrong code does not use it up.')
const device = z
  .strictObject({
    device_type: z.string(),
    device_id: id.or(z.literal(0)).describe('0 stands for the temporary MFA token, while there is one.'),
  })
  .meta({ id: 'LoginDevice', description: 'A second factor that this person may answer with.' })

const person = z.looseObject({
  username: z.string(),
  email: z.string(),
  firstname: z.string(),
  id,
  lastname: z.string(),
})
/** The person as a sign-in shows them; `fields` may add to it. */
export const loginUser = person.meta({
  id: 'LoginUser',
  description: 'The person, with the further attributes that `fields` named.',
})

/** What asks for a second factor. */
export const factorShape = {
  state_token: stateToken,
  devices: z.array(device).min(1),
  callback_url: z.string().describe('Where to send the answer.'),
  user: loginUser,
}

export const STATE_TOKEN = '6f2b7d1c3e5f9a2b4c6d8e0f1a3b5ae7faf1e1a3'
export const BOB = { username: 'bob', email: 'bob@acme.test', firstname: 'Bob', id: 8, lastname: 'Noyce' }
const ADA = { username: 'ada', email: 'ada@acme.test', firstname: 'Ada', id: 7, lastname: 'Byron' }
export const factorExample = (path: string) => ({
  state_token: STATE_TOKEN,
  devices: [{ device_type: 'Google Authenticator', device_id: 70 }],
  callback_url: `https://login.acme.test${path}/verify_factor`,
  user: ADA,
})

export const CREDENTIALS = { username_or_email: 'bob', password: 'quiet harbour 52', subdomain: 'acme' }
export const CODE = { device_id: '70', state_token: STATE_TOKEN, otp_token: '123456' }

export const EMAIL_PENDING = FACTORS.email.pending

/** While the person has yet to answer; in the envelope. */
export const PENDING_ANSWER: Answer = {
  means:
    'A code was sent, or the person has not answered yet. Send the code, or ask again with `do_not_notify`.',
  schema: stillPending,
  example: {
    status: {
      ...DONE.status,
      type: 'pending',
      message: EMAIL_PENDING,
    },
  },
}

/** Refusals of a password, at every API door. */
export const PASSWORD_REFUSALS: readonly ProblemCode[] = [
  'invalid_subdomain',
  'invalid_credentials',
  'account_locked',
  'account_not_active',
  'busy',
]
/** Refusals of a code, at every API door. */
export const CODE_REFUSALS: readonly ProblemCode[] = ['attempt_invalid', 'factor_failed', 'account_not_active', 'account_locked', 'rate_limited', 'busy'] // prettier-ignore
