import { z } from 'zod'
import type { App } from '../directory/app-store.ts'
import { Problem } from '../errors.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import type { PageRequest } from '../http/request.ts'
import type { Sealer } from '../platform/sealing.ts'
import { brandOfApp, type Brand } from '../branding/brand.ts'
import { loginPath } from '../signin/login-path.ts'
import type { SignInDeps } from '../signin/sign-in.ts'
import { personOf, type SessionCheckDeps } from '../signin/signed-in.ts'
import { samlConfigOf } from './app-config.ts'
import { openAsked, sealAsked, type AskedSignOn } from './asked-sign-on.ts'
import { readAuthnRequest } from './authn-request.ts'
import { appParams, ssoUrl } from './addresses.ts'
import type { IssueDeps } from './issue-response.ts'
import { postNoPassive, postResponse, samlApp } from './post-reply.ts'
import { acceptRelayState, type RequestBinding } from './request-encoding.ts'

export type SsoDeps = IssueDeps &
  SessionCheckDeps &
  SignInDeps & { sealer: Sealer; brands(): Promise<readonly Brand[]> }

const ssoInput = z.looseObject({ SAMLRequest: pageText(100_000), RelayState: pageText(2048) })
const ssoQuery = ssoInput.extend({ asked: pageText(8000) })

/** Where a checked request goes on: by GET, with our cookies. */
const askedPath = (d: SsoDeps, appId: number, asked: AskedSignOn): string =>
  `/trust/saml2/http-redirect/sso/${appId}?asked=${sealAsked(d, appId, asked)}`

/** Checks what a service provider sent. Without a request the sign-on is IdP-initiated. */
async function readAsked(
  d: SsoDeps,
  app: App,
  binding: RequestBinding,
  sent: { samlRequest: string | undefined; relayState: string | undefined; rawQuery: string },
): Promise<AskedSignOn> {
  const relayState = acceptRelayState(sent.relayState)
  const asked = { relayState, forceAuthn: false, isPassive: false, askedAt: d.clock() }
  if (sent.samlRequest === undefined) return asked
  if (app.connector !== 'saml') throw new Problem('invalid_request')
  const { id, acsUrl, forceAuthn, isPassive } = await readAuthnRequest({
    binding,
    samlRequest: sent.samlRequest,
    rawQuery: sent.rawQuery,
    app: samlConfigOf(app),
    destination: [ssoUrl(d.publicUrl, 'redirect', app.id), ssoUrl(d.publicUrl, 'post', app.id)],
    nowMs: d.clock(),
  })
  return { ...asked, requestId: id, acsUrl, forceAuthn, isPassive }
}

/** The answer to a checked request, or the way to the sign-in that it needs first. */
async function signOn(d: SsoDeps, request: PageRequest, app: App, asked: AskedSignOn): Promise<Reply> {
  const person = await personOf(d, request.session)
  if (person && (!asked.forceAuthn || person.session.authTime >= asked.askedAt))
    return postResponse(d, request, person, app, { ...asked, path: askedPath(d, app.id, asked) })
  const { requestId, acsUrl, relayState, isPassive } = asked
  const brand = brandOfApp(await d.brands(), app.id)?.name
  if (requestId === undefined || acsUrl === undefined)
    return { redirect: loginPath(request.target, { brand }) }
  if (isPassive) return postNoPassive(d, request, app, { requestId, acsUrl, relayState })
  return { redirect: loginPath(askedPath(d, app.id, asked), { fresh: person !== undefined, brand }) }
}

/** SP-initiated sign-on (SAML profiles 4.1), and IdP-initiated when there is no request. */
const ssoByRedirect = (d: SsoDeps) =>
  endpoint({
    method: 'get',
    path: '/trust/saml2/http-redirect/sso/:app_id',
    guard: anybody,
    csrf: 'browser', // it may show a step of a sign-in
    input: { params: appParams, query: ssoQuery },
    async handle({ params, query }, { request }: { request: PageRequest; caller: undefined }) {
      const app = await samlApp(d, params.app_id)
      if (query.asked !== undefined) return signOn(d, request, app, openAsked(d, app.id, query.asked))
      const sent = { samlRequest: query.SAMLRequest, relayState: query.RelayState }
      const rawQuery = request.target.slice(request.target.indexOf('?') + 1)
      return signOn(d, request, app, await readAsked(d, app, 'redirect', { ...sent, rawQuery }))
    },
  })

/** A service provider's form comes from another site, without our cookies: it goes on as a GET of our own. */
const ssoByPost = (d: SsoDeps) =>
  endpoint({
    method: 'post',
    path: '/trust/saml2/http-post/sso/:app_id',
    guard: anybody, // the request is checked, and only chooses among registered values
    csrf: 'none',
    input: { params: appParams, body: ssoInput },
    async handle({ params, body }) {
      const app = await samlApp(d, params.app_id)
      const sent = { samlRequest: body.SAMLRequest ?? '', relayState: body.RelayState, rawQuery: '' }
      return { redirect: askedPath(d, app.id, await readAsked(d, app, 'post', sent)) }
    },
  })

/** Service providers that ask for a sign-in. */
export const ssoRoutes = (d: SsoDeps): Route<PageRequest>[] => [ssoByRedirect(d), ssoByPost(d)]
