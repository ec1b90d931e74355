/** AWS credentials over HTTP on this machine, as containers of ECS get them: SDKs ask again by themselves before they run out. */
import { timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AwsCredentials } from './cache.ts'
import { CliFault } from './fault.ts'
import { randomText } from './machine.ts'

export interface ContainerEndpoint {
  url: string
  /** What a client has to send as `Authorization`. */
  token: string
  close(): void
}

/** Looks this often whether new ones are due; that reads a file, no more. */
const LOOK_MS = 30_000

const same = (a: string, b: string): boolean => {
  const [x, y] = [Buffer.from(a), Buffer.from(b)]
  return x.length === y.length && timingSafeEqual(x, y)
}

/** A page that a browser shows may send requests here too, under another name or from another origin: all are refused. */
function whyRefused(
  { method, url, headers }: IncomingMessage,
  port: number,
  token: string,
): [number, string] | undefined {
  if (headers.host !== `127.0.0.1:${port}` && headers.host !== `localhost:${port}`) return [403, 'wrong host']
  if (Object.keys(headers).some((name) => name === 'origin' || name.startsWith('sec-fetch-')))
    return [403, 'no browsers']
  if (method !== 'GET') return [405, 'only GET']
  if (!same(headers.authorization ?? '', token)) return [403, 'wrong or missing authorization token']
  return url === '/' ? undefined : [404, 'nothing here']
}

const reply = (res: ServerResponse, status: number, body: object): void =>
  void res
    .writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
    .end(JSON.stringify(body))

const bodyOf = (credentials: AwsCredentials) => ({
  AccessKeyId: credentials.accessKeyId,
  SecretAccessKey: credentials.secretAccessKey,
  Token: credentials.sessionToken,
  Expiration: credentials.expiration,
  AccountId: credentials.accountId,
  RoleArn: credentials.roleArn,
})

/** Serves what `fetch` gives, from memory: SDKs wait a second at most. `fetch` is asked again in the background. */
export async function serveContainer(
  fetch: () => Promise<AwsCredentials>,
  now: () => number,
): Promise<ContainerEndpoint> {
  const token = randomText(32)
  let credentials = await fetch()
  let trouble: string | undefined
  let refreshing: Promise<void> | undefined
  const refresh = (): Promise<void> => {
    refreshing ??= fetch()
      .then(
        (fetched) => {
          credentials = fetched
          trouble = undefined
        },
        (error: unknown) =>
          void (trouble = error instanceof CliFault ? error.message : 'credentials could not be renewed'),
      )
      .finally(() => (refreshing = undefined))
    return refreshing
  }
  const isOver = () => Date.parse(credentials.expiration) <= now()
  const timer = setInterval(() => void refresh(), LOOK_MS)
  const answer = async (req: IncomingMessage, res: ServerResponse): Promise<void> => {
    const refused = whyRefused(req, (server.address() as AddressInfo).port, token)
    if (refused) return reply(res, refused[0], { code: 'AccessDenied', message: refused[1] })
    if (isOver()) await refresh() // the machine was asleep, and its timers with it
    if (!isOver()) return reply(res, 200, bodyOf(credentials))
    return reply(res, 403, { code: 'CredentialsExpired', message: trouble ?? 'the credentials have run out' })
  }
  const server = createServer((req, res) => void answer(req, res))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    token,
    close() {
      clearInterval(timer)
      server.close()
      server.closeAllConnections()
    },
  }
}
