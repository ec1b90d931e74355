import { describe, expect, test } from 'vitest'
import {
  digitCode,
  hexToken,
  prefixedToken,
  systemRandom,
  type Random,
} from '../../server/platform/random.ts'

describe('digitCode', () => {
  test('has as many digits as asked, leading zeros too', () => {
    const codes = Array.from({ length: 2000 }, () => digitCode(systemRandom, 6))
    expect(codes.every((code) => /^\d{6}$/.test(code))).toBe(true)
    expect(codes.some((code) => code.startsWith('0'))).toBe(true)
  })

  test('draws every digit equally often at every place', () => {
    const drawn = 20_000
    const counts = Array.from({ length: 6 }, () => Array<number>(10).fill(0))
    for (let i = 0; i < drawn; i++)
      digitCode(systemRandom, 6)
        .split('')
        .forEach((digit, place) => counts[place]![Number(digit)]!++)
    const expected = drawn / 10
    for (const row of counts) {
      const chiSquare = row.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
      expect(chiSquare).toBeLessThan(40) // 9 degrees of freedom: a fair draw is beyond it once in 100,000 runs
    }
  })

  test('leaves out the bytes that would favour low digits', () => {
    const bytes = [250, 255, 251, 249, 0, 7, 13, 25, 99]
    const scripted: Random = { bytes: (size) => Buffer.from(bytes.splice(0, size)) }
    expect(digitCode(scripted, 3)).toBe('907')
  })
})

describe('tokens', () => {
  test('hexToken is as long as its bytes in lower-case hexadecimal', () => {
    expect(hexToken(systemRandom, 20)).toMatch(/^[0-9a-f]{40}$/)
    expect(hexToken(systemRandom, 32)).toMatch(/^[0-9a-f]{64}$/)
  })

  test('prefixedToken can be found by scanners and holds 256 bits', () => {
    expect(prefixedToken(systemRandom, 'setup')).toMatch(/^dw_setup_[\w-]{43}$/)
  })

  test('no token comes twice', () => {
    const tokens = Array.from({ length: 5000 }, () => hexToken(systemRandom, 20))
    expect(new Set(tokens).size).toBe(5000)
  })
})
