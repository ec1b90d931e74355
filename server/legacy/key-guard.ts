import { Problem, type ProblemCode } from '../errors.ts'
import type { Guard, RawInput } from '../http/endpoint.ts'
import { program, type ProgramDeps } from '../http/guards.ts'
import type { RequestFacts } from '../http/request.ts'
import { readBasic } from '../oauth/client-credentials.ts'
import type { Scope } from '../oauth/scope.ts'
import type { LegacyCaller } from './legacy-key.ts'

export interface KeyGuardDeps extends ProgramDeps {
  findLegacyCaller(key: string): Promise<LegacyCaller | undefined>
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

const keyGuard =
  (read: ReadKey, kind: string) =>
  (d: KeyGuardDeps, scopes: readonly Scope[]): Guard<RequestFacts, LegacyCaller> =>
    program(d, kind, scopes, async (request, input) => {
      const key = await read(request, input)
      const caller = key === undefined ? undefined : await d.findLegacyCaller(key)
      if (!caller) throw new Problem('authentication_failure')
      return caller
    })

/** A program with an API key. */
export const legacyKey = keyGuard(keyOfCall, 'legacy key')
/** The same where the key may also stand in the body. */
export const legacyKeyInBody = keyGuard(keyInBody, 'legacy key, also in the body')

const NO_CALLER: readonly ProblemCode[] = ['authentication_failure', 'insufficient_permission']

/** Where a bad key is an answer and not a refusal: then there is no caller. */
export function legacyKeyOrNone(
  d: KeyGuardDeps,
  scopes: readonly Scope[],
): Guard<RequestFacts, LegacyCaller | undefined> {
  const guard = legacyKeyInBody(d, scopes)
  return {
    name: `${guard.name}, or none`,
    check: (request, input) =>
      guard.check(request, input).catch((error: unknown) => {
        if (error instanceof Problem && NO_CALLER.includes(error.code)) return undefined
        throw error
      }),
  }
}
