import { z } from 'zod'
import { displayName } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import { signedInToPortal } from '../events/events.ts'
import { refusalV1, statusOf, successStatus } from '../http/api-wire.ts'
import { newBrowserSession } from '../http/browser-session.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { formActionTo } from '../http/headers.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { isAllowedReturn } from './allowed-origins.ts'
import { continueView } from './continue-view.ts'
import { tellOfNewBrowser } from './new-browser.ts'
import { readSessionToken, takeSessionToken, type SessionTokenRecord } from './session-token.ts'
import type { SignInDeps } from './sign-in.ts'
import { personOf, type SignedInPerson } from './signed-in.ts'
import { switchView } from './switch-view.ts'

type Deps = SignInDeps & {
  pending: PendingStore
  /** Whether an origin is one of ours. */
  isOurs(origin: string): Promise<boolean>
}

const PATH = '/session_via_api_token'
const tokenBody = z.looseObject({
  session_token: pageText(200),
  auth_token: pageText(200),
  choice: pageText(20),
})

/** A browser origin that is not ours, `undefined` when we sent the page ourselves or no browser did. */
async function foreignOrigin(d: Deps, request: PageRequest): Promise<string | undefined> {
  const origin = request.header('origin')
  if (origin === undefined) return request.header('sec-fetch-site') === 'cross-site' ? 'null' : undefined
  return (await d.isOurs(origin)) ? undefined : origin
}

/** The person a token stands for, if the token is alive, its person still may sign in, and `origin` may redeem it. */
async function redeemable(
  d: Deps,
  token: string,
  origin: string | undefined,
): Promise<[SessionTokenRecord, SignedInPerson]> {
  const record = await readSessionToken(d, token)
  if (!record) throw new Problem('session_token_invalid')
  const { policy } = await d.account.account()
  const allowed = [...record.allowedOrigins, ...policy.allowed_origins]
  if (origin !== undefined && !allowed.includes(origin)) throw new Problem('cross_site')
  const person = await personOf(d, newBrowserSession(record, policy.session_hours))
  if (!person) throw new Problem('session_token_invalid')
  return [record, person]
}

async function redeem(
  d: Deps,
  token: string,
  request: PageRequest,
  next: (record: SessionTokenRecord) => Reply,
) {
  const record = await takeSessionToken(d, token)
  const person = record && (await personOf(d, newBrowserSession(record, 24)))
  if (!record || !person) throw new Problem('session_token_invalid')
  const { policy } = await d.account.account()
  await d.transact(({ events }) => events.append(signedInToPortal(originOf(request), person.user)))
  await tellOfNewBrowser(d, request, person.user)
  const start = newBrowserSession(record, policy.session_hours)
  return { ...next(record), session: { start, owner: person.user } }
}

async function destination(d: Deps, record: SessionTokenRecord): Promise<string> {
  const { policy } = await d.account.account()
  const { returnTo = '/' } = record
  const own = URL.canParse(returnTo) && (await d.isOurs(new URL(returnTo).origin))
  const origins = [...record.allowedOrigins, ...policy.allowed_origins]
  return isAllowedReturn(returnTo, own ? [new URL(returnTo).origin] : origins) ? returnTo : '/'
}

/**
 * A form sent the browser here. If somebody else is signed in, they are asked first. Who is signed in does not show on
 * a form of another site (SameSite), so such a form is sent once more, by a page of ours.
 */
async function byForm(
  d: Deps,
  token: string,
  choice: string | undefined,
  request: PageRequest,
): Promise<Reply> {
  const foreign = await foreignOrigin(d, request)
  const [record, person] = await redeemable(d, token, foreign)
  const to = await destination(d, record)
  const leadsTo = to === '/' ? {} : { formAction: formActionTo(to) }
  if (request.header('sec-fetch-site') === 'cross-site') {
    const view = continueView({ page: request.page(), sessionToken: token })
    return { page: 'signin/continue.njk', view, ...leadsTo }
  }
  const current = await personOf(d, request.session)
  const asked = foreign === undefined && choice !== undefined // only our own page can have asked
  if (asked && choice === 'stay') {
    await takeSessionToken(d, token) // it was refused, and must not lie around on that page
    return { redirect: '/' }
  }
  if (current && current.user.id !== person.user.id && !asked) {
    const names = { current: displayName(current.user), next: displayName(person.user) }
    return {
      page: 'signin/switch.njk',
      view: switchView({ page: request.page(), sessionToken: token, ...names }),
      ...leadsTo,
    }
  }
  return redeem(d, token, request, () => ({ redirect: to }))
}

/** A script sent the token with CORS, or an SDK without a browser. CORS headers only for the origin it was made for. */
async function byScript(d: Deps, token: string, request: PageRequest): Promise<Reply> {
  try {
    const foreign = await foreignOrigin(d, request)
    await redeemable(d, token, foreign)
    return await redeem(d, token, request, () => ({
      json: { status: successStatus() },
      headers: corsHeaders(foreign),
    }))
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    return { json: refusalV1(error), status: statusOf(error), headers: { Vary: 'Origin' } }
  }
}

const corsHeaders = (origin: string | undefined): Record<string, string> =>
  origin === undefined
    ? { Vary: 'Origin' }
    : { 'Access-Control-Allow-Origin': origin, 'Access-Control-Allow-Credentials': 'true', Vary: 'Origin' }

const sessionViaApiToken = (d: Deps) =>
  endpoint({
    method: 'post',
    path: PATH,
    guard: anybody, // the session token is the proof
    csrf: 'none',
    input: { body: tokenBody },
    async handle({ body }, { request }: { request: PageRequest; caller: undefined }) {
      const token =
        [body.session_token, body.auth_token].find((text) => text !== '' && text !== undefined) ?? ''
      const json = request.header('content-type')?.toLowerCase().startsWith('application/json') ?? false
      return json ? byScript(d, token, request) : byForm(d, token, body.choice, request)
    },
  })

/** A preflight carries no token: an origin is let through while a token that names it is alive. */
const preflight = (d: Deps) =>
  endpoint({
    method: 'options',
    path: PATH,
    guard: anybody,
    csrf: 'none',
    async handle(_input, { request }: { request: PageRequest; caller: undefined }) {
      const origin = request.header('origin') ?? ''
      const { policy } = await d.account.account()
      const known =
        policy.allowed_origins.includes(origin) || (await d.pending.peek('cors_origin', origin)) !== undefined
      if (!known) return { empty: 204 as const, headers: { Vary: 'Origin' } }
      const allowed = {
        'Access-Control-Allow-Methods': 'POST',
        'Access-Control-Allow-Headers': 'content-type',
      }
      return { empty: 204 as const, headers: { ...corsHeaders(origin), ...allowed } }
    },
  })

/** The bridge from a session token to a browser session (contract 4.4 of OneLogin's API). */
export const sessionViaTokenRoutes = (d: Deps): Route<PageRequest>[] => [sessionViaApiToken(d), preflight(d)]
