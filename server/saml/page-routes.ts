import { deflateRawSync } from 'node:zlib'
import { z } from 'zod'
import type { AccountStore } from '../directory/account-store.ts'
import type { App } from '../directory/app-store.ts'
import { Problem } from '../errors.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { formActionTo } from '../http/headers.ts'
import { pageText } from '../http/page-input.ts'
import type { Reply } from '../http/reply.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import { MINUTE } from '../platform/clock.ts'
import { personOf, signedIn, type SessionCheckDeps, type SignedInPerson } from '../signin/signed-in.ts'
import { samlAppConfig } from './app-config.ts'
import { readAuthnRequest, type AuthnRequest } from './authn-request.ts'
import { entityIdOf, isSamlApp, issueResponse, type IssueDeps } from './issue-response.ts'
import { metadataXml } from './metadata.ts'
import { newSamlId } from './names.ts'
import { signNoPassive } from './no-passive-response.ts'
import { samlPostView } from './post-view.ts'

type SamlPageDeps = IssueDeps & SessionCheckDeps & { account: Pick<AccountStore, 'account'> }

const RELAY_STATE_MAX = 1024
const appParams = z.looseObject({
  app_id: z
    .string()
    .regex(/^\d{1,15}$/)
    .transform(Number),
})
const ssoInput = z.looseObject({
  SAMLRequest: pageText(100_000),
  RelayState: pageText(RELAY_STATE_MAX),
})
type SsoInput = z.output<typeof ssoInput>

async function samlApp(d: SamlPageDeps, id: number): Promise<App> {
  const app = await d.apps.find(id)
  if (!app || !isSamlApp(app)) throw new Problem('not_found')
  return app
}

const ssoUrl = (d: SamlPageDeps, binding: 'redirect' | 'post', id: number) =>
  `${d.publicUrl}/trust/saml2/http-${binding}/sso/${id}`

const metadata = (d: SamlPageDeps) =>
  endpoint({
    method: 'get',
    path: '/saml/metadata/:app_id',
    guard: anybody,
    csrf: 'none',
    input: { params: appParams },
    async handle({ params }) {
      const { id } = await samlApp(d, params.app_id)
      const xml = metadataXml({
        entityId: entityIdOf(d.publicUrl, id),
        ssoRedirectUrl: ssoUrl(d, 'redirect', id),
        ssoPostUrl: ssoUrl(d, 'post', id),
        signingKeys: d.signingKeys,
      })
      return { body: xml, type: 'application/samlmetadata+xml' }
    },
  })

async function postResponse(
  d: SamlPageDeps,
  request: PageRequest,
  { user, session }: SignedInPerson,
  app: App,
  asked: { relayState?: string | undefined; authnRequest?: AuthnRequest | undefined },
): Promise<Reply> {
  const { recipient, samlResponse } = await issueResponse(d, {
    user,
    app,
    authTime: session.authTime,
    sessionEndsAt: session.endsAt,
    origin: originOf(request),
    acsUrl: asked.authnRequest?.acsUrl,
    inResponseTo: asked.authnRequest?.id,
  })
  const facts = { acsUrl: recipient, samlResponse, relayState: asked.relayState, appName: app.name }
  return {
    page: 'saml/post.njk',
    view: samlPostView({ page: request.page(), ...facts }),
    formAction: formActionTo(recipient),
  }
}

/** From the tiles: nobody asked, so the Response answers no request. */
const launch = (d: SamlPageDeps) =>
  endpoint({
    method: 'get',
    path: '/apps/:app_id/launch',
    guard: signedIn(d),
    input: { params: appParams, query: z.looseObject({ RelayState: pageText(RELAY_STATE_MAX) }) },
    async handle({ params, query }, { caller, request }) {
      return postResponse(d, request, caller, await samlApp(d, params.app_id), {
        relayState: query.RelayState,
      })
    },
  })

