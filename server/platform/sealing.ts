import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Random } from './random.ts'

/** Encrypts what the database must not show: TOTP seeds, private keys. */
export interface Sealer {
  /** `place` says where the value lives (table and row): a sealed value that was moved elsewhere does not open. */
  seal(clear: string, place: string): string
  /** Throws when the value was changed, moved, or sealed under another key. */
  open(sealed: string, place: string): string
}

const VERSION = 'v1'

/** AES-256-GCM; a fresh 96-bit nonce each time, the place as associated data. Form: `v1.<base64url>`. */
export function aesSealer(key: Buffer, random: Random): Sealer {
  return {
    seal(clear, place) {
      const nonce = random.bytes(12)
      const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(place))
      const body = Buffer.concat([cipher.update(clear, 'utf8'), cipher.final()])
      return `${VERSION}.${Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')}`
    },
    open(sealed, place) {
      const [version, data = ''] = sealed.split('.')
      if (version !== VERSION) throw new Error('sealed value has an unknown form')
      const bytes = Buffer.from(data, 'base64url')
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12), { authTagLength: 16 })
      decipher.setAAD(Buffer.from(place)).setAuthTag(bytes.subarray(12, 28))
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]).toString('utf8')
    },
  }
}

/** What was sealed as JSON in this place; `undefined` for anything that we did not seal there. */
export function openJson(sealer: Sealer, sealed: string, place: string): unknown {
  try {
    return JSON.parse(sealer.open(sealed, place)) as unknown
  } catch {
    return undefined
  }
}
