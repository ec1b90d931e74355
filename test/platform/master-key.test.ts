import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync, chmodSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  keyedDigest,
  loadMasterKey,
  masterKey,
  sameSecret,
  sha256,
} from '../../server/platform/master-key.ts'
import { systemRandom } from '../../server/platform/random.ts'

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'doorward-key-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const LABELS = ['sealing', 'password-pepper', 'cookie-signing', 'code-digest'] as const

describe('masterKey', () => {
  test('derives another key of 32 bytes for every purpose, and the same one each time', () => {
    const key = masterKey(Buffer.alloc(32, 1))
    const derived = LABELS.map((label) => key.derive(label).toString('hex'))
    expect(new Set(derived).size).toBe(LABELS.length)
    expect(derived.every((hex) => /^[0-9a-f]{64}$/.test(hex))).toBe(true)
    const again = masterKey(Buffer.alloc(32, 1))
    expect(LABELS.map((label) => again.derive(label).toString('hex'))).toEqual(derived)
    const other = masterKey(Buffer.alloc(32, 2))
    expect(other.derive('sealing').toString('hex')).not.toBe(derived[0])
  })

  test('takes 32 bytes and nothing else', () => {
    for (const size of [0, 16, 31, 33, 64]) expect(() => masterKey(Buffer.alloc(size))).toThrow(/32 bytes/)
  })
})

describe('loadMasterKey', () => {
  test('makes a key for its owner alone, and finds it again', () => {
    const folder = join(emptyFolder(), 'new', 'data')
    const made = loadMasterKey(undefined, folder, systemRandom)
    expect(statSync(join(folder, 'master.key')).mode & 0o777).toBe(0o600)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    const found = loadMasterKey(undefined, folder, systemRandom)
    expect(found.derive('sealing')).toEqual(made.derive('sealing'))
    expect(readdirSync(folder)).toEqual(['master.key'])
  })

  test('closes a key file that others could read', () => {
    const folder = emptyFolder()
    loadMasterKey(undefined, folder, systemRandom)
    chmodSync(join(folder, 'master.key'), 0o644)
    loadMasterKey(undefined, folder, systemRandom)
    expect(statSync(join(folder, 'master.key')).mode & 0o777).toBe(0o600)
  })

  test('takes the key that is given and writes none', () => {
    const folder = emptyFolder()
    const text = Buffer.alloc(32, 9).toString('base64')
    const given = loadMasterKey(text, folder, systemRandom)
    expect(given.derive('sealing')).toEqual(masterKey(Buffer.alloc(32, 9)).derive('sealing'))
    expect(readdirSync(folder)).toEqual([])
  })

  test('refuses a key file that was cut, by its name, and leaves it as it is', () => {
    const folder = emptyFolder()
    const path = join(folder, 'master.key')
    for (const text of ['', 'short', Buffer.alloc(31).toString('base64')]) {
      writeFileSync(path, text)
      expect(() => loadMasterKey(undefined, folder, systemRandom)).toThrow(path)
      expect(readFileSync(path, 'utf8')).toBe(text)
    }
  })

  test('takes the key of another process that made one at the same moment', () => {
    const folder = emptyFolder()
    const theirs = Buffer.alloc(32, 5).toString('base64')
    const random = {
      bytes(size: number) {
        writeFileSync(join(folder, 'master.key'), theirs)
        return systemRandom.bytes(size)
      },
    }
    const key = loadMasterKey(undefined, folder, random)
    expect(key.derive('sealing')).toEqual(masterKey(Buffer.alloc(32, 5)).derive('sealing'))
    expect(readdirSync(folder)).toEqual(['master.key'])
  })

  test('leaves no half of a key when it cannot write', () => {
    const folder = emptyFolder()
    const random = { bytes: (size: number) => (size === 32 ? fail() : systemRandom.bytes(size)) }
    expect(() => loadMasterKey(undefined, folder, random)).toThrow('the machine stopped')
    expect(readdirSync(folder)).toEqual([])
  })
})

const fail = (): Buffer => {
  throw new Error('the machine stopped')
}

describe('digests', () => {
  test('sha256 is that of FIPS 180-4', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })

  test('keyedDigest depends on the key and on where each part ends', () => {
    const key = Buffer.alloc(32, 1)
    const digests = [
      keyedDigest(key, 'a', 'bc'),
      keyedDigest(key, 'ab', 'c'),
      keyedDigest(key, 'abc'),
      keyedDigest(Buffer.alloc(32, 2), 'a', 'bc'),
    ]
    expect(new Set(digests).size).toBe(4)
  })

  test('sameSecret compares secrets of any length', () => {
    expect([sameSecret('a', 'a'), sameSecret('', ''), sameSecret('é', 'é')]).toEqual([true, true, true])
    expect([sameSecret('a', 'b'), sameSecret('a', 'ab'), sameSecret('', 'a')]).toEqual([false, false, false])
  })
})
