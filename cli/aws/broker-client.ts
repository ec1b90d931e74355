/** What Doorward answers a command line: tokens by OAuth, and what these open, each request with a proof of its own. */
import { CliFault } from './fault.ts'
import { paths, readJson, writeIfPossible } from './home.ts'
import { headerOf, jsonOf, send, type HttpReply, type HttpRequest } from './http.ts'
import { proofFor, type ProofKey } from './dpop.ts'
import { localNow } from './machine.ts'

export const CLIENT_ID = 'doorward-cli'

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/** A refusal as OAuth names it. */
export class BrokerRefusal extends Error {
  override readonly name = 'BrokerRefusal'
  readonly status: number
  readonly error: string
  readonly requestId: string
  readonly body: Record<string, unknown>

  constructor(status: number, body: Record<string, unknown>) {
    super(textOf(body.error_description) || textOf(body.error) || `status ${status}`)
    this.status = status
    this.error = textOf(body.error)
    this.requestId = textOf(body.request_id)
    this.body = body
  }
}

interface KeptClock {
  nonce: string
  offsetMs: number
}

/** By which the server is told from ours: its nonces carry its time. */
const NONCE_GOOD_MS = 4 * 60_000 + 30_000

export type Call = (
  method: 'GET' | 'POST' | 'DELETE',
  path: string,
  token: string,
  body?: object,
) => Promise<Record<string, unknown>>

export interface BrokerClient {
  /** A form to an OAuth endpoint. @throws BrokerRefusal, CliFault */
  oauth(path: string, fields: Record<string, string>, repeatable?: boolean): Promise<Record<string, unknown>>
  /** A call with an access token. @throws BrokerRefusal, CliFault */
  call: Call
  /** By how much the server's clock is ahead, ms. */
  offsetMs(): number
}

const timeOf = (nonce: string): number => Number.parseInt(nonce.split('.', 1)[0]!, 36)

/** @param session names where nonce and clock are remembered */
export function brokerClient(server: string, session: string, key: ProofKey): BrokerClient {
  let clock = readJson(paths.clock(session)) as KeptClock | undefined
  const now = () => localNow() + (clock?.offsetMs ?? 0)
  const freshNonce = () => (clock && now() - timeOf(clock.nonce) < NONCE_GOOD_MS ? clock.nonce : undefined)

  const learn = (reply: HttpReply): void => {
    const nonce = headerOf(reply, 'dpop-nonce')
    const time = nonce === undefined ? Number.NaN : timeOf(nonce)
    if (nonce === undefined || !Number.isFinite(time)) return
    clock = { nonce, offsetMs: time - localNow() }
    writeIfPossible(paths.clock(session), clock)
  }

  async function asked(
    path: string,
    make: (proof: string) => HttpRequest,
    method: string,
    accessToken?: string,
  ) {
    const url = server + path
    const attempt = async (): Promise<HttpReply> => {
      const reply = await send(url, async () =>
        make(
          await proofFor(key, {
            method,
            url,
            iat: Math.floor(now() / 1000),
            nonce: freshNonce(),
            accessToken,
          }),
        ),
      )
      learn(reply)
      return reply
    }
    const first = await attempt()
    const isToRepeat = first.status >= 400 && jsonOf(url, first).error === 'use_dpop_nonce'
    const reply = isToRepeat ? await attempt() : first
    const body = jsonOf(url, reply)
    if (reply.status >= 400) throw new BrokerRefusal(reply.status, body)
    return body
  }

  return {
    offsetMs: () => clock?.offsetMs ?? 0,
    oauth: (path, fields, repeatable = true) =>
      asked(
        path,
        (dpop) => ({
          method: 'POST',
          headers: { dpop, 'content-type': 'application/x-www-form-urlencoded' },
          body: new URLSearchParams({ client_id: CLIENT_ID, ...fields }).toString(),
          repeatable,
        }),
        'POST',
      ),
    call: (method, path, token, body) =>
      asked(
        path,
        (dpop) => ({
          method,
          headers: {
            dpop,
            authorization: `DPoP ${token}`,
            ...(body && { 'content-type': 'application/json' }),
          },
          ...(body && { body: JSON.stringify(body) }),
          repeatable: true,
        }),
        method,
        token,
      ),
  }
}

/** A server as it was typed: an origin, by https unless it is this machine. @throws CliFault */
export function serverOrigin(typed: string): string {
  const text = /^https?:\/\//i.test(typed) ? typed : `https://${typed}`
  if (!URL.canParse(text)) throw new CliFault('usage', `${typed} is no address`)
  const { origin, protocol, hostname, username } = new URL(text)
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(hostname)
  if (username !== '') throw new CliFault('usage', 'the address must not have a name or password in it')
  if (protocol !== 'https:' && !isHere) throw new CliFault('usage', `${origin} must be https`)
  return origin
}

/** What this command needs of RFC 8414's metadata. */
export interface Metadata {
  issuer: string
  authorizationEndpoint: string
  offersDeviceCode: boolean
}

/** What the server says of itself, under its own name. @throws CliFault */
export async function readMetadata(server: string): Promise<Metadata> {
  const url = `${server}/.well-known/oauth-authorization-server`
  const reply = await send(url, () => ({ method: 'GET', repeatable: true }))
  if (reply.status === 404) throw new CliFault('usage', `${server} is no Doorward, or an old one`)
  const body = jsonOf(url, reply)
  const metadata: Metadata = {
    issuer: textOf(body.issuer),
    authorizationEndpoint: textOf(body.authorization_endpoint),
    offersDeviceCode: body.device_authorization_endpoint !== undefined,
  }
  if (metadata.issuer !== server)
    throw new CliFault('usage', `the server there calls itself ${metadata.issuer}; use that address`)
  return metadata
}
