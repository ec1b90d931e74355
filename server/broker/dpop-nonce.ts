import { MINUTE, type Clock } from '../platform/clock.ts'
import { keyedDigest, sameSecret } from '../platform/master-key.ts'

/** How long a nonce is good for. */
export const NONCE_MS = 5 * MINUTE

export interface DpopNonces {
  /** A fresh nonce: `<our time in ms, base 36>.<its signature>`, so that a device whose clock is wrong learns the right one. */
  issue(): string
  /** Whether we made it, and not too long ago. */
  isGood(nonce: unknown): boolean
}

/**
 * Nonces of RFC 9449 section 8 that nobody has to keep: any process knows those of every other. They make proofs that
 * were made up in advance useless, and proofs independent of the device's clock.
 */
export function dpopNonces({ clock, key }: { clock: Clock; key: Buffer }): DpopNonces {
  const sign = (time: string) => keyedDigest(key, time)
  return {
    issue() {
      const time = clock().toString(36)
      return `${time}.${sign(time)}`
    },
    isGood(nonce) {
      const [, time = '', signature = ''] =
        typeof nonce === 'string' ? (/^([0-9a-z]{1,10})\.([\w-]{43})$/.exec(nonce) ?? []) : []
      if (time === '' || !sameSecret(signature, sign(time))) return false
      const age = clock() - Number.parseInt(time, 36)
      // Another process may be a little ahead.
      return age > -MINUTE && age <= NONCE_MS
    },
  }
}
