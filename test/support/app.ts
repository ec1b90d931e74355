import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import {
  createServer,
  request as forward,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, describe } from 'vitest'
import { createApp } from '../../server/app.ts'
import { expressMessages } from '../../server/http/express-messages.ts'
import { loadConfig } from '../../server/config.ts'
import { createContext, type Context } from '../../server/context.ts'
import type { DirectoryDocument } from '../../server/directory/document.ts'
import { importDirectory } from '../../server/directory/import-document.ts'
import { movableClock, type MovableClock } from './clock.ts'
import { browser, type Browser } from './html.ts'
import { rowsKept, valuesKept } from './kept.ts'
import { CLIENTS, company, PASSWORDS, SEEDS, type ScopeName } from './people.ts'
import { freshDatabaseUrl } from './postgres.ts'
import { freshRedisUrl } from './redis.ts'
import { secretsSink, type SecretsSink } from './secrets-sink.ts'

/** Where the directory and pending state live: SQLite and this process, or PostgreSQL and Redis, which two servers may share. */
export const WORLDS = ['in-process', 'PostgreSQL and Redis', 'two servers behind one Redis'] as const
export type World = (typeof WORLDS)[number]

export interface AppOptions {
  world?: World
  document?: DirectoryDocument
  policy?: NonNullable<DirectoryDocument['policy']>
  env?: Record<string, string>
  startIso?: string
  /** `real`: Argon2id at the cost of production, for tests about time. */
  passwordCost?: 'real'
}

export interface ApiReply {
  status: number
  headers: Headers
  json: any
  text: string
}

export interface CallOptions {
  token?: string
  headers?: Record<string, string>
  /** An object is sent as JSON, text as it is. */
  body?: unknown
}

/** A whole Doorward on a free port, with a clock to move and everything it writes to look at. */
export interface TestApp {
  url: string
  ctx: Context
  clock: MovableClock
  sink: SecretsSink
  /** Lets time pass: for the clock, and for what Redis lets expire. */
  advance(seconds: number): Promise<void>
  call(method: string, path: string, options?: CallOptions): Promise<ApiReply>
  post(path: string, body: unknown, token?: string, headers?: Record<string, string>): Promise<ApiReply>
  /** An access token of the credential with this scope. */
  token(scope?: ScopeName): Promise<string>
  browser(): Browser
  /** The code that this person's authenticator app shows now, or `steps` periods away. */
  totp(who: keyof typeof SEEDS, steps?: number): string
  /** Letters in the outbox, oldest first, as text; those about new browsers come with most sign-ins and stand apart. */
  letters(): Promise<string[]>
  newBrowserLetters(): Promise<string[]>
  /** The newest six-digit code that was mailed. */
  mailedCode(): Promise<string>
  events(): Promise<
    {
      eventTypeId: number
      userId: number | null
      appId: number | null
      errorDescription: string | null
      ipaddr: string | null
      clientId: string | null
    }[]
  >
  log(): string
  close(): Promise<void>
}

/** Argon2id at the least cost the library takes: what it guards is tested elsewhere, at full cost. */
const CHEAP = { memoryCost: 8, timeCost: 1, parallelism: 1 }

