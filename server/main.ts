/** Start, wait for a signal, drain, stop. */
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createApp } from './app.ts'
import { loadConfig, withPort, type Config } from './config.ts'
import { createContext, type Context } from './context.ts'
import { firstStart } from './first-start.ts'

/** In-flight requests get this long to finish. */
const DRAIN_MS = 10_000

const tlsFiles = (config: Config) => ({
  cert: readFileSync(config.TLS_CERT_FILE ?? ''),
  key: readFileSync(config.TLS_KEY_FILE ?? ''),
})

function createServer(config: Config, listener: RequestListener): Server | HttpsServer {
  const limits = { headersTimeout: 15_000, requestTimeout: 30_000, maxHeaderSize: 64 * 1024 }
  return config.TLS_CERT_FILE === undefined
    ? createHttpServer(limits, listener)
    : createHttpsServer({ ...limits, ...tlsFiles(config) }, listener)
}

const listen = (server: Server, { PORT, HOST }: Config): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
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
    server.close(() => {
      clearTimeout(giveUp)
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
  const server = createServer(given, (req, res) => {
    if (draining) res.setHeader('Connection', 'close')
    handle(req, res)
  })
  const port = await listen(server, given)
  const config = withPort(given, port)
  const ctx = await createContext(config).catch((error: unknown) => {
    server.close()
    throw error
  })
  handle = createApp(ctx)
  process.on('SIGHUP', reloadOnHangup(server, ctx))
  const notice = await firstStart(ctx)
  if (notice !== undefined) process.stderr.write(notice)
  if (process.stderr.isTTY) process.stderr.write(`\nDoorward is ready: ${config.PUBLIC_URL}\n\n`)
  ctx.log.info({ url: config.PUBLIC_URL, host: config.HOST, port }, 'ready')
  const signal = await stopped
  ctx.log.info({ signal }, 'stopping')
  draining = true
  await drain(server)
  await ctx.close()
  ctx.log.info('stopped')
}
