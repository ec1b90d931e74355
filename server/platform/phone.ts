import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createHmac } from 'node:crypto'
import { join } from 'node:path'
import { Problem } from '../errors.ts'
import { SECOND, type Clock } from './clock.ts'
import { hexToken, type Random } from './random.ts'

/** What goes to a phone: a text, or words that are read out. `to` in E.164. */
export type PhoneMessage = { to: string; body: string } | { to: string; say: string; language: string }

export interface PhoneGateway {
  /** @throws Problem `unavailable` when the message could not be handed over. */
  send(message: PhoneMessage): Promise<void>
}

const TAKES_AT_MOST_MS = 5000

/**
 * Posts each message as JSON to an address from the settings. It is signed, so that a gateway can tell who asks:
 * `Doorward-Signature: t=<seconds>,v1=<HMAC-SHA256 of "<t>.<body>", hex>`. No redirect is followed.
 */
export function httpGateway(url: string, secret: string | Buffer, { clock }: { clock: Clock }): PhoneGateway {
  return {
    async send(message) {
      const body = JSON.stringify(message)
      const at = String(Math.floor(clock() / SECOND))
      const signature = createHmac('sha256', secret).update(`${at}.${body}`).digest('hex')
      const headers = { 'content-type': 'application/json', 'doorward-signature': `t=${at},v1=${signature}` }
      const signal = AbortSignal.timeout(TAKES_AT_MOST_MS)
      try {
        const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'error' })
        await answer.body?.cancel()
        if (!answer.ok) throw new Error(`the gateway answered ${answer.status}`)
      } catch (cause) {
        throw new Problem('unavailable', {
          message: 'the gateway did not take the message',
          retryAfterSeconds: 30,
          cause,
        })
      }
    },
  }
}

/** The gateway at `url`, else a folder, which reaches nobody; without either it does not work. */
export function openGateway(d: {
  kind: 'sms' | 'voice'
  url: string | undefined
  secret: string | Buffer
  folder: string | undefined
  clock: Clock
  random: Random
}): { gateway: PhoneGateway; works: boolean } {
  if (d.url !== undefined) return { gateway: httpGateway(d.url, d.secret, d), works: true }
  if (d.folder !== undefined) return { gateway: outboxGateway(d.folder, d.kind, d), works: true }
  return { gateway: { send: () => Promise.reject(new Problem('unavailable')) }, works: false }
}

/** Writes each message as `<time>-<id>.<extension>` into a folder, for a first try without a gateway. */
export function outboxGateway(
  folder: string,
  extension: 'sms' | 'voice',
  { clock, random }: { clock: Clock; random: Random },
): PhoneGateway {
  return {
    async send(message) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const name = `${String(clock())}-${hexToken(random, 4)}.${extension}`
      await writeFile(join(folder, name), `${JSON.stringify(message)}\n`, { mode: 0o600 })
    },
  }
}
