import { Problem } from '../errors.ts'
import type { Guard, RawInput } from '../http/endpoint.ts'
import type { RateLimit } from '../http/rate-limit.ts'
import type { RequestFacts } from '../http/request.ts'
import { readBasic } from '../oauth/client-credentials.ts'
import type { Scope } from '../oauth/scope.ts'
import type { LegacyCaller } from './legacy-key.ts'

export interface KeyGuardDeps {
  findLegacyCaller(key: string): Promise<LegacyCaller | undefined>
  rateLimit: RateLimit
}

type ReadKey = (request: RequestFacts, input: RawInput) => Promise<string | undefined>

/** A text of a query or body; one that comes twice is as good as none. */
const textIn = (of: unknown, name: string): string | undefined => {
  const value =
    of !== null && typeof of === 'object' && Object.hasOwn(of, name) ? of[name as never] : undefined
  return typeof value === 'string' ? value : undefined
}

/** `Basic <key>:x`, else `api_key` in the query. */
const keyOfCall: ReadKey = async (request, { query }) =>
  readBasic(request.header('authorization')?.trim() ?? '')?.id ?? textIn(query, 'api_key')

/** The same, else `api_key` in the body. */
const keyInBody: ReadKey = async (request, input) =>
  (await keyOfCall(request, input)) ?? textIn(await input.body(), 'api_key')

/** Who calls, and that they may; each call of a known key counts toward the account's rate limit. */
async function callerOf(
  d: KeyGuardDeps,
  scopes: readonly Scope[],
  request: RequestFacts,
  key: string | undefined,
) {
  const caller = key === undefined ? undefined : await d.findLegacyCaller(key)
  if (!caller) throw new Problem('authentication_failure')
  await d.rateLimit.spend(request)
  if (!scopes.includes(caller.scope)) throw new Problem('insufficient_permission')
  return caller
}

const keyGuard =
  (read: ReadKey, where: string) =>
  (d: KeyGuardDeps, scopes: readonly Scope[]): Guard<RequestFacts, LegacyCaller> => ({
    name: `legacy key${where}: ${scopes.join(', ')}`,
    check: async (request, input) => callerOf(d, scopes, request, await read(request, input)),
  })

/** A program with an API key whose scope is one of `scopes`. */
export const legacyKey = keyGuard(keyOfCall, '')
/** The same where the key may also stand in the body. */
export const legacyKeyInBody = keyGuard(keyInBody, ' (also in the body)')

/** Where a bad key is an answer and not a refusal: then there is no caller. */
export const legacyKeyOrNone = (
  d: KeyGuardDeps,
  scopes: readonly Scope[],
): Guard<RequestFacts, LegacyCaller | undefined> => ({
  name: `legacy key or none: ${scopes.join(', ')}`,
  check: async (request, input) => {
    const key = await keyInBody(request, input)
    return callerOf(d, scopes, request, key).catch((error: unknown) => {
      if (
        error instanceof Problem &&
        ['authentication_failure', 'insufficient_permission'].includes(error.code)
      )
        return undefined
      throw error
    })
  },
})
