/** Mounts the doors and the error pages, in order; nothing else. */
import express, { type Express } from 'express'
import { accountPageRoutes } from './account/account-routes.ts'
import { ownFactorRoutes } from './account/factor-routes.ts'
import { forgotRoutes } from './account/forgot-routes.ts'
import { notMeRoutes } from './account/not-me-routes.ts'
import { ownPasswordRoutes } from './account/password-routes.ts'
import { accountRoutes } from './account/routes.ts'
import { approveRoutes } from './account/approve-routes.ts'
import { setupRoutes } from './account/setup-routes.ts'
import { authorizeRoutes } from './broker/authorize-routes.ts'
import { brokerAdminRoutes } from './broker/admin-routes.ts'
import { deviceAskRoutes, devicePageRoutes } from './broker/device-routes.ts'
import { brokerRoutes } from './broker/session-routes.ts'
import { brokerTokenRoutes } from './broker/token-routes.ts'
import { brandRoutes } from './branding/routes.ts'
import type { Context } from './context.ts'
import { directoryRoutes } from './directory/routes.ts'
import { eventRoutes } from './events/routes.ts'
import { factorRoutes } from './factors/routes.ts'
import { apiSurface } from './http/api-surface.ts'
import { browserSessions, cookieName } from './http/browser-session.ts'
import { csrf } from './http/csrf.ts'
import { securityHeaders } from './http/headers.ts'
import { legacySurface } from './http/legacy-surface.ts'
import { knownBrowsers } from './http/known-browser.ts'
import { libraryFiles } from './http/library-files.ts'
import { oauthSurface } from './http/oauth-surface.ts'
import { mountPages } from './http/page-surface.ts'
import { statusRoutes } from './http/status.ts'
import { inTurn, lastResort, plainAddress, trustDeclaredHttps, watchRequests } from './http/surface.ts'
import { legacyRoutes } from './legacy/routes.ts'
import { oauthRoutes } from './oauth/routes.ts'
import { referenceRoutes } from './reference/page-routes.ts'
import { describedRoutes } from './reference/routes.ts'
import { samlPageRoutes } from './saml/page-routes.ts'
import { samlApiRoutes } from './saml/routes.ts'
import { linkRoutes } from './signin/link-routes.ts'
import { newPasswordRoutes } from './signin/new-password-routes.ts'
import { enrolPageRoutes } from './signin/enrol-routes.ts'
import { moreTimeRoutes } from './signin/more-time-routes.ts'
import { factorPageRoutes } from './signin/factor-routes.ts'
import { mailLinkRoutes } from './signin/mail-link-routes.ts'
import { passkeyRoutes } from './signin/passkey-routes.ts'
import { signInPageRoutes } from './signin/page-routes.ts'
import { loginApiRoutes } from './signin/routes.ts'
import { sessionViaTokenRoutes } from './signin/session-via-token-routes.ts'

export function createApp(ctx: Context): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('trust proxy', ctx.config.TRUST_PROXY)
  app.set('query parser', 'simple')
  const library = libraryFiles()
  const api = describedRoutes([
    ...oauthRoutes(ctx),
    ...loginApiRoutes(ctx),
    ...samlApiRoutes(ctx),
    ...directoryRoutes({ ...ctx, pictureOf: (file) => ctx.pictures.assetOf(file) }),
    ...factorRoutes(ctx),
    ...eventRoutes(ctx),
    ...brokerAdminRoutes(ctx),
  ])
  const ofEveryRequest = [
    watchRequests(ctx),
    plainAddress,
    trustDeclaredHttps(ctx.secure),
    securityHeaders(ctx.secure),
  ]
  const beforePages = [
    statusRoutes(ctx),
    ctx.assets.router,
    library.router,
    ...(ctx.config.LEGACY_API === 'on' ? [legacySurface(ctx, legacyRoutes(ctx))] : []),
    apiSurface(ctx, api),
    oauthSurface(ctx, [...brokerTokenRoutes(ctx), ...deviceAskRoutes(ctx), ...brokerRoutes(ctx)]),
  ]
  app.use(inTurn(...ofEveryRequest, ...beforePages))
  const surface = {
    ...ctx,
    sessions: browserSessions(ctx),
    sessionName: cookieName('doorward', ctx.secure),
    csrf: csrf(ctx),
    knownBrowsers: knownBrowsers(ctx),
  }
  mountPages(app, surface, [
    ...signInPageRoutes(ctx),
    ...passkeyRoutes(ctx),
    ...mailLinkRoutes(ctx),
    ...factorPageRoutes(ctx),
    ...enrolPageRoutes(ctx),
    ...moreTimeRoutes(ctx),
    ...newPasswordRoutes(ctx),
    ...linkRoutes(ctx),
    ...sessionViaTokenRoutes(ctx),
    ...samlPageRoutes(ctx),
    ...authorizeRoutes(ctx),
    ...devicePageRoutes(ctx),
    ...accountRoutes(ctx),
    ...accountPageRoutes(ctx),
    ...ownFactorRoutes(ctx),
    ...ownPasswordRoutes(ctx),
    ...notMeRoutes(ctx),
    ...forgotRoutes(ctx),
    ...approveRoutes(ctx),
    ...brandRoutes(ctx),
    ...setupRoutes(ctx),
    ...referenceRoutes({ api, library: () => library.addresses() }),
  ])
  app.use(lastResort(ctx.log))
  return app
}
