/** What `saml_assertion` answers: version 1 in the envelope, version 2 flat. */
import type { FactorKind } from '../factors/factor-kind.ts'
import { envelope } from '../http/api-wire.ts'
import type { OpenQuestion } from '../signin/answer-factor.ts'
import {
  MFA_REQUIRED,
  mfaEnvelope,
  pendingEnvelope,
  pendingMessage,
  toDevices,
  toLoginUser,
} from '../signin/sign-in-answers.ts'

export type SamlApiVersion = 1 | 2

interface SamlApiWire {
  done(samlResponse: string): object
  factor(open: OpenQuestion, callbackUrl: string): object
  pending(factor: FactorKind): object
}

const factorData = ({ attemptId, step, user }: OpenQuestion, callbackUrl: string) => ({
  state_token: attemptId,
  devices: toDevices(step.choices),
  callback_url: callbackUrl,
  user: toLoginUser(user),
})

export const SAML_API_WIRE: Record<SamlApiVersion, SamlApiWire> = {
  1: {
    done: (samlResponse) => envelope(samlResponse),
    factor: (open, callbackUrl) => mfaEnvelope(factorData(open, callbackUrl)),
    pending: pendingEnvelope,
  },
  2: {
    done: (data) => ({ data, message: 'Success' }),
    factor: (open, callbackUrl) => ({ ...factorData(open, callbackUrl), message: MFA_REQUIRED }),
    pending: (factor) => ({ message: pendingMessage(factor) }),
  },
}
