import { Problem } from '../errors.ts'
import { READ_SCOPES, SIGN_IN_SCOPES, type Scope } from '../oauth/scope.ts'
import type { Bearer } from '../oauth/token-store.ts'
import type { Guard } from './endpoint.ts'
import type { RateLimit } from './rate-limit.ts'
import type { RequestFacts } from './request.ts'

/** Anybody may call; whatever proves more comes in the input. Must be said, so that nothing is open by accident. */
export const open: Guard<RequestFacts, undefined> = { name: 'open', check: async () => undefined }

/** `bearer:<t>`, `bearer: <t>`, `bearer <t>` in any case: all are in use. */
export function bearerToken(authorization: string | undefined): string {
  const token = /^bearer(?:\s*:\s*|\s+)([^\s,]{1,512})$/i.exec(authorization?.trim() ?? '')?.[1]
  if (token === undefined) throw new Problem('authorization_malformed')
  return token
}

interface BearerDeps {
  findBearer(accessToken: string): Promise<Bearer>
  rateLimit: RateLimit
}

/** A program with an access token whose credential has one of `scopes`; counts toward the account's rate limit. */
export function bearer(d: BearerDeps, scopes: readonly Scope[]): Guard<RequestFacts, Bearer> {
  return {
    name: `bearer: ${scopes.join(', ')}`,
    async check(request) {
      const caller = await d.findBearer(bearerToken(request.header('authorization')))
      await d.rateLimit.spend(request)
      if (!scopes.includes(caller.scope)) throw new Problem('insufficient_permission')
      return caller
    },
  }
}

/** May sign people in. */
export const mayAuthenticate = (d: BearerDeps) => bearer(d, SIGN_IN_SCOPES)
/** May read about the account. */
export const mayRead = (d: BearerDeps) => bearer(d, READ_SCOPES)
