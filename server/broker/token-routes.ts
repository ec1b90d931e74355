import { z } from 'zod'
import type { Config } from '../config.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { OauthProblem } from '../http/oauth-wire.ts'
import { pageText } from '../http/page-input.ts'
import { originOf, type RequestFacts } from '../http/request.ts'
import { CLIENT_ID, requireClient, SCOPE } from './client.ts'
import { redeemDeviceCode, type DeviceDeps } from './device-code.ts'
import { provedKey, type DpopDeps } from './dpop.ts'
import { redeemCode, refreshSession, revokeToken, type Granted, type GrantDeps } from './grants.ts'
import { toTokenReply } from './wire.ts'

export type TokenDeps = GrantDeps & DpopDeps & DeviceDeps & { config: Pick<Config, 'BROKER_DEVICE_CODE'> }

export const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code'

const tokenBody = z.looseObject({
  grant_type: pageText(100),
  client_id: pageText(100),
  code: pageText(200),
  redirect_uri: pageText(200),
  code_verifier: pageText(128),
  refresh_token: pageText(200),
  device_code: pageText(200),
  token: pageText(200),
})
type TokenBody = z.output<typeof tokenBody>

/** RFC 7636 section 4.1. */
const VERIFIER = /^[\w.~-]{43,128}$/

async function grant(d: TokenDeps, body: TokenBody, jkt: string, request: RequestFacts): Promise<Granted> {
  const client = { origin: originOf(request, CLIENT_ID), userAgent: request.header('user-agent') ?? '' }
  switch (body.grant_type) {
    case 'authorization_code': {
      const { code = '', redirect_uri: redirectUri = '', code_verifier: verifier = '' } = body
      if (!VERIFIER.test(verifier)) throw new OauthProblem('invalid_request', 'code_verifier must be given')
      return redeemCode(d, { ...client, code, redirectUri, verifier, jkt })
    }
    case 'refresh_token':
      return refreshSession(d, { token: body.refresh_token ?? '', jkt, origin: client.origin })
    case DEVICE_GRANT:
      if (d.config.BROKER_DEVICE_CODE === 'off') break
      return redeemDeviceCode(d, { ...client, code: body.device_code ?? '', jkt })
    case undefined:
      throw new OauthProblem('invalid_request', 'grant_type must be given')
  }
  throw new OauthProblem('unsupported_grant_type', 'grant_type must be authorization_code or refresh_token')
}

const postToken = (d: TokenDeps) =>
  endpoint({
    method: 'post',
    path: '/oauth/token',
    guard: anybody, // the proof and the grant together show who calls
    input: { body: tokenBody },
    async handle({ body }, { request }) {
      requireClient(body)
      const jkt = await provedKey(d, request, '/oauth/token')
      const granted = await grant(d, body, jkt, request)
      const { name } = await d.account.account()
      return { json: toTokenReply(granted, name) }
    },
  })

const postRevoke = (d: TokenDeps) =>
  endpoint({
    method: 'post',
    path: '/oauth/revoke',
    guard: anybody, // only the session's key ends it
    input: { body: tokenBody },
    async handle({ body }, { request }) {
      requireClient(body)
      const jkt = await provedKey(d, request, '/oauth/revoke')
      if (body.token === undefined) throw new OauthProblem('invalid_request', 'token must be given')
      await revokeToken(d, { token: body.token, jkt, origin: originOf(request, CLIENT_ID) })
      return { json: {} }
    },
  })

/** RFC 8414. */
const getMetadata = (d: TokenDeps) =>
  endpoint({
    method: 'get',
    path: '/.well-known/oauth-authorization-server',
    guard: anybody,
    async handle() {
      const at = (path: string) => d.publicUrl + path
      const device = d.config.BROKER_DEVICE_CODE === 'on'
      return {
        json: {
          issuer: d.publicUrl,
          authorization_endpoint: at('/oauth/authorize'),
          token_endpoint: at('/oauth/token'),
          revocation_endpoint: at('/oauth/revoke'),
          ...(device && { device_authorization_endpoint: at('/oauth/device_authorization') }),
          scopes_supported: [SCOPE],
          response_types_supported: ['code'],
          response_modes_supported: ['query'],
          grant_types_supported: ['authorization_code', 'refresh_token', ...(device ? [DEVICE_GRANT] : [])],
          token_endpoint_auth_methods_supported: ['none'],
          revocation_endpoint_auth_methods_supported: ['none'],
          code_challenge_methods_supported: ['S256'],
          dpop_signing_alg_values_supported: ['ES256'],
          authorization_response_iss_parameter_supported: true,
        },
      }
    },
  })

/** OAuth for command lines: tokens that only the device's key can use. */
export const brokerTokenRoutes = (d: TokenDeps): Route<RequestFacts>[] => [
  getMetadata(d),
  postToken(d),
  postRevoke(d),
]
