import { fork } from 'node:child_process'
import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { loadConfig } from '../../server/config.ts'
import { openDirectory } from '../../server/context.ts'
import { importDirectory } from '../../server/directory/import-document.ts'
import { freePort, startProcess, until } from '../support/server-process.ts'
import { startRedis, type RedisServer } from '../support/redis.ts'
import { benchCompany, CLIENT } from './company.ts'
import type { RawOrder } from './raw.ts'

/** The checkout; we run as `dist/tools/test/bench/*.js`. */
const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
export const COMMAND = join(ROOT, 'cli/doorward.js')
/** As `npm start` has it. */
const SERVE_OPTIONS = ['--max-semi-space-size=4']
export const MASTER_KEY = Buffer.alloc(32, 1).toString('base64')
export const PUBLIC_HOST = 'login.bench.test'

/** As a proxy in front of it sends them. */
export const PROXIED = {
  host: PUBLIC_HOST,
  'x-forwarded-for': '192.0.2.7',
  'x-forwarded-proto': 'https',
  'user-agent': 'doorward-bench',
}

/** The built server in a process of its own, with the settings of production. */
export interface Doorward {
  url: string
  /** Milliseconds from the start of the process to its first page. */
  startedMs: number
  /** An access token that may sign people in. */
  token(): Promise<string>
  /** Resident memory now, MB. */
  residentMb(): Promise<number>
  /** Processor time, all threads, from some moment on: only differences mean something. */
  cpuSeconds(): Promise<number>
  stop(): Promise<void>
}

/** What every part of the bench shares: a Redis of its own and a directory that was filled once. */
export interface House {
  redis: RedisServer
  /** For what parts keep; it goes with the house. */
  folder: string
  start(options?: { database?: number; nodeOptions?: string[] }): Promise<Doorward>
  close(): Promise<void>
}

export async function openHouse(): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'doorward-bench-'))
  const filled = join(folder, 'filled')
  const directory = await openDirectory(loadConfig({ DATA_DIR: filled, MASTER_KEY }))
  await importDirectory(directory, await benchCompany())
  await directory.db.destroy()
  const redis = await startRedis()
  let started = 0
  return {
    redis,
    folder,
    async start({ nodeOptions = [] } = {}) {
      const data = join(folder, String(++started))
      await cp(filled, data, { recursive: true })
      return startDoorward(data, `${redis.url}/${started}`, nodeOptions)
    },
    async close() {
      await redis.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export async function startDoorward(
  data: string,
  redisUrl: string,
  nodeOptions: string[] = [],
  more: Record<string, string> = {},
): Promise<Doorward> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const settings = {
    NODE_ENV: 'production',
    PORT: String(port),
    PUBLIC_URL: `https://${PUBLIC_HOST}`,
    TRUST_PROXY: 'loopback',
    DATA_DIR: data,
    REDIS_URL: redisUrl,
    MASTER_KEY,
    API_RATE_LIMIT: '1000000000',
    ...more,
  }
  const env = Object.entries(settings).map(([name, value]) => `${name}=${value}`)
  const start = performance.now()
  const args = [...env, process.execPath, ...SERVE_OPTIONS, ...nodeOptions, 'cli/doorward.js', 'serve']
  const server = startProcess('/usr/bin/env', args, { cwd: ROOT })
  await until('the server answers', async () => {
    if (!server.running()) throw new Error(`the server did not start: ${server.output()}`)
    return fetch(`${url}/login`, { headers: { 'x-forwarded-proto': 'https' } }).then(
      async (response) => (await response.text()).includes('</html>') && response.ok,
      () => false,
    )
  })
  return {
    url,
    startedMs: performance.now() - start,
    token: () => accessToken(url),
    residentMb: async () => (await metric(url, 'process_resident_memory_bytes')) / 1e6,
    cpuSeconds: () => metric(url, 'process_cpu_seconds_total'),
    stop: () => server.stop(),
  }
}

async function accessToken(url: string): Promise<string> {
  const response = await fetch(`${url}/auth/oauth2/v2/token`, {
    method: 'POST',
    headers: {
      authorization: `client_id:${CLIENT.id}, client_secret:${CLIENT.secret}`,
      'content-type': 'application/json',
    },
    body: JSON.stringify({ grant_type: 'client_credentials' }),
  })
  const { access_token: token } = (await response.json()) as { access_token?: string }
  if (token === undefined) throw new Error(`no access token: ${response.status}`)
  return token
}

async function metric(url: string, name: string): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text()
  const value = text
    .split('\n')
    .find((line) => line.startsWith(`${name} `))
    ?.split(' ')[1]
  if (value === undefined) throw new Error(`the server does not tell its ${name}`)
  return Number(value)
}

/** The raw primitives in a process of their own. */
export interface Raw {
  url: string
  /** Milliseconds from the start of the process until it listens. */
  startedMs: number
  /** Processor time, all threads, from some moment on: only differences mean something. */
  cpuSeconds(): Promise<number>
  order(order: RawOrder): Promise<number>
  stop(): void
}

export async function startRaw(): Promise<Raw> {
  const start = performance.now()
  // By the same Node as the server: with more room for young objects it would collect less often.
  const child = fork(fileURLToPath(new URL('raw.js', import.meta.url)), { execArgv: SERVE_OPTIONS })
  const next = () =>
    new Promise<number>((resolve, reject) => {
      const onExit = () => reject(new Error('the process of the raw primitives has ended'))
      child.once('exit', onExit)
      child.once('message', (value) => {
        child.off('exit', onExit)
        resolve(value as number)
      })
    })
  const port = await next()
  const order = (order: RawOrder) => {
    const answer = next()
    child.send(order)
    return answer
  }
  return {
    url: `http://127.0.0.1:${port}`,
    startedMs: performance.now() - start,
    cpuSeconds: () => order('cpu'),
    order,
    stop: () => child.disconnect(),
  }
}
