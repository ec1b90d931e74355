import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { AppStore } from '../directory/app-store.ts'
import { Problem } from '../errors.ts'
import { factorFailed } from '../events/events.ts'
import {
  addApprover,
  approverIn,
  approverOf,
  keepSubscription,
  whyNoApprover,
  type ApproverDeps,
} from '../factors/approver.ts'
import type { Authenticator } from '../factors/authenticator-store.ts'
import { removeAuthenticator, type EnrolmentDeps } from '../factors/enrolment.ts'
import { requestId, type PushRequest, type PushRequests } from '../factors/push-request.ts'
import type { WebPush } from '../factors/web-push.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import { DAY, MINUTE } from '../platform/clock.ts'
import { onFirstUse } from '../platform/on-first-use.ts'
import { PACKAGE_ROOT } from '../platform/package-root.ts'
import { loginPath } from '../signin/login-path.ts'
import { signedIn, type SessionCheckDeps, type SignedInPerson } from '../signin/signed-in.ts'
import { APPROVE_NOTICES, approveView, type ApproveNotice, type ApproverFacts } from './approve-view.ts'

export interface ApproveDeps extends SessionCheckDeps, ApproverDeps, Omit<EnrolmentDeps, keyof ApproverDeps> {
  authenticators: ApproverDeps['authenticators'] & EnrolmentDeps['authenticators']
  apps: Pick<AppStore, 'find'>
  pushes: PushRequests
  webPush: Pick<WebPush, 'publicKey' | 'accepts'>
}

/** The cookie by which a browser that approves is known; scripts cannot read it. */
export const APPROVER_COOKIE = 'doorward_approver'
/** As long as browsers keep any cookie. */
const COOKIE_DAYS = 400
/** An approval is worth what the session is that gives it. */
const APPROVES_MS = DAY
/** To change what approves, somebody has to have proved just now that it is them. */
const CHANGES_MS = 10 * MINUTE

interface Visit {
  request: PageRequest
  caller: SignedInPerson
}

/** Whether this session was begun with a second factor, and not longer ago than this. */
const provedWithin = (d: ApproveDeps, { session }: SignedInPerson, ms: number): boolean =>
  session.amr.includes('mfa') && d.clock() - session.authTime < ms

const PROVE_ANEW: Reply = { redirect: loginPath('/approve', { fresh: true }) }
const leadTo = (done: ApproveNotice): Reply => ({ redirect: `/approve?done=${done}` })

const ownBrowser = (d: ApproveDeps, { request, caller }: Visit) =>
  approverIn(d, caller.user, request.cookie(APPROVER_COOKIE))

const showApprove = (d: ApproveDeps) =>
  endpoint({
    method: 'get',
    path: '/approve',
    guard: signedIn(d),
    input: { query: z.looseObject({ done: z.enum(APPROVE_NOTICES).optional().catch(undefined) }) },
    async handle({ query }, visit) {
      const { user } = visit.caller
      const open = await d.pushes.open(user.id)
      const own = await ownBrowser(d, visit)
      const asked = open?.authenticatorId === own?.id ? open : undefined
      // While nothing waits there is time for it; what waits can be denied at any rate.
      const idle = own && !asked && query.done === undefined
      if (idle && !provedWithin(d, visit.caller, APPROVES_MS)) return PROVE_ANEW
      const why = own ? undefined : whyNoApprover(await d.authenticators.listForUser(user.id))
      const view = approveView({
        page: visit.request.page(),
        person: user.email || user.username,
        browser: own ? await approverFacts(d, own, asked) : { is: why ? 'none' : 'newcomer' },
        notice: query.done ?? why,
        seen: open ? requestId(open) : '',
        knockKey: d.webPush.publicKey,
      })
      return { page: 'account/approve.njk', view }
    },
  })

async function approverFacts(
  d: ApproveDeps,
  own: Authenticator,
  request: PushRequest | undefined,
): Promise<ApproverFacts> {
  const about = {
    is: 'approver',
    name: own.label,
    reachable: approverOf(d.sealer, own)?.subscription !== undefined,
  } as const
  if (!request) return about
  const { address = '', askedAt, number, appId } = request
  const app = appId === undefined ? undefined : (await d.apps.find(appId))?.name
  return {
    ...about,
    asked: { id: requestId(request), address, app, askedAt, hasNumber: number !== undefined },
  }
}

