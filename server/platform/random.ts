import { randomBytes } from 'node:crypto'

/** Where every id, token, code and key seed comes from. Injected, so that golden tests can repeat a run. */
export interface Random {
  bytes(size: number): Buffer
}

/** Small draws are cut from one large one: a call into OpenSSL costs as much as all else that a page's few bytes need. */
function pooledRandom(poolSize: number): Random {
  let pool = Buffer.alloc(0)
  let used = 0
  return {
    bytes(size) {
      if (size > poolSize / 16) return randomBytes(size)
      if (used + size > pool.length) [pool, used] = [randomBytes(poolSize), 0]
      const drawn = pool.subarray(used, used + size)
      used += size
      const bytes = Buffer.from(drawn)
      drawn.fill(0) // given out once, and not kept here
      return bytes
    },
  }
}

export const systemRandom: Random = pooledRandom(4096)

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
