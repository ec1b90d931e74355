/** The samlAssertion operations as the API's document shows them. */
import { z } from 'zod'
import type { ProblemCode } from '../errors.ts'
import { envelopeOf, enveloped, one } from '../http/api-schema.ts'
import type { Answer, OperationDoc } from '../http/operation.ts'
import {
  CODE,
  CODE_REFUSALS,
  CREDENTIALS,
  EMAIL_PENDING,
  factorExample,
  factorShape,
  PASSWORD_REFUSALS,
  PENDING_ANSWER,
} from '../signin/login-schema.ts'
import { MFA_REQUIRED } from '../signin/sign-in-answers.ts'
import type { SamlApiVersion } from './wire.ts'

const base64 = z.base64().describe('A signed SAML Response in base64, for five minutes.')
const BASE64 = 'PHNhbWxwOlJlc3BvbnNlPi4uLjwvc2FtbHA6UmVzcG9uc2U+'

const SIGNED = 'The person is signed in to the app: post `data` to it, or trade it for AWS credentials.'
const ASKS = `A second factor is asked for: \`message\` is \`${MFA_REQUIRED}\`.`
const example = (version: SamlApiVersion) => factorExample(`/api/${version}/saml_assertion`)

type Answers = Record<'signed' | 'asks' | 'pending', Answer>
const ANSWERS: Record<SamlApiVersion, Answers> = {
  1: {
    signed: { means: SIGNED, schema: enveloped(base64), example: envelopeOf(BASE64) },
    asks: {
      means: ASKS,
      schema: one(z.strictObject(factorShape)),
      example: envelopeOf([example(1)], MFA_REQUIRED),
    },
    pending: PENDING_ANSWER,
  },
  2: {
    signed: {
      means: SIGNED,
      schema: z.strictObject({ data: base64, message: z.literal('Success') }),
      example: { data: BASE64, message: 'Success' },
    },
    asks: {
      means: ASKS,
      schema: z.strictObject({ ...factorShape, message: z.literal(MFA_REQUIRED) }),
      example: { ...example(2), message: MFA_REQUIRED },
    },
    pending: {
      means: PENDING_ANSWER.means,
      schema: z.strictObject({ message: z.string() }),
      example: { message: EMAIL_PENDING },
    },
  },
}

/** Refusals that are about the app. */
const APP: readonly ProblemCode[] = ['not_found', 'app_not_assigned']

function docs(version: SamlApiVersion): Record<'generate' | 'verify', OperationDoc> {
  const { signed, asks, pending } = ANSWERS[version]
  const older = version === 1 ? ' The older form; programs of today call version 2.' : ''
  const group = 'SAML assertions'
  return {
    generate: {
      id: `generateSamlAssertionV${version}`,
      group,
      summary: `Sign in to an app, version ${version}`,
      description: `Answers with a SAML Response, or asks for a second factor.${older}`,
      example: { body: { ...CREDENTIALS, app_id: '500' } },
      answers: [signed, asks],
      refusals: [...PASSWORD_REFUSALS, ...APP],
    },
    verify: {
      id: `verifyFactorSamlV${version}`,
      group,
      summary: `Answer the second factor for an app, version ${version}`,
      description: `Without \`otp_token\` a code is sent to those devices that need one.${older}`,
      example: { body: { ...CODE, app_id: '500' } },
      answers: [signed, pending],
      refusals: [...CODE_REFUSALS, ...APP],
    },
  }
}

export const SAML_OPERATIONS = { 1: docs(1), 2: docs(2) }
