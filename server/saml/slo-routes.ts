import { z } from 'zod'
import type { App } from '../directory/app-store.ts'
import type { User } from '../directory/user.ts'
import { signedOutOfPortal } from '../events/events.ts'
import { Problem } from '../errors.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import { personOf, type SessionCheckDeps } from '../signin/signed-in.ts'
import { appParams, sloUrl } from './addresses.ts'
import { samlConfigOf } from './app-config.ts'
import { entityIdOf, statementFor, type IssueDeps } from './issue-response.ts'
import { readLogoutRequest } from './logout-request.ts'
import { logoutResponseUrl } from './logout-response.ts'
import { newSamlId } from './names.ts'
import { samlApp } from './post-reply.ts'
import { acceptRelayState } from './request-encoding.ts'

type SloDeps = IssueDeps & SessionCheckDeps

const sloQuery = z.looseObject({ SAMLRequest: pageText(100_000), RelayState: pageText(2048) })

/** Whether the app knows this person by that name. */
function isCalled(user: User, app: App, nameId: string): boolean {
  try {
    return statementFor({ user, app }).nameId.value === nameId
  } catch (error) {
    if (error instanceof Problem) return false // they have no name that the app could know
    throw error
  }
}

/**
 * SP-initiated single logout (SAML profiles 4.4). The signature of the service provider stands in for the CSRF token,
 * and the name for the person: a request about somebody else ends nobody's session.
 */
const sloByRedirect = (d: SloDeps) =>
  endpoint({
    method: 'get',
    path: '/trust/saml2/http-redirect/slo/:app_id',
    guard: anybody,
    input: { params: appParams, query: sloQuery },
    async handle({ params, query }, { request }: { request: PageRequest; caller: undefined }) {
      const app = await samlApp(d, params.app_id)
      if (app.connector !== 'saml') throw new Problem('invalid_request')
      const config = samlConfigOf(app)
      if (config.slo_url === undefined) throw new Problem('not_found')
      const relayState = acceptRelayState(query.RelayState)
      const asked = await readLogoutRequest({
        binding: 'redirect',
        samlRequest: query.SAMLRequest ?? '',
        rawQuery: request.target.slice(request.target.indexOf('?') + 1),
        app: config,
        destination: [sloUrl(d.publicUrl, app.id)],
        nowMs: d.clock(),
      })
      const person = await personOf(d, request.session)
      const isOther = person !== undefined && !isCalled(person.user, app, asked.nameId)
      if (person && !isOther) await d.events.append(signedOutOfPortal(originOf(request), person.user))
      const answer = {
        responseId: newSamlId(d.random),
        issueInstantMs: d.clock(),
        issuer: entityIdOf(d.publicUrl, app.id),
        destination: config.slo_url,
        inResponseTo: asked.id,
        outcome: isOther ? ('unknown_principal' as const) : ('success' as const),
        relayState,
      }
      const redirect = logoutResponseUrl(answer, d.signingKeys[0])
      return person && !isOther ? { redirect, session: 'end' as const } : { redirect }
    },
  })

/** Service providers that sign people out. */
export const sloRoutes = (d: SloDeps): Route<PageRequest>[] => [sloByRedirect(d)]
