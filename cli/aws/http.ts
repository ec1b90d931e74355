/** HTTP as laptops need it: behind proxies, with the company's own certificate authority, and with errors that say what to do. */
import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { EnvHttpProxyAgent, getGlobalDispatcher, request, setGlobalDispatcher } from 'undici'
import { CliFault } from './fault.ts'
import { environment, waitMs } from './machine.ts'

export interface HttpRequest {
  method: 'GET' | 'POST' | 'DELETE'
  headers?: Record<string, string>
  body?: string
  /** Whether it may be sent again when nothing, or 5xx, came back. */
  repeatable?: boolean
  timeoutMs?: number
}

export interface HttpReply {
  status: number
  headers: Record<string, string | string[] | undefined>
  text: string
}

export const USER_AGENT = 'doorward-aws'
const TIMEOUT_MS = 20_000
const CONNECT_MS = 10_000
/** Between the tries of what may be sent again. */
const PAUSES_MS = [200, 800]

function authorities(): string[] | undefined {
  const path = environment().AWS_CA_BUNDLE
  if (!path) return undefined
  try {
    return [...rootCertificates, readFileSync(path, 'utf8')]
  } catch (cause) {
    throw new CliFault('usage', `AWS_CA_BUNDLE: ${(cause as Error).message}`)
  }
}

/** Once for the whole command: connections stay open, and HTTPS_PROXY, HTTP_PROXY and NO_PROXY are read. @throws CliFault */
export function openNetwork(): void {
  const ca = authorities()
  const tls = { timeout: CONNECT_MS, ...(ca && { ca }) }
  setGlobalDispatcher(new EnvHttpProxyAgent({ connect: tls, requestTls: tls, proxyTls: tls }))
}

/** Lets the process end: open connections would keep it. */
export const closeNetwork = (): Promise<void> => getGlobalDispatcher().destroy()

const TLS_CODES = /CERT|SELF_SIGNED|UNABLE_TO_(VERIFY|GET_ISSUER)|SSL|TLS/
const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
])

/** What is wrong with the network, in one line. */
function networkFault(url: string, error: unknown): CliFault {
  const { host } = new URL(url)
  const { code = '', message = '', cause } = error as { code?: string; message?: string; cause?: unknown }
  const inner = cause as { code?: string; message?: string } | undefined
  const all = `${code} ${message} ${inner?.code ?? ''} ${inner?.message ?? ''}`
  const say = (what: string) => new CliFault('network', `${host}: ${what}`)
  if (all.includes('407')) return say('the proxy wants a name and password (407); put them into HTTPS_PROXY')
  if (/Proxy response|HTTP Tunneling/i.test(all)) return say(`the proxy does not lead there (${message})`)
  if (/ENOTFOUND|EAI_AGAIN/.test(all)) return say('no such host; check the address, the network and the VPN')
  if (all.includes('ECONNREFUSED')) return say('nothing answers there')
  if (TLS_CODES.test(all))
    return say(
      `its certificate is not trusted (${inner?.code ?? (code || message)}); for a company's own authority set AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS`,
    )
  if (TIMEOUTS.has(code) || TIMEOUTS.has(inner?.code ?? '')) return say('no answer in time')
  return say(`the connection failed (${inner?.code ?? (code || message)})`)
}

async function once(url: string, wish: HttpRequest): Promise<HttpReply> {
  const { method, headers = {}, body, timeoutMs = TIMEOUT_MS } = wish
  const reply = await request(url, {
    method,
    headers: { 'user-agent': USER_AGENT, ...headers },
    ...(body !== undefined && { body }),
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
  })
  return { status: reply.statusCode, headers: reply.headers, text: await reply.body.text() }
}

/** Sends a request; `make` builds it anew for every try. @throws CliFault `network` */
export async function send(url: string, make: () => Promise<HttpRequest> | HttpRequest): Promise<HttpReply> {
  for (let tries = 0; ; tries++) {
    const wish = await make()
    const pause = wish.repeatable ? PAUSES_MS[tries] : undefined
    try {
      const reply = await once(url, wish)
      if (reply.status < 500 || pause === undefined) return reply
    } catch (error) {
      if (error instanceof CliFault) throw error
      const fault = networkFault(url, error)
      if (pause === undefined || /certificate|no such host|proxy/.test(fault.message)) throw fault
    }
    await waitMs(pause)
  }
}

/** What a reply says as JSON. @throws CliFault when it is a web page, as proxies and portals answer */
export function jsonOf(url: string, { text, status }: HttpReply): Record<string, unknown> {
  try {
    const value = JSON.parse(text) as unknown
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>
  } catch {
    // told below
  }
  const what = /^\s*</.test(text) ? 'a web page' : 'something that is no JSON'
  throw new CliFault(
    'network',
    `${new URL(url).host}: answered with ${what} (${status}); is a proxy in between, or the address wrong?`,
  )
}

export const headerOf = ({ headers }: HttpReply, name: string): string | undefined => {
  const value = headers[name]
  return Array.isArray(value) ? value[0] : value
}