function authnRequestOf(
  d: SamlPageDeps,
  app: App,
  binding: 'redirect' | 'post',
  samlRequest: string,
): AuthnRequest {
  if (app.connector !== 'saml') throw new Problem('invalid_request')
  return readAuthnRequest({
    binding,
    samlRequest,
    app: samlAppConfig.parse(app.settings),
    // A posted request is carried on in the redirect binding, so it may name either address.
    destination: [ssoUrl(d, 'redirect', app.id), ssoUrl(d, 'post', app.id)],
    nowMs: d.clock(),
  })
}

/** Whether the sign-in is younger than the request, give or take a clock that is a minute ahead. */
const isFresh = (d: SamlPageDeps, { session }: SignedInPerson, { issueInstantMs }: AuthnRequest): boolean =>
  session.authTime >= Math.min(issueInstantMs, d.clock() - MINUTE)

/** Tells a service provider that had asked for no page that one would be needed (SAML core 3.4.1). */
function noPassiveReply(
  d: SamlPageDeps,
  request: PageRequest,
  app: App,
  { acsUrl, id: inResponseTo }: AuthnRequest,
  relayState: string | undefined,
): Reply {
  const answer = {
    responseId: newSamlId(d.random),
    issueInstantMs: d.clock(),
    issuer: entityIdOf(d.publicUrl, app.id),
    recipient: acsUrl,
    inResponseTo,
  }
  const samlResponse = Buffer.from(signNoPassive(answer, d.signingKeys[0])).toString('base64')
  const facts = { acsUrl, samlResponse, relayState, appName: app.name, passive: true }
  return {
    page: 'saml/post.njk',
    view: samlPostView({ page: request.page(), ...facts }),
    formAction: formActionTo(acsUrl),
  }
}

/** SP-initiated sign-on (SAML profiles 4.1), and IdP-initiated when there is no request. */
const ssoByRedirect = (d: SamlPageDeps) =>
  endpoint({
    method: 'get',
    path: '/trust/saml2/http-redirect/sso/:app_id',
    guard: anybody,
    input: { params: appParams, query: ssoInput },
    async handle({ params, query }, { request }: { request: PageRequest; caller: undefined }) {
      const app = await samlApp(d, params.app_id)
      const authnRequest =
        query.SAMLRequest === undefined ? undefined : authnRequestOf(d, app, 'redirect', query.SAMLRequest)
      const person = await personOf(d, request.session)
      const mustSignIn = !person || (authnRequest?.forceAuthn && !isFresh(d, person, authnRequest))
      if (mustSignIn && authnRequest?.isPassive)
        return noPassiveReply(d, request, app, authnRequest, query.RelayState)
      if (!person) throw new Problem('sign_in_required')
      if (mustSignIn) {
        return { redirect: `/login?return_to=${encodeURIComponent(request.target)}`, session: 'end' as const }
      }
      return postResponse(d, request, person, app, { relayState: query.RelayState, authnRequest })
    },
  })

/** A service provider's form comes from another site, without our cookies: it goes on as a GET of our own. */
const ssoByPost = (d: SamlPageDeps) =>
  endpoint({
    method: 'post',
    path: '/trust/saml2/http-post/sso/:app_id',
    guard: anybody, // the request is checked, and only chooses among registered values
    csrf: 'none',
    input: { params: appParams, body: ssoInput },
    async handle({ params, body }) {
      const app = await samlApp(d, params.app_id)
      authnRequestOf(d, app, 'post', body.SAMLRequest ?? '')
      return { redirect: redirectBinding(app.id, body) }
    },
  })

function redirectBinding(appId: number, { SAMLRequest = '', RelayState }: SsoInput): string {
  const deflated = deflateRawSync(Buffer.from(SAMLRequest, 'base64')).toString('base64')
  const query = new URLSearchParams({
    SAMLRequest: deflated,
    ...(RelayState !== undefined && { RelayState }),
  })
  return `/trust/saml2/http-redirect/sso/${appId}?${query.toString()}`
}

/** The identity provider for browsers: metadata, tiles, and service providers that ask. */
export const samlPageRoutes = (d: SamlPageDeps): Route<PageRequest>[] => [
  metadata(d),
  launch(d),
  ssoByRedirect(d),
  ssoByPost(d),
]
