/** Start, wait for a signal, drain, stop. */
import { readFileSync } from 'node:fs'
import {
  createServer as createHttpServer,
  type RequestListener,
  type Server,
  type ServerOptions,
} from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createSecureContext } from 'node:tls'
import { createApp } from './app.ts'
import { ConfigError, loadConfig, withPort, type Config } from './config.ts'
import { createContext, type Context } from './context.ts'
import { firstStart } from './first-start.ts'
import { expressMessages } from './http/express-messages.ts'

/** In-flight requests get this long to finish. */
const DRAIN_MS = 10_000
const SWEEP_MS = 20

function readSetting(name: 'TLS_CERT_FILE' | 'TLS_KEY_FILE', config: Config): Buffer {
  try {
    return readFileSync(config[name] ?? '')
  } catch (cause) {
    throw new ConfigError(`${name} cannot be read: ${(cause as Error).message}`, { cause })
  }
}

/** The certificate and its key as they are on disk now. @throws ConfigError when they do not belong together */
function tlsFiles(config: Config): { cert: Buffer; key: Buffer } {
  const files = { cert: readSetting('TLS_CERT_FILE', config), key: readSetting('TLS_KEY_FILE', config) }
  try {
    createSecureContext(files)
  } catch (cause) {
    const why = (cause as Error).message
    throw new ConfigError(
      `TLS_CERT_FILE and TLS_KEY_FILE must hold a certificate and its key in PEM: ${why}`,
      {
        cause,
      },
    )
  }
  return files
}

const LIMITS = { headersTimeout: 15_000, requestTimeout: 30_000, maxHeaderSize: 64 * 1024 }

function createServer(
  config: Config,
  messages: ServerOptions,
  listener: RequestListener,
): Server | HttpsServer {
  return config.TLS_CERT_FILE === undefined
    ? createHttpServer({ ...LIMITS, ...messages }, listener)
    : createHttpsServer({ ...LIMITS, ...messages, ...tlsFiles(config) }, listener)
}

const listen = (server: Server, { PORT, HOST }: Config): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const why = cause.code === 'EADDRINUSE' ? 'another program listens there' : cause.message
      reject(new ConfigError(`HOST and PORT: ${HOST}:${PORT} cannot be used, ${why}`, { cause }))
    })
    server.listen(PORT, HOST, () => resolve((server.address() as AddressInfo).port))
  })

/** A new certificate is taken without a restart. A broken one is refused and the old one stays. */
function reloadOnHangup(server: Server | HttpsServer, { config, log }: Context): () => void {
  return () => {
    if (config.TLS_CERT_FILE === undefined) return
    try {
      ;(server as HttpsServer).setSecureContext(tlsFiles(config))
      log.info('TLS certificate read again')
    } catch (error) {
      log.error({ error: (error as Error).message }, 'TLS certificate not taken, the old one stays')
    }
  }
}

/** Refuses new connections at once, lets running requests finish, then closes what is idle. */
const drain = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    const giveUp = setTimeout(() => server.closeAllConnections(), DRAIN_MS)
    // A request that was running when the signal came leaves an idle connection behind: nobody waits for that.
    const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS)
    server.close(() => {
      clearTimeout(giveUp)
      clearInterval(sweep)
      resolve()
    })
    server.closeIdleConnections()
  })

const untilStopped = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, resolve)
  })

/** Serves until SIGTERM or SIGINT. @throws ConfigError, or why it could not start */
export async function serve(): Promise<void> {
  const stopped = untilStopped()
  const given = loadConfig()
  let handle: RequestListener = (_req, res) => res.writeHead(503, { 'Retry-After': '1' }).end()
  let draining = false
  const messages = expressMessages()
  const server = createServer(given, messages.classes, (req, res) => {
    if (draining) res.setHeader('Connection', 'close')
    handle(req, res)
  })
  const port = await listen(server, given)
  const config = withPort(given, port)
  const leave = () => {
    draining = true
    return drain(server)
  }
  const ctx = await createContext(config).catch(async (error: unknown) => {
    await leave()
    throw error
  })
  try {
    handle = messages.adoptedBy(createApp(ctx))
    process.on('SIGHUP', reloadOnHangup(server, ctx))
    const notice = await firstStart(ctx)
    if (notice !== undefined) process.stderr.write(notice)
    if (process.stderr.isTTY) process.stderr.write(`\nDoorward is ready: ${config.PUBLIC_URL}\n\n`)
    ctx.log.info({ url: config.PUBLIC_URL, host: config.HOST, port }, 'ready')
    const signal = await stopped
    ctx.log.info({ signal }, 'stopping')
  } finally {
    await leave()
    await ctx.close()
  }
  ctx.log.info('stopped')
}
