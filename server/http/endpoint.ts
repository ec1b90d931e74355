import { z } from 'zod'
import { Problem, type ProblemCode } from '../errors.ts'
import { isStorable } from './api-input.ts'
import type { OperationDoc } from './operation.ts'
import type { Reply } from './reply.ts'
import type { RequestFacts } from './request.ts'

/** What came in, not yet checked. The parts are never merged: one cannot stand in for another. */
export interface RawInput {
  params: unknown
  query: unknown
  /** Parsed when asked for, so that who calls is settled before what they say is read. */
  body(): Promise<unknown>
}

/** Who may call. Refuses by throwing a Problem, else tells who it is. */
export interface Guard<Facts, Caller> {
  name: string
  /** The scopes of which an API credential needs one. */
  scopes?: readonly string[]
  /** What the privileges of its owner have to allow, where they bound it. */
  action?: string
  /** What it refuses, for the API's document. */
  refusals?: readonly ProblemCode[]
  check(request: Facts, input: RawInput): Promise<Caller>
  /** Called when somebody passed and was refused later, before the refusal is answered. */
  refused?(error: unknown, call: { caller: Caller; request: Facts; raw: RawInput }): Promise<void>
}

export type Method = 'get' | 'post' | 'put' | 'delete' | 'options'

/** What an endpoint takes, part by part. */
export interface Input<Params = unknown, Query = unknown, Body = unknown> {
  params?: z.ZodType<Params>
  query?: z.ZodType<Query>
  body?: z.ZodType<Body>
}

/** One door: where it is, who may pass, what it takes and what it does. A route without a guard does not compile. */
export interface Endpoint<Facts extends RequestFacts, Caller, Params, Query, Body> {
  method: Method
  /** One path, or several spellings of it. */
  path: string | string[]
  guard: Guard<Facts, Caller>
  input?: Input<Params, Query, Body>
  /** `list`: the body is a JSON array; without it, it is an object. */
  takes?: 'list'
  /**
   * Which secret of the browser a form has to know, on pages only. Without it the session's, while there is one.
   * `browser`: the one from before sign-in, so that a second tab can finish after the first.
   * `none`: something else than a cookie proves the caller, so a foreign form gains nothing.
   */
  csrf?: 'browser' | 'none'
  handle(
    input: { params: Params; query: Query; body: Body },
    call: { caller: Caller; request: Facts },
  ): Promise<Reply>
}

/** An endpoint as the surfaces mount it: data about the door, and one way to go through it. */
export interface Route<Facts extends RequestFacts, Doc = OperationDoc | undefined> {
  method: Method
  paths: string[]
  guard: Pick<Guard<Facts, unknown>, 'name' | 'scopes' | 'action' | 'refusals'>
  input: Input
  /** What the API's document says of it; pages have none. */
  doc: Doc
  csrf: 'session' | 'browser' | 'none'
  run(request: Facts, input: RawInput): Promise<Reply>
}

/** A route of the API. One that says nothing of itself does not compile. */
export type ApiRoute = Route<RequestFacts, OperationDoc>

/** Turns an endpoint into a route. */
export function endpoint<
  Facts extends RequestFacts,
  Caller,
  Params = unknown,
  Query = unknown,
  Body = unknown,
  Doc extends OperationDoc | undefined = undefined,
>(e: Endpoint<Facts, Caller, Params, Query, Body> & { doc?: Doc }): Route<Facts, Doc> {
  return {
    method: e.method,
    paths: [e.path].flat(),
    guard: e.guard,
    input: e.input ?? {},
    doc: e.doc as Doc, // `undefined` where it is left out, and then that is its type
    csrf: e.csrf ?? 'session',
    async run(request, raw) {
      const caller = await e.guard.check(request, raw)
      try {
        return await e.handle(await inputOf(e, raw), { caller, request })
      } catch (error) {
        await e.guard.refused?.(error, { caller, request, raw })
        throw error
      }
    },
  }
}

type Inputs<Params, Query, Body> = Pick<
  Endpoint<RequestFacts, unknown, Params, Query, Body>,
  'input' | 'takes'
>

async function inputOf<Params, Query, Body>(e: Inputs<Params, Query, Body>, raw: RawInput) {
  refuseUnstorable(raw.params)
  const params = checked(e.input?.params, raw.params)
  const query = checked(e.input?.query, raw.query)
  const body = e.input?.body ? checked(e.input.body, await bodyOf(e, raw)) : (undefined as Body)
  return { params, query, body }
}

/** The body in the shape that the endpoint takes. @throws Problem `invalid_json` */
async function bodyOf({ takes }: { takes?: 'list' }, raw: RawInput): Promise<unknown> {
  const body = await raw.body()
  if (Array.isArray(body) !== (takes === 'list')) throw new Problem('invalid_json')
  return body
}

/** No id of ours has such characters, and a database may stumble over them. */
function refuseUnstorable(params: unknown): void {
  for (const [name, value] of Object.entries(params ?? {})) {
    if (typeof value === 'string' && !isStorable(value)) {
      throw new Problem('invalid_request', { fields: { [name]: `${name.toUpperCase()} is incorrect` } })
    }
  }
}

function checked<T>(schema: z.ZodType<T> | undefined, value: unknown): T {
  if (!schema) return undefined as T
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const [first] = parsed.error.issues
  const name = first?.path.join('.') ?? ''
  const plain = first?.code === 'custom' && first.params?.plain === true
  throw new Problem(
    'invalid_request',
    plain ? { message: first.message } : { fields: { [name]: first?.message ?? '' } },
  )
}
