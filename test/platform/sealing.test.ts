import { describe, expect, test } from 'vitest'
import { systemRandom } from '../../server/platform/random.ts'
import { aesSealer } from '../../server/platform/sealing.ts'

const sealer = aesSealer(Buffer.alloc(32, 1), systemRandom)
const PLACE = 'authenticator:1'

describe('aesSealer', () => {
  test('opens what it sealed, of any length and any characters', () => {
    for (const clear of ['', 'JBSWY3DPEHPK3PXP', 'ünïcödé ✓', '\0', 'x'.repeat(100_000)])
      expect(sealer.open(sealer.seal(clear, PLACE), PLACE)).toBe(clear)
  })

  test('never seals twice alike', () => {
    const sealed = Array.from({ length: 100 }, () => sealer.seal('JBSWY3DPEHPK3PXP', PLACE))
    expect(new Set(sealed).size).toBe(100)
    expect(sealed.join()).not.toContain('JBSWY3DPEHPK3PXP')
  })

  test('refuses a value that was moved to another place', () => {
    const sealed = sealer.seal('secret', PLACE)
    for (const place of ['authenticator:2', 'authenticator:', 'signing_key:1', ''])
      expect(() => sealer.open(sealed, place)).toThrow()
  })

  test('refuses a value of another key', () => {
    const other = aesSealer(Buffer.alloc(32, 2), systemRandom)
    expect(() => other.open(sealer.seal('secret', PLACE), PLACE)).toThrow()
  })

  test('refuses a value in which any one byte was changed or that was cut', () => {
    const sealed = sealer.seal('secret', PLACE)
    const bytes = Buffer.from(sealed.slice(3), 'base64url')
    for (let i = 0; i < bytes.length; i++) {
      const changed = Buffer.from(bytes)
      changed[i]! ^= 1
      expect(() => sealer.open(`v1.${changed.toString('base64url')}`, PLACE)).toThrow()
      expect(() => sealer.open(`v1.${bytes.subarray(0, i).toString('base64url')}`, PLACE)).toThrow()
    }
  })

  test('refuses a form it does not know', () => {
    for (const sealed of ['', 'v1', 'v1.', 'v2.abc', 'secret', 'v1.abc.def'])
      expect(() => sealer.open(sealed, PLACE)).toThrow()
  })
})
