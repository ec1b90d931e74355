import { Cluster, Redis, type RedisOptions } from 'ioredis'

interface Address {
  host: string
  port: number
}

/** What a `REDIS_URL` says, with its percent-encoding undone. */
export type RedisTarget = { password?: string; username?: string } & (
  | ({ mode: 'single'; tls: boolean; db: number } & Address)
  | { mode: 'sentinel'; sentinels: Address[]; master: string; db: number }
  | { mode: 'cluster'; nodes: Address[] }
)

const FORMS =
  'redis[s]://[[user]:password@]host[:port][/db], redis+sentinel://[[user]:password@]host:port,…/master[/db] ' +
  'or redis+cluster://[[user]:password@]host:port,…'

const URL_PARTS = /^(rediss?|redis\+sentinel|redis\+cluster):\/\/(?:([^/]*)@)?([^/@?#]+)(\/[^?#]*)?$/

/** Reads a Redis address. The error names the forms that are understood and never the address, which may hold a password. */
export function parseRedisUrl(url: string): RedisTarget {
  const [, scheme, login, hosts = '', path = ''] = URL_PARTS.exec(url) ?? []
  const [first = '', second = '', ...rest] = path.split('/').slice(1).map(decoded)
  const credentials = parseLogin(login)
  if (scheme === 'redis+sentinel' && first !== '' && rest.length === 0) {
    return {
      mode: 'sentinel',
      sentinels: parseHosts(hosts, 26379),
      master: first,
      db: parseDb(second),
      ...credentials,
    }
  }
  if (scheme === 'redis+cluster' && first === '' && second === '') {
    return { mode: 'cluster', nodes: parseHosts(hosts, 6379), ...credentials }
  }
  if ((scheme === 'redis' || scheme === 'rediss') && second === '' && !hosts.includes(',')) {
    const [address] = parseHosts(hosts, 6379)
    return { mode: 'single', tls: scheme === 'rediss', db: parseDb(first), ...address!, ...credentials }
  }
  throw notUnderstood()
}

const notUnderstood = () => new Error(`the address of Redis must be ${FORMS}`)

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw notUnderstood()
  }
}

function parseLogin(login: string | undefined): { username?: string; password?: string } {
  if (login === undefined) return {}
  const colon = login.indexOf(':')
  const username = decoded(colon < 0 ? login : login.slice(0, colon))
  const password = colon < 0 ? '' : decoded(login.slice(colon + 1))
  return { ...(username && { username }), ...(password && { password }) }
}

function parseHosts(hosts: string, defaultPort: number): Address[] {
  return hosts.split(',').map((text) => {
    const [, ip6, name, port] = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(text) ?? []
    const address = { host: ip6 ?? name ?? '', port: port === undefined ? defaultPort : Number(port) }
    if (address.host === '' || address.port < 1 || address.port > 65535) throw notUnderstood()
    return address
  })
}

function parseDb(text: string): number {
  if (!/^\d{0,6}$/.test(text)) throw notUnderstood()
  return Number(text)
}

/** Long enough for a slow disk, short enough that a person sees a 503 and not a spinning page. */
const COMMAND_TIMEOUT_MS = 2000

const backoff = (times: number): number => Math.min(50 * 2 ** Math.min(times, 10), 2000)

/**
 * A command that was sent and not answered may have run, so none is ever sent again: a second GETDEL would answer
 * "not there" for a value that the first one had taken.
 */
const ONE_TRY = { autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0 } satisfies RedisOptions

const CONNECTION = {
  ...ONE_TRY,
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: 3000,
  socketTimeout: 5000, // a connection that swallows commands is given up, not kept until TCP notices
} satisfies RedisOptions

const QUICK = {
  ...CONNECTION,
  enableOfflineQueue: false,
  retryStrategy: backoff,
  reconnectOnError: (error) => error.message.includes('READONLY'), // after a failover this is no longer the master
} satisfies RedisOptions

/**
 * A connection that is tried for ever, also when nobody answers at the start, and whose commands meanwhile fail at once.
 * `onError` hears of every trouble on the way; nothing it gets holds a command's arguments.
 */
export function connectRedis(url: string, d: { onError: (error: Error) => void }): Redis | Cluster {
  const target = parseRedisUrl(url)
  const tell = (error: unknown) => d.onError(withoutArguments(error))
  if (target.mode === 'cluster') return connectCluster(target, tell)
  const redis = new Redis(target.mode === 'sentinel' ? sentinelOptions(target) : singleOptions(target))
  redis.on('error', (error: unknown) => {
    tell(error)
    if (isRefusedSelect(error)) redis.disconnect(true) // ioredis would go on in database 0
  })
  return redis
}

/**
 * Once the first try to connect has succeeded or failed, which takes seconds where nobody answers. Who goes on before is
 * refused what a moment later works.
 */
export const firstTry = (redis: Redis | Cluster): Promise<void> =>
  new Promise((resolve) => {
    for (const event of ['ready', 'error', 'close', 'end']) redis.once(event, () => resolve())
  })

const credentials = ({ username, password }: RedisTarget) => ({
  ...(username !== undefined && { username }),
  ...(password !== undefined && { password }),
})

const singleOptions = (target: RedisTarget & { mode: 'single' }) => ({
  ...QUICK,
  ...credentials(target),
  host: target.host,
  port: target.port,
  db: target.db,
  ...(target.tls && { tls: {} }), // Node then checks the certificate against `host`
})

const sentinelOptions = (target: RedisTarget & { mode: 'sentinel' }) => ({
  ...QUICK,
  ...credentials(target),
  db: target.db,
  sentinels: target.sentinels,
  name: target.master,
  // A Sentinel without a password takes any; a user name is one of the data nodes only.
  ...(target.password !== undefined &&
    target.username === undefined && { sentinelPassword: target.password }),
  sentinelCommandTimeout: COMMAND_TIMEOUT_MS,
  sentinelRetryStrategy: backoff,
  sentinelReconnectStrategy: backoff,
  failoverDetector: true,
})

function connectCluster(target: RedisTarget & { mode: 'cluster' }, tell: (error: unknown) => void): Cluster {
  const cluster = new Cluster(target.nodes, {
    enableOfflineQueue: false,
    clusterRetryStrategy: backoff,
    retryDelayOnFailover: 0, // it would send an unanswered command again, see ONE_TRY
    slotsRefreshInterval: 2000,
    redisOptions: { ...CONNECTION, ...credentials(target) },
  })
  cluster.on('error', tell)
  cluster.on('node error', tell)
  return cluster
}

const isRefusedSelect = (error: unknown): boolean =>
  error instanceof Error && (error as { command?: { name?: string } }).command?.name === 'select'

/** The same error without the command that ioredis hangs on it: its arguments are passwords, ids and values. */
export function withoutArguments(error: unknown): Error {
  if (!(error instanceof Error)) return new Error('unknown failure')
  const { code } = error as { code?: unknown }
  const text = error.message || (typeof code === 'string' ? code : 'no message')
  return new Error(`${error.name}: ${text}`)
}

/** Says goodbye when somebody listens, and in any case ends every socket and timer. Never throws. */
export async function closeRedis(redis: Redis | Cluster): Promise<void> {
  await redis.quit().catch(() => undefined)
  redis.disconnect()
}
