import { randomBytes } from 'node:crypto'

/** Where every id, token, code and key seed comes from. Injected, so that golden tests can repeat a run. */
export interface Random {
  bytes(size: number): Buffer
}

export const systemRandom: Random = { bytes: (size) => randomBytes(size) }

/** `bytes` random bytes in lower-case hex: 20 bytes make OneLogin's 40-digit tokens, 32 its 64-digit ones. */
export const hexToken = (random: Random, bytes: number): string => random.bytes(bytes).toString('hex')

/** A secret with a prefix that scanners can find, e.g. `dw_setup_…`; 256 bits. */
export const prefixedToken = (random: Random, prefix: string): string =>
  `dw_${prefix}_${random.bytes(32).toString('base64url')}`

/** A random UUID (RFC 9562 section 5.4). A name, never a secret. */
export function uuid(random: Random): string {
  const bytes = random.bytes(16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** `length` decimal digits, each equally likely. */
export function digitCode(random: Random, length: number): string {
  let code = ''
  while (code.length < length) {
    for (const byte of random.bytes(length)) {
      if (byte < 250 && code.length < length) code += String(byte % 10) // 250..255 would favour 0..5
    }
  }
  return code
}
