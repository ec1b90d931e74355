import { z } from 'zod'
import { administrator, type AdministratorDeps } from '../directory/administrator.ts'
import { findUser } from '../directory/find-user.ts'
import type { UserAction } from '../directory/privileges.ts'
import { Problem } from '../errors.ts'
import { flag, idLike, optionalInteger, optionalText, pathId, requiredText } from '../http/api-input.ts'
import { successStatus } from '../http/api-wire.ts'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import { originOf } from '../http/request.ts'
import { MANAGE_USERS_SCOPES, READ_SCOPES } from '../oauth/scope.ts'
import type { AuthenticatorStore } from './authenticator-store.ts'
import {
  askedByApi,
  CHALLENGE_SECONDS,
  openChallenge,
  triggerFactor,
  verifyFactor,
  type ChallengeDeps,
} from './challenge.ts'
import {
  availableFactors,
  beginEnrolment,
  factorNotFound,
  ownAuthenticator,
  removeAuthenticator,
  setupOf,
} from './enrolment.ts'
import { FACTORS } from './factor-kind.ts'
import { FACTOR_OPERATIONS } from './operations.ts'
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
  type PhoneOf,
} from './wire.ts'

interface FactorRouteDeps extends ChallengeDeps {
  authenticators: AuthenticatorStore
}
type Deps = FactorRouteDeps & AdministratorDeps

/** What a privilege must allow for each kind of call; OneLogin has no actions of their own for factors. */
const mayReadFactors = (d: Deps) => administrator(d, READ_SCOPES, 'users:Get')
const mayChange = (d: Deps, action: UserAction = 'users:Update') =>
  administrator(d, MANAGE_USERS_SCOPES, action)

const person = z.looseObject({ id: pathId() })
const device = z.looseObject({ id: pathId(), device_id: pathId() })
const DEVICES = '/api/1/users/:id/otp_devices'

const getAvailableFactors = (d: Deps) =>
  endpoint({
    method: 'get',
    path: ['/api/1/users/:id/auth_factors', '/api/1/users/:id/auth_factor'],
    guard: mayReadFactors(d),
    doc: FACTOR_OPERATIONS.getAvailableFactors,
    input: { params: person },
    async handle({ params }) {
      const user = await findUser(d.users, params.id)
      // What only a person at a page can set up is no offer to a program.
      const kinds = (await availableFactors(d, user)).filter(
        (kind) => !ONLY_ON_PAGES.has(FACTORS[kind].answeredBy),
      )
      return { json: toAuthFactors(kinds) }
    },
  })

const ONLY_ON_PAGES: ReadonlySet<string> = new Set(['json', 'answers'])

const phoneIn =
  (d: Pick<Deps, 'factors'>): PhoneOf =>
  (one) =>
    d.factors[one.factor].phoneNumber?.(one)

const enrolFactor = (d: Deps) =>
  endpoint({
    method: 'post',
    path: DEVICES,
    guard: mayChange(d),
    doc: FACTOR_OPERATIONS.enrolFactor,
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
      const user = await findUser(d.users, params.id)
      const kind = (await availableFactors(d, user)).find((one) => FACTORS[one].id === body.factor_id)
      if (!kind) throw factorNotFound()
      const { display_name: label, number, verified } = body
      const asked = await askedByApi(d, user, originOf(request, caller.clientId))
      const authenticator = await beginEnrolment(d, user, { kind, label, number, verified }, asked)
      const challenge = authenticator.active ? undefined : await openChallenge(d, user, authenticator)
      return { json: toEnrolled(authenticator, await setupOf(d, user, authenticator), challenge, phoneIn(d)) }
    },
  })

const getEnrolledFactors = (d: Deps) =>
  endpoint({
    method: 'get',
    path: DEVICES,
    guard: mayReadFactors(d),
    doc: FACTOR_OPERATIONS.getEnrolledFactors,
    input: { params: person },
    async handle({ params }) {
      const { id } = await findUser(d.users, params.id)
      return { json: toOtpDevices(await d.authenticators.listAllForUser(id), phoneIn(d)) }
    },
  })

const activateFactor = (d: Deps) =>
  endpoint({
    method: 'post',
    path: `${DEVICES}/:device_id/trigger`,
    guard: mayChange(d),
    doc: FACTOR_OPERATIONS.activateFactor,
    input: {
      params: device,
      body: z.looseObject({
        state_token_expires_in: optionalInteger('state_token_expires_in', CHALLENGE_SECONDS),
      }),
    },
    async handle({ params, body }, { caller, request }) {
      const user = await findUser(d.users, params.id)
      const authenticator = await ownAuthenticator(d, user, params.device_id)
      const origin = originOf(request, caller.clientId)
      const opened = await triggerFactor(d, user, authenticator, body.state_token_expires_in, origin)
      return { json: toTriggered(authenticator, opened) }
    },
  })

const verifyEnrolledFactor = (d: Deps) =>
  endpoint({
    method: 'post',
    path: `${DEVICES}/:device_id/verify`,
    guard: mayChange(d),
    doc: FACTOR_OPERATIONS.verifyEnrolledFactor,
    input: {
      // 0 stands for the temporary MFA token.
      params: z.looseObject({ id: pathId(), device_id: pathId({ orZero: true }) }),
      body: z.looseObject({ otp_token: optionalText('otp_token'), state_token: optionalText('state_token') }),
    },
    async handle({ params, body }, { caller, request }) {
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
    guard: mayChange(d),
    doc: FACTOR_OPERATIONS.removeFactor,
    input: { params: device },
    async handle({ params }, { caller, request }) {
      const user = await findUser(d.users, params.id)
      await removeAuthenticator(d, user, params.device_id, originOf(request, caller.clientId))
      return { json: { status: successStatus() } }
    },
  })

const generateMfaToken = (d: Deps) =>
  endpoint({
    method: 'post',
    path: '/api/1/users/:id/mfa_token',
    guard: mayChange(d, 'users:GenerateTempMfaToken'),
    doc: FACTOR_OPERATIONS.generateMfaToken,
    input: {
      params: person,
      body: z.looseObject({
        expires_in: optionalInteger('expires_in', TEMPORARY_TOKEN_SECONDS),
        reusable: flag('reusable'),
      }),
    },
    async handle({ params, body }, { caller, request }) {
      const user = await findUser(d.users, params.id)
      const wish = { seconds: body.expires_in ?? TEMPORARY_TOKEN_SECONDS.max, reusable: body.reusable }
      const issued = await issueTemporaryToken(d, user, wish, originOf(request, caller.clientId))
      return { json: toMfaToken(issued), status: 201 }
    },
  })

const getMfaDevices = (d: Deps) =>
  endpoint({
    method: 'get',
    path: '/api/2/mfa/users/:id/devices',
    guard: mayReadFactors(d),
    doc: FACTOR_OPERATIONS.getMfaDevices,
    input: { params: person },
    async handle({ params }) {
      const { id } = await findUser(d.users, params.id)
      return { json: toMfaDevices(await d.authenticators.listForUser(id)) }
    },
  })

/** People's factors by API: enrol, trigger, verify, remove, and the temporary MFA token. */
export const factorRoutes = (d: Deps): ApiRoute[] => [
  getAvailableFactors(d),
  enrolFactor(d),
  getEnrolledFactors(d),
  activateFactor(d),
  verifyEnrolledFactor(d),
  removeFactor(d),
  generateMfaToken(d),
  getMfaDevices(d),
]
