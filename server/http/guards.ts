import { Problem } from '../errors.ts'
import type { EventStore } from '../events/event-store.ts'
import { apiBadRequest, apiUnauthorized } from '../events/events.ts'
import { READ_SCOPES, SIGN_IN_SCOPES, type Scope } from '../oauth/scope.ts'
import type { Bearer } from '../oauth/token-store.ts'
import { refusalText, statusOf } from './api-wire.ts'
import type { Guard, RawInput } from './endpoint.ts'
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

/** What every guard of a program needs. */
export interface ProgramDeps {
  rateLimit: RateLimit
  events: Pick<EventStore, 'append'>
}

export interface BearerDeps extends ProgramDeps {
  findBearer(accessToken: string): Promise<Bearer>
}

/**
 * A program that `identify` knows, or refuses, and whose credential has one of `scopes`; counts toward the account's rate
 * limit. What it may not do, and what it says wrongly, becomes an event; what a stranger sends does not, or anybody could
 * fill the disk.
 */
export function program<Caller extends Pick<Bearer, 'clientId' | 'scope'>>(
  d: ProgramDeps,
  kind: string,
  scopes: readonly Scope[],
  identify: (request: RequestFacts, raw: RawInput) => Promise<Caller>,
): Guard<RequestFacts, Caller> {
  return {
    name: `${kind}: ${scopes.join(', ')}`,
    scopes,
    refusals: ['authentication_failure', 'insufficient_permission', 'rate_limited'],
    async check(request, raw) {
      const caller = await identify(request, raw)
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

/** A program with an access token. */
export function bearer(d: BearerDeps, scopes: readonly Scope[]): Guard<RequestFacts, Bearer> {
  const guard = program(d, 'bearer', scopes, (request) =>
    d.findBearer(bearerToken(request.header('authorization'))),
  )
  return { ...guard, refusals: ['authorization_malformed', ...(guard.refusals ?? [])] }
}

/** A wrong password or code is a 401 too, with an event of its own. */
const NOTED: Partial<Record<number, typeof apiBadRequest>> = { 400: apiBadRequest, 403: apiUnauthorized }

/** May sign people in. */
export const mayAuthenticate = (d: BearerDeps) => bearer(d, SIGN_IN_SCOPES)
/** May read about the account. */
export const mayRead = (d: BearerDeps) => bearer(d, READ_SCOPES)
