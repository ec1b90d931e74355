import { z } from 'zod'
import { requireMayActOn, type DelegationDeps } from '../directory/delegation.ts'
import { findUser } from '../directory/find-user.ts'
import type { UserAction } from '../directory/privileges.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import { flag, idLike, optionalInteger, optionalText, pathId, requiredText } from '../http/api-input.ts'
import { successStatus } from '../http/api-wire.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { bearer, mayRead } from '../http/guards.ts'
import { originOf, type RequestFacts } from '../http/request.ts'
import { MANAGE_USERS_SCOPES } from '../oauth/scope.ts'
import type { Bearer } from '../oauth/token-store.ts'
import type { AuthenticatorStore } from './authenticator-store.ts'
import {
  CHALLENGE_SECONDS,
  openChallenge,
  triggerFactor,
  verifyFactor,
  type ChallengeDeps,
} from './challenge.ts'
import { availableFactors, enrolAuthenticator, ownAuthenticator, removeAuthenticator } from './enrolment.ts'
import { issueTemporaryToken, TEMPORARY_TOKEN_SECONDS } from './temporary-token.ts'
import {
  toAuthFactors,
  toEnrolled,
  toMfaDevices,
  toMfaToken,
  toOtpDevices,
  toPending,
  toTriggered,
  toVerified,
} from './wire.ts'

interface FactorRouteDeps extends ChallengeDeps, DelegationDeps {
  authenticators: AuthenticatorStore
}
type Deps = FactorRouteDeps & Parameters<typeof bearer>[0]

/** What a privilege must allow for each kind of call; OneLogin has no actions of their own for factors. */
const READ: UserAction = 'users:Get'
const CHANGE: UserAction = 'users:Update'

const mayManageUsers = (d: Deps) => bearer(d, MANAGE_USERS_SCOPES)

/** The person that a path names, if the caller may do this to them. */
async function personFor(d: Deps, caller: Bearer, action: UserAction, id: number): Promise<User> {
  await requireMayActOn(d, caller, action, id)
  return findUser(d.users, id)
}

const person = z.looseObject({ id: pathId() })
const device = z.looseObject({ id: pathId(), device_id: pathId() })
const DEVICES = '/api/1/users/:id/otp_devices'

const getAvailableFactors = (d: Deps) =>
  endpoint({
    method: 'get',
    path: ['/api/1/users/:id/auth_factors', '/api/1/users/:id/auth_factor'],
    guard: mayRead(d),
    input: { params: person },
    async handle({ params }, { caller }) {
      const user = await personFor(d, caller, READ, params.id)
      return { json: toAuthFactors(await availableFactors(d, user)) }
    },
  })

const enrolFactor = (d: Deps) =>
  endpoint({
    method: 'post',
    path: DEVICES,
    guard: mayManageUsers(d),
    input: {
      params: person,
      body: z.looseObject({
        factor_id: idLike('factor_id', 'factor_id is empty'),
        display_name: requiredText('display_name', 'display_name is empty', { max: 255 }),
        number: optionalText('number', { max: 32 }),
        verified: flag('verified'),
      }),
    },
    async handle({ params, body }, { caller, request }) {
      const user = await personFor(d, caller, CHANGE, params.id)
      const wish = { factorId: body.factor_id, label: body.display_name, verified: body.verified }
      const enrolled = await enrolAuthenticator(d, user, wish, originOf(request, caller.clientId))
      const { authenticator } = enrolled
      const challenge = authenticator.active ? undefined : await openChallenge(d, user, authenticator)
      return { json: toEnrolled(enrolled, challenge) }
    },
  })

const getEnrolledFactors = (d: Deps) =>
  endpoint({
    method: 'get',
    path: DEVICES,
    guard: mayRead(d),
    input: { params: person },
    async handle({ params }, { caller }) {
      const { id } = await personFor(d, caller, READ, params.id)
      return { json: toOtpDevices(await d.authenticators.listAllForUser(id)) }
    },
  })

