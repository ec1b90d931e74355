import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { inject } from 'vitest'
import { type ServerProcess, freePort, startProcess, until } from './server-process.ts'

/** A Redis of our own, on loopback, that keeps nothing on disk. */
export interface RedisServer {
  url: string
  port: number
  readonly pid: number
  /** Ends it. With `SIGKILL` it has no time to say goodbye to its clients. */
  stop(signal?: NodeJS.Signals): Promise<void>
  /** Starts it again on the same port, empty. */
  start(): Promise<void>
}

export interface RedisServerOptions {
  password?: string
  port?: number
  /** More arguments of `redis-server`. */
  args?: string[]
}

const QUIET = ['--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--daemonize', 'no']

/** As many as a run can want; an unused one costs a few hundred bytes. */
const DATABASES = 4096

export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = await mkdtemp(join(tmpdir(), 'doorward-redis-'))
  const { server, port } = await startSomewhere(options, folder)
  let running = server
  const login = options.password === undefined ? '' : `:${encodeURIComponent(options.password)}@`
  return {
    url: `redis://${login}127.0.0.1:${port}`,
    port,
    get pid() {
      return running.pid
    },
    async stop(signal) {
      await running.stop(signal)
      await rm(folder, { recursive: true, force: true })
    },
    async start() {
      await mkdir(folder, { recursive: true })
      running = launch(options, port, folder)
      await untilAnswers(running, port)
    },
  }
}

async function startSomewhere(options: RedisServerOptions, folder: string) {
  for (let attempt = 1; ; attempt++) {
    const port = options.port ?? (await freePort())
    const server = launch(options, port, folder)
    try {
      await untilAnswers(server, port)
      return { server, port }
    } catch (error) {
      await server.stop('SIGKILL')
      if (attempt === 5 || !server.output().includes('in use')) throw error // somebody took the port in between
    }
  }
}

function launch(options: RedisServerOptions, port: number, cwd: string): ServerProcess {
  const password = options.password === undefined ? [] : ['--requirepass', options.password]
  const databases = options.args?.includes('--cluster-enabled') ? [] : ['--databases', String(DATABASES)]
  const args = ['--port', String(port), ...QUIET, ...databases, ...password, ...(options.args ?? [])]
  return startProcess('redis-server', args, { cwd })
}

async function untilAnswers(server: ServerProcess, port: number): Promise<void> {
  await until('redis-server answers', async () => {
    if (!server.running()) throw new Error(`redis-server did not start: ${server.output()}`)
    return answers(port)
  })
  if (!server.running()) throw new Error(`redis-server did not stay: ${server.output()}`)
}

/** Whether something that speaks like Redis listens there; a refusal for want of a password counts. */
const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'))
    const end = (yes: boolean) => {
      socket.destroy()
      resolve(yes)
    }
    socket.once('data', (data) => end(/^(\+PONG|-NOAUTH)/.test(data.toString())))
    socket.once('error', () => end(false))
    socket.setTimeout(1000, () => end(false))
  })

/** The run's Redis with a database number that nobody else gets, in no other test file either. */
export async function freshRedisUrl(): Promise<string> {
  const url = inject('redisUrl')
  const redis = new Redis(url)
  const db = await redis.incr('databases handed out')
  redis.disconnect()
  if (db >= DATABASES) throw new Error(`only ${DATABASES} databases are there`)
  return `${url}/${db}`
}
