/** As much of the OneLogin API /1 as deleting people needs, against any address that speaks it. */
import { secondsUntil, waitMs } from './machine.ts'

export interface Person {
  id: number
  email: string
  username: string
}

/** Why the run cannot go on: nothing that the next row would change. */
export class Stopped extends Error {
  override readonly name = 'Stopped'
}

/** The server refused this one request, and would refuse it again. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

export interface Target {
  url: string
  clientId: string
  clientSecret: string
  /** Hears why it takes long. */
  onWait: (text: string) => void
}

const TIMEOUT_MS = 30_000
/** Waits between tries of a request that got no answer or one of 500 and above. */
const RETRY_MS = [200, 400, 800, 1600, 3200]
/** When a server says that there were too many requests, and not how long to wait. */
const UNTOLD_WAIT_SECONDS = 60
/** A limit by the hour is the longest there is. */
const LONGEST_WAIT_SECONDS = 3700

interface Answer {
  status: number
  json: unknown
}

/** Speaks for one API credential; a token is fetched when it is needed, and again when it has run out. */
export function openApi(target: Target) {
  let token: string | undefined

  async function authorised(method: 'GET' | 'DELETE', path: string): Promise<Answer> {
    const isFresh = token === undefined
    token ??= await accessToken(target)
    const answer = await ask(target, method, path, { authorization: `bearer:${token}` })
    if (answer.status !== 401) return answer
    if (isFresh) throw new Stopped(`The server refuses these credentials: ${messageOf(answer)}`)
    token = undefined // it may have run out: a long file takes hours
    return authorised(method, path)
  }

  async function people(path: string): Promise<Person[]> {
    const answer = await authorised('GET', path)
    if (answer.status === 404) return []
    if (answer.status !== 200) throw new Refused(answer.status, messageOf(answer))
    return peopleOf(answer)
  }

  return {
    /** Nobody or one person. */
    byId: (id: string) => people(`/api/1/users/${id}`),
    /** Everybody on the first page of what the server finds for it. */
    byName: (column: 'email' | 'username', value: string) =>
      people(`/api/1/users?${new URLSearchParams({ [column]: value }).toString()}`),
    /** Whether there was anybody to delete. */
    async remove(id: number): Promise<boolean> {
      const answer = await authorised('DELETE', `/api/1/users/${id}`)
      if (answer.status === 404) return false
      if (answer.status !== 200) throw new Refused(answer.status, messageOf(answer))
      return true
    },
  }
}

export type Api = ReturnType<typeof openApi>

async function accessToken(target: Target): Promise<string> {
  const { clientId, clientSecret } = target
  const answer = await ask(target, 'POST', '/auth/oauth2/v2/token', {
    authorization: `client_id:${clientId}, client_secret:${clientSecret}`,
    'content-type': 'application/json',
  })
  const { access_token: token } = answer.json as { access_token?: unknown }
  if (answer.status !== 200 || typeof token !== 'string') {
    throw new Stopped(`The server gives no access token for this client id and secret: ${messageOf(answer)}`)
  }
  return token
}

/** One request, and again while there is hope. All of ours may be sent twice: they ask, or delete by id. */
async function ask(
  target: Target,
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  headers: Record<string, string>,
): Promise<Answer> {
  for (let failures = 0; ;) {
    const { response, text, error } = await send(target.url + path, method, headers)
    if (response?.status === 429) {
      const seconds = waitSeconds(response.headers)
      target.onWait(`The server lets no more requests in for ${seconds} s: waiting.`)
      await waitMs(seconds * 1000)
      continue
    }
    if (response && response.status < 500) return answerOf(response, text)
    const pause = RETRY_MS[failures++]
    if (pause === undefined) {
      const why = response ? `answers ${response.status}` : `does not answer (${error})`
      throw new Stopped(`${target.url} ${why}, after ${RETRY_MS.length + 1} tries.`)
    }
    await waitMs(pause)
  }
}

async function send(url: string, method: string, headers: Record<string, string>) {
  const body = method === 'POST' ? { body: JSON.stringify({ grant_type: 'client_credentials' }) } : {}
  try {
    // A redirect is not followed: it could carry the secret elsewhere.
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const response = await fetch(url, { method, headers, redirect: 'manual', signal, ...body })
    return { response, text: await response.text(), error: '' }
  } catch (error) {
    return { response: undefined, text: '', error: reasonOf(error) }
  }
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: unknown; message?: unknown }; message: string }
  const reason = cause?.code ?? cause?.message
  return typeof reason === 'string' && reason !== '' ? reason : message
}

/** `Retry-After` in seconds or as a date, else OneLogin's own header. */
function waitSeconds(headers: Headers): number {
  const after = headers.get('retry-after')
  const told = after === null ? Number(headers.get('x-ratelimit-reset') ?? Number.NaN) : Number(after)
  const seconds = Number.isNaN(told) && after !== null ? secondsUntil(after) : told
  if (!Number.isFinite(seconds)) return UNTOLD_WAIT_SECONDS
  return Math.min(Math.max(0, Math.ceil(seconds)), LONGEST_WAIT_SECONDS)
}

function answerOf({ status, headers }: Response, text: string): Answer {
  if (status >= 300 && status < 400) {
    const to = headers.get('location') ?? 'elsewhere'
    throw new Stopped(`The server sends us to ${to}: give the address of the API itself as --url.`)
  }
  try {
    const json = JSON.parse(text) as unknown
    if (typeof json === 'object' && json !== null) return { status, json }
  } catch {
    // said below: what came was no JSON
  }
  throw new Stopped(`The server answers ${status} with something that is not the API's JSON: is --url right?`)
}

/** What the server says about it, in whichever of OneLogin's shapes. */
function messageOf({ status, json }: Answer): string {
  const { status: envelope, message } = json as { status?: { message?: unknown }; message?: unknown }
  const said = envelope?.message ?? message
  const text = typeof said === 'object' && said ? (said as { description?: unknown }).description : said
  return `${status}${typeof text === 'string' ? ` ${text}` : ''}`
}

function peopleOf({ json }: Answer): Person[] {
  const { data } = json as { data?: unknown }
  if (!Array.isArray(data)) throw new Stopped('The server answers with something that is no list of people.')
  // An empty list is an array that holds an empty array.
  return data.flat().map((entry: unknown) => {
    const { id, email, username } = (entry ?? {}) as Record<string, unknown>
    if (typeof id !== 'number') throw new Stopped('The server answers with people who have no id.')
    return { id, email: textOf(email), username: textOf(username) }
  })
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')
