import { isIP } from 'node:net'
import { Router, type RequestHandler } from 'express'
import type { PendingStore } from '../pending/pending-store.ts'
import type { Metrics } from '../platform/metrics.ts'
import { neverCached } from './headers.ts'
import { onlyFor } from './surface.ts'

interface StatusDeps {
  pending: Pick<PendingStore, 'ping'>
  /** Resolves when the database answers. */
  account: { account(): Promise<unknown> }
  metrics: Metrics
}

/** Machines in the same network; a proxy in front hides the address from others. */
const NEAR = /^(::1|(::ffff:)?(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.)|f[cd][0-9a-f]{2}:)/i

async function works(check: Promise<unknown>): Promise<boolean> {
  try {
    await check
    return true
  } catch {
    return false
  }
}

/** `/healthz`: this process runs. `/readyz`: what it needs answers too. `/metrics`: for machines in the same network. */
export function statusRoutes({ pending, account, metrics }: StatusDeps): RequestHandler {
  const router = Router()
  router.get('/healthz', neverCached, (_req, res) => void res.json({ status: 'ok' }))
  router.get('/readyz', neverCached, async (_req, res) => {
    const [database, pendingState] = await Promise.all([works(account.account()), works(pending.ping())])
    const ready = database && pendingState
    res
      .status(ready ? 200 : 503)
      .json({ status: ready ? 'ok' : 'unavailable', database, pending: pendingState })
  })
  router.get('/metrics', neverCached, async (req, res, next) => {
    const address = req.ip ?? ''
    if (!isIP(address) || !NEAR.test(address)) return next()
    res.type(metrics.contentType).send(await metrics.render())
  })
  return onlyFor(/^\/(healthz|readyz|metrics)\/?$/i, router)
}
