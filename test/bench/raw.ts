/**
 * The raw primitives, in a process of their own as the server is: Argon2id on demand, and an Express that answers one
 * fixed reply. Started by `processes.ts`, which speaks with it over IPC.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hash, verify } from '@node-rs/argon2'
import express from 'express'
import { ARGON2_DEFAULTS } from '../../server/platform/password-hash.ts'

/** A reply to send again and again, byte for byte. */
export interface FixedReply {
  headers: [name: string, value: string | string[]][]
  body: string
}
export type RawOrder = 'cpu' | { argon2: { ms: number; atOnce: number } } | { reply: FixedReply }

/** How many passwords it checked. */
async function checkPasswords({ ms, atOnce }: { ms: number; atOnce: number }): Promise<number> {
  const secret = Buffer.alloc(32, 7)
  const stored = await hash('plain-lantern-orchard', { ...ARGON2_DEFAULTS, secret })
  const start = performance.now()
  let done = 0
  const worker = async () => {
    while (performance.now() - start < ms) {
      await verify(stored, 'plain-lantern-orchard', { secret })
      done++
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return done
}

function fixed({ headers, body }: FixedReply): express.Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.get('/login', (_req, res) => {
    for (const [name, value] of headers) res.setHeader(name, value)
    res.send(body)
  })
  return app
}

let handle: express.Express | undefined
const server = createServer((req, res) => handle?.(req, res))
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('message', (order: RawOrder) => {
  if (order === 'cpu') {
    const { user, system } = process.cpuUsage()
    process.send?.((user + system) / 1e6)
  } else if ('reply' in order) {
    handle = fixed(order.reply)
    process.send?.(0)
  } else {
    checkPasswords(order.argon2).then((done) => process.send?.(done), console.error)
  }
})
process.on('disconnect', () => process.exit()) // whoever started us has gone