const postApprove = (d: ApproveDeps) =>
  endpoint({
    method: 'post',
    path: '/approve',
    guard: signedIn(d),
    input: {
      body: z.looseObject({ request: pageText(100), number: pageText(20), action: pageText(20) }),
    },
    async handle({ body }, visit) {
      const { caller, request } = visit
      const own = await ownBrowser(d, visit)
      if (!own) return leadTo('over')
      const denies = body.action !== 'approve'
      if (!denies && !provedWithin(d, caller, APPROVES_MS)) return PROVE_ANEW
      const number = (body.number ?? '').replace(/\s/g, '')
      const outcome = await d.pushes.decide({
        userId: caller.user.id,
        authenticatorId: own.id,
        id: body.request ?? '',
        browser: request.browser,
        decision: denies ? { is: 'deny' } : { is: 'approve', number },
      })
      if (outcome === 'denied' || outcome === 'wrong_number') {
        const about = { id: own.id, name: own.label }
        const why = outcome === 'denied' ? 'denied' : 'wrong number'
        await d.transact(({ events }) =>
          events.append(factorFailed(originOf(request), caller.user, about, why)),
        )
      }
      return leadTo(outcome)
    },
  })

/** What the page's script asks all the time. */
const getWaiting = (d: ApproveDeps) =>
  endpoint({
    method: 'get',
    path: '/approve/waiting',
    guard: signedIn(d),
    async handle(_input, { caller }) {
      const open = await d.pushes.open(caller.user.id)
      return { json: { request: open ? requestId(open) : '' } }
    },
  })

const postBrowser = (d: ApproveDeps) =>
  endpoint({
    method: 'post',
    path: '/approve/browser',
    guard: signedIn(d),
    input: { body: z.looseObject({ name: pageText(255) }) },
    async handle({ body }, visit) {
      const { caller, request } = visit
      if (!provedWithin(d, caller, CHANGES_MS)) return PROVE_ANEW
      if (await ownBrowser(d, visit)) return leadTo('ready')
      const name = (body.name ?? '').trim()
      const secret = await addApprover(d, caller.user, name, originOf(request))
      if (secret === undefined) return { redirect: '/approve' }
      return { ...leadTo('ready'), cookie: { name: APPROVER_COOKIE, value: secret, days: COOKIE_DAYS } }
    },
  })

const postRemove = (d: ApproveDeps) =>
  endpoint({
    method: 'post',
    path: '/approve/remove',
    guard: signedIn(d),
    async handle(_input, visit) {
      const { caller, request } = visit
      if (!provedWithin(d, caller, CHANGES_MS)) return PROVE_ANEW
      const own = await ownBrowser(d, visit)
      if (own) await removeAuthenticator(d, caller.user, own.id, originOf(request))
      return { redirect: '/approve' }
    },
  })

const knockBody = z.looseObject({ endpoint: pageText(2000), p256dh: pageText(100), auth: pageText(50) })

/** How this browser is reached from now on; without an endpoint it is not. */
const postKnock = (d: ApproveDeps) =>
  endpoint({
    method: 'post',
    path: '/approve/knock',
    guard: signedIn(d),
    input: { body: knockBody },
    async handle({ body: { endpoint: address = '', p256dh = '', auth = '' } }, visit) {
      if (!provedWithin(d, visit.caller, APPROVES_MS)) return PROVE_ANEW
      const own = await ownBrowser(d, visit)
      const subscription = address === '' ? undefined : { endpoint: address, p256dh, auth }
      if (subscription && !d.webPush.accepts(subscription))
        throw new Problem('invalid_request', { fields: { endpoint: 'is no push service that is known' } })
      if (own) await keepSubscription(d, own, subscription)
      return { redirect: '/approve' }
    },
  })

/** The service worker of the page, at an address of its own: its scope must not change with its content. */
const getWorker = () => {
  const body = onFirstUse(() => readFileSync(join(PACKAGE_ROOT, 'static/js/approve-worker.js'), 'utf8'))
  return endpoint({
    method: 'get',
    path: '/approve/worker.js',
    guard: anybody,
    async handle() {
      const headers = { 'Service-Worker-Allowed': '/approve' }
      return { body: body(), type: 'text/javascript', headers }
    },
  })
}

/** The page on which a person's own browser approves sign-ins that are made elsewhere. */
export const approveRoutes = (d: ApproveDeps): Route<PageRequest>[] => [
  showApprove(d),
  postApprove(d),
  getWaiting(d),
  postBrowser(d),
  postRemove(d),
  postKnock(d),
  getWorker(),
]
