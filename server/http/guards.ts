import { Problem } from '../errors.ts'
import type { EventStore } from '../events/event-store.ts'
import { apiBadRequest, apiUnauthorized } from '../events/events.ts'
import { READ_SCOPES, SIGN_IN_SCOPES, type Scope } from '../oauth/scope.ts'
import type { Bearer } from '../oauth/token-store.ts'
import { refusalText, statusOf } from './api-wire.ts'
import type { Guard } from './endpoint.ts'
import type { RateLimit } from './rate-limit.ts'
import { originOf, type RequestFacts } from './request.ts'

/** Anybody may call; whatever proves more comes in the input. Must be said, so that nothing is open by accident. */
export const open: Guard<RequestFacts, undefined> = { name: 'open', check: async () => undefined }

/** `bearer:<t>`, `bearer: <t>`, `bearer <t>` in any case: all are in use. */
export function bearerToken(authorization: string | undefined): string {
  const token = /^bearer(?:\s*:\s*|\s+)([^\s,]{1,512})$/i.exec(authorization?.trim() ?? '')?.[1]
  if (token === undefined) throw new Problem('authorization_malformed')
  return token
}

export interface BearerDeps {
  findBearer(accessToken: string): Promise<Bearer>
  rateLimit: RateLimit
  events: Pick<EventStore, 'append'>
}

/**
 * A program with an access token whose credential has one of `scopes`; counts toward the account's rate limit. What it may
 * not do, and what it says wrongly, becomes an event; what a stranger sends does not, or anybody could fill the disk.
 */
export function bearer(d: BearerDeps, scopes: readonly Scope[]): Guard<RequestFacts, Bearer> {
  return {
    name: `bearer: ${scopes.join(', ')}`,
    scopes,
    refusals: [
      'authorization_malformed',
      'authentication_failure',
      'insufficient_permission',
      'rate_limited',
    ],
    async check(request) {
      const caller = await d.findBearer(bearerToken(request.header('authorization')))
      await d.rateLimit.spend(request)
      if (scopes.includes(caller.scope)) return caller
      const problem = new Problem('insufficient_permission')
      await d.events.append(apiUnauthorized(originOf(request, caller.clientId), refusalText(problem)))
      throw problem
    },
    async refused(error, { caller, request }) {
      const noted = NOTED[statusOf(error)]
      if (noted) await d.events.append(noted(originOf(request, caller.clientId), refusalText(error)))
    },
  }
}

/** A wrong password or code is a 401 too, with an event of its own. */
const NOTED: Partial<Record<number, typeof apiBadRequest>> = { 400: apiBadRequest, 403: apiUnauthorized }

/** May sign people in. */
export const mayAuthenticate = (d: BearerDeps) => bearer(d, SIGN_IN_SCOPES)
/** May read about the account. */
export const mayRead = (d: BearerDeps) => bearer(d, READ_SCOPES)
