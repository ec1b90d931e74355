import { z } from 'zod'
import { endpoint, type Route } from '../http/endpoint.ts'
import { isStorable } from '../http/api-input.ts'
import { originOf, type RequestFacts } from '../http/request.ts'
import { isoTime } from '../platform/clock.ts'
import { heldRoles, termsFor } from './aws-roles.ts'
import { CLIENT_ID } from './client.ts'
import type { Proved } from './dpop.ts'
import { endOwnSession, endOwnSessions, type GrantDeps } from './grants.ts'
import { brokerSession, type BrokerGuardDeps } from './guard.ts'
import type { BrokerCaller } from './live-session.ts'
import { mint, type MintDeps } from './mint.ts'
import { toAssertion, toRole, toSession } from './wire.ts'

export type BrokerDeps = BrokerGuardDeps & GrantDeps & MintDeps

const SESSION = '/broker/v1/session'
const SESSIONS = '/broker/v1/sessions'
const ROLES = '/broker/v1/aws/roles'
const ASSERTIONS = '/broker/v1/aws/assertions'

const origin = (request: RequestFacts) => originOf(request, CLIENT_ID)

/** A door of one path and method, behind a proof that fits them. */
const door = (d: BrokerDeps, method: Proved['method'], path: string) =>
  ({ method: METHODS[method], path, guard: brokerSession(d, { method, path }) }) as const
const METHODS = { GET: 'get', POST: 'post', DELETE: 'delete' } as const

const company = async (d: BrokerDeps): Promise<string> => (await d.account.account()).name

const getSession = (d: BrokerDeps) =>
  endpoint({
    ...door(d, 'GET', SESSION),
    async handle(_input, { caller: { session, user } }: { caller: BrokerCaller; request: RequestFacts }) {
      return { json: toSession(session, user, await company(d)) }
    },
  })

const deleteSession = (d: BrokerDeps) =>
  endpoint({
    ...door(d, 'DELETE', SESSION),
    async handle(_input, { caller: { session, user }, request }) {
      await endOwnSession(d, user, session.id, origin(request))
      return { json: {} }
    },
  })

const getSessions = (d: BrokerDeps) =>
  endpoint({
    ...door(d, 'GET', SESSIONS),
    async handle(_input, { caller: { session, user } }) {
      const name = await company(d)
      const alive = await d.brokerSessions.list(user.id, d.clock())
      const sessions = alive.map((one) => ({
        ...toSession(one, user, name),
        current: one.id === session.id,
        last_used_at: isoTime(one.lastUsedAt),
      }))
      return { json: { sessions } }
    },
  })

const deleteSessions = (d: BrokerDeps) =>
  endpoint({
    ...door(d, 'DELETE', SESSIONS),
    async handle(_input, { caller: { user }, request }) {
      return { json: { ended: await endOwnSessions(d, user, origin(request)) } }
    },
  })

const getRoles = (d: BrokerDeps) =>
  endpoint({
    ...door(d, 'GET', ROLES),
    async handle(_input, { caller }) {
      const held = await heldRoles(d, caller.user.roleIds)
      const roles = await Promise.all(
        held.map(async (one) => toRole(one, (await termsFor(d, caller, one)).missing)),
      )
      return { json: { roles } }
    },
  })

const wish = z.looseObject({
  role_arn: z.string().min(20).max(2048).refine(isStorable, 'has characters that are not allowed'),
  app_id: z.int().positive().optional(),
  duration_seconds: z.int().min(900, 'must be 900 to 43200').max(43_200, 'must be 900 to 43200').optional(),
})

const postAssertion = (d: BrokerDeps) =>
  endpoint({
    ...door(d, 'POST', ASSERTIONS),
    input: { body: wish },
    async handle({ body }, { caller, request }) {
      const { role_arn: roleArn, app_id: appId, duration_seconds: seconds } = body
      const minted = await mint(d, caller, { roleArn, appId, seconds }, origin(request))
      return { json: toAssertion(minted, request.requestId) }
    },
  })

/** What a command line that is signed in may ask: about its session, its AWS roles, and for one samlAssertion. */
export const brokerRoutes = (d: BrokerDeps): Route<RequestFacts>[] => [
  getSession(d),
  deleteSession(d),
  getSessions(d),
  deleteSessions(d),
  getRoles(d),
  postAssertion(d),
]
