import { z } from 'zod'
import { administrator, type AdministratorDeps } from '../directory/administrator.ts'
import { requireMayActOn } from '../directory/delegation.ts'
import { findUser } from '../directory/find-user.ts'
import { covers, type Reach } from '../directory/privileges.ts'
import { Problem } from '../errors.ts'
import { pathId } from '../http/api-input.ts'
import type { ListModel } from '../http/api-list-model.ts'
import { listReply } from '../http/api-list-reply.ts'
import { listQuery, readList } from '../http/api-list.ts'
import { successStatus } from '../http/api-wire.ts'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import { originOf } from '../http/request.ts'
import { MANAGE_USERS_SCOPES, READ_SCOPES } from '../oauth/scope.ts'
import type { BrokerSession, BrokerSessionColumn } from './broker-session-store.ts'
import { endAllOf, endByAdmin, type EndDeps } from './grants.ts'
import { BROKER_OPERATIONS, BROKER_SESSION_FIELDS } from './operations.ts'
import { toListedSession } from './wire.ts'

export type BrokerAdminDeps = AdministratorDeps & EndDeps

const BROKER_SESSION_LIST: ListModel<BrokerSessionColumn> = {
  model: 'broker_session',
  path: '/api/1/broker_sessions',
  fields: BROKER_SESSION_FIELDS,
  filters: {
    id: { column: 'id', kind: 'integer', many: true },
    user_id: { column: 'userId', kind: 'integer' },
  },
  sorts: { id: { column: 'id', key: 'number' } },
}

/** A session that a reach covers, by whose it is. */
async function coveredBy(
  d: BrokerAdminDeps,
  reach: Reach,
  session: BrokerSession,
): Promise<BrokerSession | undefined> {
  if (reach === 'everything') return session
  return covers(reach, await d.users.find(session.userId)) ? session : undefined
}

const getBrokerSessions = (d: BrokerAdminDeps) =>
  endpoint({
    method: 'get',
    path: BROKER_SESSION_LIST.path,
    guard: administrator(d, READ_SCOPES, 'users:List'),
    doc: BROKER_OPERATIONS.getBrokerSessions,
    input: { query: listQuery(BROKER_SESSION_LIST) },
    async handle({ query }, { caller: { reach }, request }) {
      const list = readList(BROKER_SESSION_LIST, query)
      const page = await d.brokerSessions.page(list.query, d.clock())
      const items = await Promise.all(page.items.map((one) => coveredBy(d, reach, one)))
      const covered = { ...page, items: items.filter((one) => one !== undefined) }
      return listReply(BROKER_SESSION_LIST, list, covered, toListedSession, request)
    },
  })

const idPath = z.looseObject({ id: pathId() })

const deleteBrokerSession = (d: BrokerAdminDeps) =>
  endpoint({
    method: 'delete',
    path: `${BROKER_SESSION_LIST.path}/:id`,
    guard: administrator(d, MANAGE_USERS_SCOPES, 'users:ForceLogout', { anyReach: true }),
    doc: BROKER_OPERATIONS.endBrokerSession,
    input: { params: idPath },
    async handle({ params: { id } }, { caller, request }) {
      const session = await d.brokerSessions.find(id)
      if (session) await requireMayActOn(d, caller, 'users:ForceLogout', session.userId)
      if (!session || !(await endByAdmin(d, session, originOf(request, caller.clientId))))
        throw new Problem('not_found', { message: `Broker session for id ${id} was not found` })
      return { json: { status: successStatus() } }
    },
  })

const deleteSessionsOfUser = (d: BrokerAdminDeps) =>
  endpoint({
    method: 'delete',
    path: '/api/1/users/:id/broker_sessions',
    guard: administrator(d, MANAGE_USERS_SCOPES, 'users:ForceLogout'),
    doc: BROKER_OPERATIONS.endBrokerSessionsOfUser,
    input: { params: idPath },
    async handle({ params: { id } }, { caller, request }) {
      await endAllOf(d, await findUser(d.users, id), originOf(request, caller.clientId))
      return { json: { status: successStatus() } }
    },
  })

/** Command lines that are signed in, for administrators to see and to end. */
export const brokerAdminRoutes = (d: BrokerAdminDeps): ApiRoute[] => [
  getBrokerSessions(d),
  deleteBrokerSession(d),
  deleteSessionsOfUser(d),
]
