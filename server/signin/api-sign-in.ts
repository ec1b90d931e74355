import type { z } from 'zod'
import { Problem } from '../errors.ts'
import { FACTORS, type FactorKind } from '../factors/factor-kind.ts'
import { flag, idLike, optionalText, requiredText } from '../http/api-input.ts'
import { originOf, type RequestFacts } from '../http/request.ts'
import type { Bearer } from '../oauth/token-store.ts'
import { answerFactor, challengeFactor, claimAttempt, type OpenQuestion } from './answer-factor.ts'
import type { AttemptExtras, Door } from './attempt.ts'
import { startSignIn, type OpenAttempt, type SignedIn, type SignInDeps } from './sign-in.ts'
import { refusalProblem } from './sign-in-answers.ts'

/** What every sign-in by API says. `ip_address` is read by no rule: who calls may claim any. */
export const credentialsShape = {
  username_or_email: requiredText('username_or_email', 'username is empty'),
  password: requiredText('password', 'password is empty', { max: 4096 }),
  subdomain: requiredText('subdomain', 'Invalid subdomain'),
}

/** What every answer to a factor says. */
export const verifyFactorShape = {
  device_id: idLike('device_id', 'device_id is empty'),
  state_token: requiredText('state_token', 'state_token is empty'),
  otp_token: optionalText('otp_token'),
  do_not_notify: flag('do_not_notify'),
}

type Credentials = { username_or_email: string; password: string; subdomain: string }
type VerifyFactor = { [K in keyof typeof verifyFactorShape]: z.output<(typeof verifyFactorShape)[K]> }
export type StartedByApi = { is: 'done'; signedIn: SignedIn } | { is: 'factor'; open: OpenQuestion }
export type AnsweredByApi = { is: 'done'; signedIn: SignedIn } | { is: 'pending'; factor: FactorKind }

interface Call {
  door: Exclude<Door, 'portal'>
  caller: Bearer
  request: RequestFacts
}

/** An attempt of the API is held by the credential that began it. */
const holderOf = ({ caller }: Call) => `credential:${caller.credentialId}`

/** Password by API. Every refusal is thrown with the contract's text. */
export async function startByApi(
  d: SignInDeps,
  body: Credentials,
  extras: AttemptExtras,
  call: Call,
): Promise<StartedByApi> {
  const { subdomain } = await d.account.account()
  if (body.subdomain.toLowerCase() !== subdomain.toLowerCase()) throw new Problem('invalid_subdomain')
  const outcome = await startSignIn(d, {
    door: call.door,
    login: body.username_or_email,
    password: body.password,
    holder: holderOf(call),
    extras,
    origin: originOf(call.request, call.caller.clientId),
  })
  switch (outcome.is) {
    case 'done':
      return outcome
    case 'next':
      return { is: 'factor', open: question(outcome.open) }
    case 'invalid':
      throw new Problem('invalid_credentials')
    case 'locked':
      throw new Problem('account_locked')
    case 'refused':
      throw refusalProblem(outcome.refusal)
  }
}

/** Programs answer factors; whatever else an attempt may wait for is done on the pages. */
function question({ step, ...open }: OpenAttempt): OpenQuestion {
  if (step.step === 'factor') return { ...open, step }
  throw new Problem('attempt_invalid')
}

/** Factor by API: a code, or none to have one sent or to poll. */
export async function answerByApi(
  d: SignInDeps,
  body: VerifyFactor,
  call: Call,
  matches: (open: OpenQuestion) => boolean = () => true,
): Promise<AnsweredByApi> {
  const origin = originOf(call.request, call.caller.clientId)
  const claim = { door: call.door, attemptId: body.state_token, holder: holderOf(call), origin }
  const claimed = await claimAttempt(d, claim)
  const open = claimed && question(claimed)
  if (!open || !matches(open)) throw new Problem('attempt_invalid')
  const chosen = open.step.choices.find(({ id }) => id === body.device_id)
  const code = body.otp_token?.trim() ?? ''
  if (code === '' && !body.do_not_notify) {
    const sent = await challengeFactor(d, open, body.device_id, { origin })
    if (!sent || sent.is === 'nothing_to_send' || sent.is === 'locked') throw new Problem('factor_failed')
  }
  const polls = chosen && FACTORS[chosen.factor].answeredBy === 'poll'
  if (code === '' && chosen && !polls) return { is: 'pending', factor: chosen.factor }
  const outcome = await answerFactor(d, open, { authenticatorId: body.device_id, code, origin })
  if (outcome.is === 'done') return outcome
  if (outcome.is === 'pending' && chosen) return { is: 'pending', factor: chosen.factor }
  if (outcome.is === 'refused') throw refusalProblem(outcome.refusal)
  throw new Problem('factor_failed')
}
