import { createECDH, createHash } from 'node:crypto'
import type { Subscription } from './approver.ts'

/** RFC 8030: how long the push service keeps it for a browser that is not there, and how much it matters. */
const KEPT_SECONDS = 60
const ANSWER_MS = 5000

/** Where browsers are reached: Chrome and Edge on Android, Firefox, Safari, Edge. A dot begins the end of a name. */
const SERVICES = [
  'fcm.googleapis.com',
  '.push.services.mozilla.com',
  'web.push.apple.com',
  '.push.apple.com',
  '.notify.windows.com',
]

interface WebPushDeps {
  /** 32 bytes, of which the key pair is made that push services know this server by (RFC 8292). */
  seed: Buffer
  /** Whom the push service may write to: a `mailto:` or `https:` address. */
  contact: string
  /** Origins of further push services, which the operator trusts. */
  services: readonly string[]
}

/** What a push service made of it. `gone`: the browser is reached there no more. */
export type Pushed = 'sent' | 'gone'

/** Knocks at browsers that have none of our pages open. */
export function webPush({ seed, contact, services }: WebPushDeps) {
  const keys = keyPair(seed)
  return {
    /** What browsers have to be told to be reached by this server. */
    publicKey: keys.publicKey,
    /**
     * Whether a browser may be reached so: only at services that are known, so that nobody makes this server call
     * other machines.
     */
    accepts: ({ endpoint, p256dh, auth }: Subscription): boolean =>
      isBytes(p256dh, 65) && isBytes(auth, 16) && isKnown(endpoint, services),
    /** @throws when the push service did not take it */
    async send(subscription: Subscription, text: string): Promise<Pushed> {
      const { default: library } = await import('web-push')
      const { endpoint, p256dh, auth } = subscription
      const { method, headers, body } = library.generateRequestDetails(
        { endpoint, keys: { p256dh, auth } },
        text,
        {
          vapidDetails: { subject: contact, ...keys },
          TTL: KEPT_SECONDS,
          urgency: 'high',
          contentEncoding: 'aes128gcm',
        },
      )
      const reply = await fetch(endpoint, {
        method,
        // fetch counts the bytes itself
        headers: Object.fromEntries(Object.entries(headers).filter(([name]) => name !== 'Content-Length')),
        body: new Uint8Array(body),
        redirect: 'manual', // to wherever it would lead
        signal: AbortSignal.timeout(ANSWER_MS),
      })
      await reply.body?.cancel()
      if (reply.status === 404 || reply.status === 410) return 'gone'
      if (!reply.ok) throw new Error(`the push service answered ${reply.status}`)
      return 'sent'
    },
  }
}

export type WebPush = ReturnType<typeof webPush>

/** The key pair of a seed; nearly every seed is a key of P-256 as it is. */
function keyPair(seed: Buffer): { publicKey: string; privateKey: string } {
  const pair = createECDH('prime256v1')
  try {
    pair.setPrivateKey(seed)
  } catch {
    return keyPair(createHash('sha256').update(seed).digest())
  }
  return { publicKey: pair.getPublicKey('base64url'), privateKey: seed.toString('base64url') }
}

const isBytes = (text: string, length: number): boolean =>
  /^[\w-]{1,100}$/.test(text) && Buffer.from(text, 'base64url').length === length

function isKnown(endpoint: string, services: readonly string[]): boolean {
  if (endpoint.length > 2000 || !URL.canParse(endpoint)) return false
  const { origin, protocol, hostname, port, username, password } = new URL(endpoint)
  if (username !== '' || password !== '') return false
  if (services.includes(origin)) return true
  const isService = SERVICES.some((name) =>
    name.startsWith('.') ? hostname.endsWith(name) : hostname === name,
  )
  return protocol === 'https:' && port === '' && isService
}
