import { createHash, createHmac, hkdfSync, timingSafeEqual } from 'node:crypto'
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Random } from './random.ts'

/** One purpose, one key: a key made for cookies never opens a sealed seed. */
export type KeyLabel =
  | 'sealing'
  | 'password-pepper'
  | 'cookie-signing'
  | 'code-digest'
  | 'web-push'
  | 'gateway-signing'
  | 'dpop-nonce'
  | 'broker-tokens'

/** 32 bytes from which every other key is derived. */
export interface MasterKey {
  /** HKDF-SHA256 (RFC 5869) of the master key, 32 bytes. */
  derive(label: KeyLabel): Buffer
}

export function masterKey(bytes: Buffer): MasterKey {
  if (bytes.length !== 32) throw new Error('MASTER_KEY must be 32 bytes in base64')
  const derived = new Map<KeyLabel, Buffer>()
  return {
    derive(label) {
      const known = derived.get(label)
      if (known) return known
      const key = Buffer.from(hkdfSync('sha256', bytes, Buffer.alloc(0), `doorward/${label}`, 32))
      derived.set(label, key)
      return key
    },
  }
}

/** The key of `MASTER_KEY`, else the one in `DATA_DIR/master.key`, which is made (mode 0600) when there is none. */
export function loadMasterKey(given: string | undefined, dataDir: string, random: Random): MasterKey {
  if (given) return masterKey(Buffer.from(given, 'base64'))
  const path = join(dataDir, 'master.key')
  if (!existsSync(path)) makeKeyFile(path, dataDir, random)
  chmodSync(path, 0o600)
  const bytes = Buffer.from(readFileSync(path, 'utf8').trim(), 'base64')
  if (bytes.length !== 32)
    throw new Error(`${path} must hold 32 bytes in base64: put the key back that was there`)
  return masterKey(bytes)
}

/** Written whole under another name first, so that neither a crash nor a second process can meet half a key. */
function makeKeyFile(path: string, dataDir: string, random: Random): void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const draft = `${path}.${random.bytes(8).toString('hex')}`
  try {
    writeFileSync(draft, `${random.bytes(32).toString('base64')}\n`, { mode: 0o600, flag: 'wx', flush: true })
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // another process was first: use its key
  } finally {
    rmSync(draft, { force: true })
  }
}

/** For secrets of 128 and more random bits, which need no slow hash. Lower-case hex. */
export const sha256 = (secret: string): string => createHash('sha256').update(secret).digest('hex')

/** For short codes: without the key, a dump of the store does not let anybody try all million. */
export const keyedDigest = (key: Buffer, ...parts: string[]): string =>
  createHmac('sha256', key).update(parts.join('\0')).digest('base64url')

/** Compares in time that does not depend on where the two differ. */
export function sameSecret(a: string, b: string): boolean {
  const [x, y] = [createHash('sha256').update(a).digest(), createHash('sha256').update(b).digest()]
  return timingSafeEqual(x, y)
}
