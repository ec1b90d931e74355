/** What `saml_assertion` answers: version 1 in the envelope, version 2 flat. */
import type { FactorKind } from '../factors/factor-kind.ts'
import { envelope } from '../http/api-wire.ts'
import type { StartOutcome } from '../signin/sign-in.ts'
import {
  MFA_REQUIRED,
  mfaEnvelope,
  pendingEnvelope,
  pendingMessage,
  toDevices,
  toLoginUser,
} from '../signin/sign-in-answers.ts'

export type SamlApiVersion = 1 | 2
type FactorOutcome = Extract<StartOutcome, { is: 'factor' }>

interface SamlApiWire {
  done(samlResponse: string): object
  factor(outcome: FactorOutcome, callbackUrl: string): object
  pending(factor: FactorKind): object
}

const factorData = ({ attemptId, choices, user }: FactorOutcome, callbackUrl: string) => ({
  state_token: attemptId,
  devices: toDevices(choices),
  callback_url: callbackUrl,
  user: toLoginUser(user),
})

export const SAML_API_WIRE: Record<SamlApiVersion, SamlApiWire> = {
  1: {
    done: (samlResponse) => envelope(samlResponse),
    factor: (outcome, callbackUrl) => mfaEnvelope(factorData(outcome, callbackUrl)),
    pending: pendingEnvelope,
  },
  2: {
    done: (data) => ({ data, message: 'Success' }),
    factor: (outcome, callbackUrl) => ({ ...factorData(outcome, callbackUrl), message: MFA_REQUIRED }),
    pending: (factor) => ({ message: pendingMessage(factor) }),
  },
}