async function listen(
  listener: RequestListener,
  messages: ServerOptions = {},
): Promise<{ server: Server; port: number }> {
  const server = createServer(messages, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { server, port: (server.address() as AddressInfo).port }
}

const closed = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

/** Sends each request to the next of several servers, as a load balancer would. */
function alternating(ports: number[]): RequestListener {
  let next = 0
  return (req, res) => {
    const port = ports[next++ % ports.length]!
    const { method, url, headers } = req
    const onward = forward({ host: '127.0.0.1', port, method, path: url, headers }, (answer) => {
      res.writeHead(answer.statusCode!, answer.rawHeaders)
      answer.pipe(res)
    })
    onward.on('error', () => res.destroy())
    req.pipe(onward)
  }
}

async function passInRedis(url: string, seconds: number): Promise<void> {
  const redis = new Redis(url)
  for (const key of await redis.keys('*')) {
    const left = await redis.pttl(key)
    if (left > 0) await (left > seconds * 1000 ? redis.pexpire(key, left - seconds * 1000) : redis.del(key))
  }
  redis.disconnect()
}

export async function startApp(options: AppOptions = {}): Promise<TestApp> {
  const world = options.world ?? 'in-process'
  const folder = await mkdtemp(join(tmpdir(), 'doorward-app-'))
  const clock = movableClock(options.startIso)
  const redisUrl = world === 'in-process' ? undefined : await freshRedisUrl()
  const databaseUrl = world === 'in-process' ? undefined : await freshDatabaseUrl()
  const lines: string[] = []
  let listener: RequestListener = (_req, res) => res.writeHead(503).end()
  const messages = expressMessages()
  const { server, port } = await listen((req, res) => listener(req, res), messages.classes)
  const config = loadConfig({
    NODE_ENV: 'test',
    PORT: String(port),
    DATA_DIR: folder,
    LOG_LEVEL: 'debug',
    API_RATE_LIMIT: '1000000',
    ...(redisUrl && { REDIS_URL: redisUrl }),
    ...(databaseUrl && { DATABASE_URL: databaseUrl }),
    ...options.env,
  })
  const overrides = {
    clock: clock.now,
    logTo: { write: (line: string) => void lines.push(line) },
    ...(options.passwordCost !== 'real' && { passwordCost: CHEAP }),
  }
  const ctx = await createContext(config, overrides)
  const document = options.document ?? company()
  await importDirectory(ctx, { ...document, policy: { ...document.policy, ...options.policy } })
  const closers = [() => ctx.close(), () => closed(server)]
  if (world === 'two servers behind one Redis') {
    const second = await createContext(config, overrides)
    const parts = [await listen(createApp(ctx)), await listen(createApp(second))]
    listener = alternating(parts.map((part) => part.port))
    closers.unshift(() => second.close(), ...parts.map((part) => () => closed(part.server)))
  } else {
    listener = messages.adoptedBy(createApp(ctx))
  }
  const sink = secretsSink()
  const secrets = [
    ...Object.values(PASSWORDS),
    ...Object.values(SEEDS),
    ...Object.values(CLIENTS).map((c) => c.secret),
  ]
  for (const secret of secrets) sink.learn(secret)

  const url = config.PUBLIC_URL
  const outbox = async () => {
    const path = join(folder, 'outbox')
    const names = await readdir(path).catch(() => [])
    return Promise.all(names.sort().map((name) => readFile(join(path, name), 'utf8')))
  }
  const isAboutBrowser = (text: string) => text.replaceAll(/=\r?\n/g, '').includes('/not-me/')
  const app: TestApp = {
    url,
    ctx,
    clock,
    sink,
    async advance(seconds) {
      clock.advance(seconds)
      if (redisUrl) await passInRedis(redisUrl, seconds)
    },
    async call(method, path, { token, headers = {}, body } = {}) {
      const raw = typeof body === 'string' || body === undefined ? body : JSON.stringify(body)
      const response = await fetch(`http://127.0.0.1:${port}${path}`, {
        method,
        redirect: 'manual',
        headers: {
          ...(body !== undefined && { 'content-type': 'application/json' }),
          ...(token !== undefined && { authorization: `bearer:${token}` }),
          ...headers,
        },
        ...(raw !== undefined && { body: raw }),
      })
      const text = await response.text()
      const isJson = response.headers.get('content-type')?.includes('json') ?? false
      return {
        status: response.status,
        headers: response.headers,
        text,
        json: isJson ? JSON.parse(text) : undefined,
      }
    },
    post: (path, body, token, headers) =>
      app.call('POST', path, { body, ...(token !== undefined && { token }), ...(headers && { headers }) }),
    async token(scope = 'Manage All') {
      const { id, secret } = CLIENTS[scope]
      const { json } = await app.call('POST', '/auth/oauth2/v2/token', {
        headers: { authorization: `client_id:${id}, client_secret:${secret}` },
        body: { grant_type: 'client_credentials' },
      })
      sink.learn(json.access_token)
      sink.learn(json.refresh_token)
      return json.access_token as string
    },
    browser: () => browser({ now: clock.now }),
    totp(who, steps = 0) {
      const totp = new TOTP({ secret: Secret.fromBase32(SEEDS[who]), digits: 6, period: 30 })
      return totp.generate({ timestamp: clock.now() + steps * 30_000 })
    },
    letters: async () => (await outbox()).filter((text) => !isAboutBrowser(text)),
    newBrowserLetters: async () => (await outbox()).filter(isAboutBrowser),
    async mailedCode() {
      const codes = (await app.letters()).flatMap((text) => /code is (\d{6})/.exec(text)?.[1] ?? [])
      const code = codes.at(-1)
      if (code === undefined) throw new Error('no code was mailed')
      sink.learn(code)
      return code
    },
    events: () =>
      ctx.db
        .selectFrom('events')
        .select(['eventTypeId', 'userId', 'appId', 'errorDescription', 'ipaddr', 'clientId'])
        .orderBy('id')
        .execute(),
    log: () => lines.join(''),
    async close() {
      const kept = [...(await rowsKept(ctx)), ...(redisUrl ? await valuesKept(redisUrl) : [])]
      for (const end of closers) await end()
      await rm(folder, { recursive: true, force: true })
      sink.expectNone(lines)
      sink.expectNone(kept)
    },
  }
  return app
}

/** Runs the same tests in every world, each with an app of its own that is closed, and searched for secrets, at the end. */
export function inEveryWorld(
  tests: (app: () => TestApp, world: World) => void,
  options: AppOptions = {},
): void {
  describe.each(WORLDS)('%s', (world) => {
    let app: TestApp
    beforeAll(async () => {
      app = await startApp({ ...options, world })
    })
    afterAll(() => app.close())
    tests(() => app, world)
  })
}
