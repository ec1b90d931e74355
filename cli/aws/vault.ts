/** Everything secret that is kept on this machine is sealed with one key, which is in the system's keychain where there is one. */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { CliFault } from './fault.ts'
import { paths, readJson, writeJson } from './home.ts'
import { systemKeychain, type Keychain } from './keychain.ts'
import { newId, randomKey, randomNonce } from './machine.ts'

interface KeptVault {
  id: string
  /** Where the key is: in the keychain, or, with its value, in this very file. */
  in: 'keychain' | 'file'
  key?: string
}

export interface Vault {
  in: 'keychain' | 'file'
  seal(value: unknown): string
  /** `undefined` for what was sealed by another key, or changed. */
  open(sealed: string): unknown
}

const TAG_BYTES = 16
const NONCE_BYTES = 12

function vaultWith(where: KeptVault['in'], key: Buffer): Vault {
  return {
    in: where,
    seal(value) {
      const nonce = randomNonce(NONCE_BYTES)
      const cipher = createCipheriv('aes-256-gcm', key, nonce)
      const body = Buffer.concat([cipher.update(JSON.stringify(value), 'utf8'), cipher.final()])
      return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url')
    },
    open(sealed) {
      try {
        const bytes = Buffer.from(sealed, 'base64url')
        const nonce = bytes.subarray(0, NONCE_BYTES)
        const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES })
        decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
        const body = bytes.subarray(NONCE_BYTES + TAG_BYTES)
        return JSON.parse(
          Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8'),
        ) as unknown
      } catch {
        return undefined
      }
    },
  }
}

function keyOf({ id, in: where, key }: KeptVault, keychain: Keychain | undefined): Buffer | undefined {
  const text = where === 'file' ? key : keychain?.read(id)
  const bytes = text === undefined ? undefined : Buffer.from(text, 'base64url')
  return bytes?.length === 32 ? bytes : undefined
}

/** The vault that is there; `undefined` when there is none, or its keychain does not open. */
export function openVault(): Vault | undefined {
  const kept = readJson(paths.vault()) as KeptVault | undefined
  const key = kept && keyOf(kept, kept.in === 'keychain' ? systemKeychain() : undefined)
  return kept && key && vaultWith(kept.in, key)
}

/** @throws CliFault when there is no vault to open */
export function requireVault(hint: string): Vault {
  const vault = openVault()
  if (vault) return vault
  const isThere = readJson(paths.vault()) !== undefined
  throw new CliFault(
    'login',
    isThere
      ? `the keychain does not open, so nothing can be read; unlock it or run "${hint}"`
      : `not signed in; run "${hint}"`,
  )
}

/** A vault to keep new secrets in, in the keychain unless `file` is wished or there is none that works. @throws CliFault */
export function makeVault(wish: 'keychain' | 'file' | undefined): Vault {
  const before = openVault()
  if (before && (wish === undefined || before.in === wish)) return before
  const id = newId()
  const key = randomKey()
  const text = key.toString('base64url')
  const keychain = wish === 'file' ? undefined : systemKeychain()
  if (keychain?.write(id, text) && keychain.read(id) === text) {
    writeJson(paths.vault(), { id, in: 'keychain' } satisfies KeptVault)
    return vaultWith('keychain', key)
  }
  if (wish === 'keychain')
    throw new CliFault('usage', 'There is no keychain on this machine that takes a key')
  writeJson(paths.vault(), { id, in: 'file', key: text } satisfies KeptVault)
  return vaultWith('file', key)
}

/** Forgets the key, and with it everything that it sealed. */
export function destroyVault(): void {
  const kept = readJson(paths.vault()) as KeptVault | undefined
  if (kept?.in === 'keychain') systemKeychain()?.remove(kept.id)
}
