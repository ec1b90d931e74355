import { z } from 'zod'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import type { PageRequest } from '../http/request.ts'
import { signedIn } from '../signin/signed-in.ts'
import { appParams, sloUrl, ssoUrl } from './addresses.ts'
import { samlConfigOf } from './app-config.ts'
import { entityIdOf } from './issue-response.ts'
import { metadataXml } from './metadata.ts'
import { postResponse, samlApp } from './post-reply.ts'
import { sloRoutes } from './slo-routes.ts'
import { ssoRoutes, type SsoDeps } from './sso-routes.ts'

const metadata = (d: SsoDeps) =>
  endpoint({
    method: 'get',
    path: '/saml/metadata/:app_id',
    guard: anybody,
    csrf: 'none',
    input: { params: appParams },
    async handle({ params }) {
      const app = await samlApp(d, params.app_id)
      const { id, connector } = app
      const config = connector === 'saml' ? samlConfigOf(app) : undefined
      const xml = metadataXml({
        entityId: entityIdOf(d.publicUrl, id),
        ssoRedirectUrl: ssoUrl(d.publicUrl, 'redirect', id),
        ssoPostUrl: ssoUrl(d.publicUrl, 'post', id),
        sloRedirectUrl: config?.slo_url === undefined ? undefined : sloUrl(d.publicUrl, id),
        wantsSignedRequests: config !== undefined && config.request_certificates.length > 0,
        signingKeys: d.signingKeys,
      })
      return { body: xml, type: 'application/samlmetadata+xml' }
    },
  })

/** From the tiles: nobody asked, so the Response answers no request. */
const launch = (d: SsoDeps) =>
  endpoint({
    method: 'get',
    path: '/apps/:app_id/launch',
    guard: signedIn(d),
    csrf: 'browser', // it may show a step of a sign-in
    input: { params: appParams, query: z.looseObject({ RelayState: pageText(1024) }) },
    async handle({ params, query }, { caller, request }) {
      return postResponse(d, request, caller, await samlApp(d, params.app_id), {
        relayState: query.RelayState,
        path: request.target,
      })
    },
  })

/** The identity provider for browsers: metadata, tiles, and service providers that ask. */
export const samlPageRoutes = (d: SsoDeps): Route<PageRequest>[] => [
  metadata(d),
  launch(d),
  ...ssoRoutes(d),
  ...sloRoutes(d),
]