const activateFactor = (d: Deps) =>
  endpoint({
    method: 'post',
    path: `${DEVICES}/:device_id/trigger`,
    guard: mayManageUsers(d),
    input: {
      params: device,
      body: z.looseObject({
        state_token_expires_in: optionalInteger('state_token_expires_in', CHALLENGE_SECONDS),
      }),
    },
    async handle({ params, body }, { caller }) {
      const user = await personFor(d, caller, CHANGE, params.id)
      const authenticator = await ownAuthenticator(d, user, params.device_id)
      const opened = await triggerFactor(d, user, authenticator, body.state_token_expires_in)
      return { json: toTriggered(authenticator, opened) }
    },
  })

const verifyEnrolledFactor = (d: Deps) =>
  endpoint({
    method: 'post',
    path: `${DEVICES}/:device_id/verify`,
    guard: mayManageUsers(d),
    input: {
      // 0 stands for the temporary MFA token.
      params: z.looseObject({ id: pathId(), device_id: pathId({ orZero: true }) }),
      body: z.looseObject({ otp_token: optionalText('otp_token'), state_token: optionalText('state_token') }),
    },
    async handle({ params, body }, { caller, request }) {
      await requireMayActOn(d, caller, CHANGE, params.id)
      const user = await d.users.find(params.id)
      if (!user) throw new Problem('invalid_request', { message: 'User does not exist' })
      const outcome = await verifyFactor(d, user, {
        deviceId: params.device_id,
        code: body.otp_token?.trim() ?? '',
        stateToken: body.state_token,
        origin: originOf(request, caller.clientId),
      })
      return { json: outcome.is === 'verified' ? toVerified() : toPending(outcome.authenticator.factor) }
    },
  })

const removeFactor = (d: Deps) =>
  endpoint({
    method: 'delete',
    path: `${DEVICES}/:device_id`,
    guard: mayManageUsers(d),
    input: { params: device },
    async handle({ params }, { caller, request }) {
      const user = await personFor(d, caller, CHANGE, params.id)
      await removeAuthenticator(d, user, params.device_id, originOf(request, caller.clientId))
      return { json: { status: successStatus() } }
    },
  })

const generateMfaToken = (d: Deps) =>
  endpoint({
    method: 'post',
    path: '/api/1/users/:id/mfa_token',
    guard: mayManageUsers(d),
    input: {
      params: person,
      body: z.looseObject({
        expires_in: optionalInteger('expires_in', TEMPORARY_TOKEN_SECONDS),
        reusable: flag('reusable'),
      }),
    },
    async handle({ params, body }, { caller, request }) {
      const user = await personFor(d, caller, 'users:GenerateTempMfaToken', params.id)
      const wish = { seconds: body.expires_in ?? TEMPORARY_TOKEN_SECONDS.max, reusable: body.reusable }
      const issued = await issueTemporaryToken(d, user, wish, originOf(request, caller.clientId))
      return { json: toMfaToken(issued), status: 201 }
    },
  })

const getMfaDevices = (d: Deps) =>
  endpoint({
    method: 'get',
    path: '/api/2/mfa/users/:id/devices',
    guard: mayRead(d),
    input: { params: person },
    async handle({ params }, { caller }) {
      const { id } = await personFor(d, caller, READ, params.id)
      return { json: toMfaDevices(await d.authenticators.listForUser(id)) }
    },
  })

/** People's factors by API: enrol, trigger, verify, remove, and the temporary MFA token. */
export const factorRoutes = (d: Deps): Route<RequestFacts>[] => [
  getAvailableFactors(d),
  enrolFactor(d),
  getEnrolledFactors(d),
  activateFactor(d),
  verifyEnrolledFactor(d),
  removeFactor(d),
  generateMfaToken(d),
  getMfaDevices(d),
]
