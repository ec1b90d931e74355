import type { EventDraft, Origin } from '../events/event-store.ts'
import { pathId } from '../http/api-input.ts'
import { refusalText, statusOf } from '../http/api-wire.ts'
import type { Guard, RawInput } from '../http/endpoint.ts'
import { bearer, type BearerDeps } from '../http/guards.ts'
import { originOf, type RequestFacts } from '../http/request.ts'
import type { Scope } from '../oauth/scope.ts'
import type { Bearer } from '../oauth/token-store.ts'
import { beyondPrivileges, reachOfCaller, type DelegationDeps } from './delegation.ts'
import { covers, coversSomething, type Action, type ActionTarget, type Reach } from './privileges.ts'
import type { User } from './user.ts'

export type AdministratorDeps = BearerDeps & DelegationDeps

/** A program that administers, with all that it may do this to. */
export interface Administrator extends Bearer {
  reach: Reach
}

/** The event of something that was tried and refused. */
export type FailureEvent = (origin: Origin, user: User | undefined, error: string) => EventDraft

const isOnPeople = (action: Action): boolean => action.startsWith('users:')
const personId = pathId()

/** The person in a path; `undefined` when it names none, or in a way that the route will refuse. */
async function personIn(
  d: DelegationDeps,
  id: unknown,
): Promise<(ActionTarget & { user?: User }) | undefined> {
  const parsed = personId.safeParse(id)
  if (!parsed.success) return undefined
  const user = await d.users.find(parsed.data)
  return user ? { id: user.id, roleIds: user.roleIds, user } : { id: parsed.data }
}

const idIn = ({ params }: RawInput): unknown => (params as { id?: unknown }).id

interface Refinements {
  /** The event of a call that is refused. */
  failed?: FailureEvent
  /** A reach of any size will do: the path names nothing that the action is about. */
  anyReach?: true
}

const TOLD_AS_FAILURE: ReadonlySet<number> = new Set([400, 403, 404, 422])

/** Whether a refusal to a caller whose scope is right is worth an event of its own. */
export const isFailure = (error: unknown): boolean => TOLD_AS_FAILURE.has(statusOf(error))

/**
 * A program that may do this by its scope and, when it has an owner, by their privileges: to what the path's `id` names.
 * A list needs a reach of any size, and shows no more than that; what names nothing is about everything.
 */
export function administrator(
  d: AdministratorDeps,
  scopes: readonly Scope[],
  action: Action,
  { failed, anyReach = action.endsWith(':List') || undefined }: Refinements = {},
): Guard<RequestFacts, Administrator> {
  const program = bearer(d, scopes)

  async function noteFailure(error: unknown, caller: Bearer, request: RequestFacts, raw: RawInput) {
    if (!failed) return program.refused?.(error, { caller, request, raw })
    if (!isFailure(error)) return
    const target = isOnPeople(action) ? await personIn(d, idIn(raw)) : undefined
    await d.events.append(failed(originOf(request, caller.clientId), target?.user, refusalText(error)))
  }

  async function isCovered(reach: Reach, raw: RawInput): Promise<boolean> {
    if (reach === 'everything') return true
    if (anyReach) return coversSomething(reach)
    const id = idIn(raw)
    if (isOnPeople(action)) return covers(reach, await personIn(d, id))
    return covers(reach, typeof id === 'string' ? { id } : undefined)
  }

  return {
    ...program,
    action,
    refusals: [...(program.refusals ?? []), 'beyond_privileges'],
    async check(request, raw) {
      const caller = await program.check(request, raw)
      const reach = await reachOfCaller(d, caller, action)
      if (!(await isCovered(reach, raw))) {
        const problem = beyondPrivileges(action)
        await noteFailure(problem, caller, request, raw)
        throw problem
      }
      return { ...caller, reach }
    },
    refused: (error, { caller, request, raw }) => noteFailure(error, caller, request, raw),
  }
}
