import { createHash } from 'node:crypto'
import { hash as argon2 } from '@node-rs/argon2'
import bcrypt from 'bcryptjs'
import { describe, expect, test } from 'vitest'
import {
  parseSaltedSha256,
  passwordFits,
  passwordHasher,
  saltedSha256,
} from '../../server/platform/password-hash.ts'
import { workQueue } from '../../server/platform/work-queue.ts'

const CHEAP = { memoryCost: 8, timeCost: 1, parallelism: 1 }
const PEPPER = Buffer.alloc(32, 1)
const hasher = passwordHasher(PEPPER, workQueue(2, 100), CHEAP)
const BCRYPT_COST = 4

describe('passwordHasher', () => {
  test('knows the password it hashed, and no other', async () => {
    const stored = await hasher.hash('correct horse')
    expect(stored).toMatch(/^peppered:\$argon2id\$v=19\$m=8,t=1,p=1\$/)
    expect(await hasher.verify(stored, 'correct horse')).toBe(true)
    for (const wrong of ['', 'correct hors', 'correct horse ', 'Correct horse', 'correct horse\0'])
      expect([wrong, await hasher.verify(stored, wrong)]).toEqual([wrong, false])
  })

  test('salts: the same password never looks the same twice', async () => {
    expect(await hasher.hash('correct horse')).not.toBe(await hasher.hash('correct horse'))
  })

  test('cannot check a password under another pepper, as a database alone cannot', async () => {
    const stored = await hasher.hash('correct horse')
    const thief = passwordHasher(Buffer.alloc(32, 2), workQueue(1, 1), CHEAP)
    expect(await thief.verify(stored, 'correct horse')).toBe(false)
    expect(await thief.verify(stored.slice('peppered:'.length), 'correct horse')).toBe(false)
  })

  test('takes a character and its parts for the same (NFC), and keeps what looks alike apart', async () => {
    const stored = await hasher.hash('se\u00f1or Andr\u00e9')
    expect(await hasher.verify(stored, 'sen\u0303or Andre\u0301')).toBe(true)
    expect(await hasher.verify(stored, 'senor Andre')).toBe(false)
    const ligature = await hasher.hash('\ufb01ve apples')
    expect(await hasher.verify(ligature, 'five apples')).toBe(false) // NFKC would weaken what was chosen
  })

  test('reads all of a long password and refuses what is too long instead of cutting it', async () => {
    const longest = 'é'.repeat(512)
    expect([passwordFits(longest), passwordFits(`${longest}x`)]).toEqual([true, false])
    const stored = await hasher.hash(longest)
    expect(await hasher.verify(stored, longest)).toBe(true)
    expect(await hasher.verify(stored, `${longest.slice(0, -1)}e`)).toBe(false)
    expect(await hasher.verify(stored, `${longest}x`)).toBe(false)
  })

  test('refuses a password of a megabyte without hashing it', async () => {
    const queue = { waiting: 0, run: () => Promise.reject(new Error('was asked to work')) }
    const idle = passwordHasher(PEPPER, queue, CHEAP)
    for (const stored of [null, await hasher.hash('short')])
      expect(await idle.verify(stored, 'x'.repeat(1_000_000))).toBe(false)
  })

  test('keeps NUL as a character like any other', async () => {
    const stored = await hasher.hash('before\0after')
    expect(await hasher.verify(stored, 'before\0after')).toBe(true)
    expect(await hasher.verify(stored, 'before')).toBe(false)
    expect(await hasher.verify(stored, 'before\0other')).toBe(false)
  })

  test('says no when there is nothing to compare with, not even for the empty password', async () => {
    for (const password of ['', 'x', 'peppered:']) expect(await hasher.verify(null, password)).toBe(false)
    for (const stored of ['', 'plain', 'peppered', 'salt+sha256::', '$1$md5', '{SSHA}x'])
      expect([stored, await hasher.verify(stored, stored)]).toEqual([stored, false])
  })

  test('can still say no after a full queue had refused the first comparison with nothing', async () => {
    let full = true
    const real = workQueue(1, 10)
    const queue = {
      waiting: 0,
      run: <T>(job: () => Promise<T>) => (full ? Promise.reject<T>(new Error('busy')) : real.run(job)),
    }
    const busy = passwordHasher(PEPPER, queue, CHEAP)
    await expect(busy.verify(null, 'x')).rejects.toThrow('busy')
    full = false
    expect(await busy.verify(null, 'x')).toBe(false)
  })

  test('does one Argon2id computation for a person who does not exist, as for one who does', async () => {
    let jobs = 0
    const real = workQueue(1, 10)
    const counting = {
      waiting: 0,
      run: <T>(job: () => Promise<T>) => (jobs++, real.run(job)),
    }
    const counted = passwordHasher(PEPPER, counting, CHEAP)
    const stored = await counted.hash('correct horse')
    await counted.verify(null, 'warm-up')
    const cost = async (of: string | null) => {
      const before = jobs
      await counted.verify(of, 'wrong')
      return jobs - before
    }
    expect(await cost(null)).toBe(await cost(stored))
  })
})

describe('passwordHasher, imported passwords', () => {
  test('knows Argon2id without our pepper', async () => {
    const stored = await argon2('correct horse', CHEAP)
    expect(await hasher.verify(stored, 'correct horse')).toBe(true)
    expect(await hasher.verify(stored, 'wrong horse')).toBe(false)
  })

  test('knows bcrypt of up to 72 bytes, and refuses 73 of which bcrypt would read 72', async () => {
    const stored = await bcrypt.hash('a'.repeat(72), BCRYPT_COST)
    expect(await hasher.verify(stored, 'a'.repeat(72))).toBe(true)
    expect(await hasher.verify(stored, 'a'.repeat(71))).toBe(false)
    expect(await hasher.verify(stored, 'a'.repeat(73))).toBe(false)
    expect(await hasher.verify(await bcrypt.hash('é'.repeat(36), BCRYPT_COST), 'é'.repeat(37))).toBe(false)
  })

  test('knows a password that another system hashed decomposed, however it is typed here', async () => {
    const [composed, decomposed] = ['Zürich-café'.normalize('NFC'), 'Zürich-café'.normalize('NFD')]
    for (const hashed of [composed, decomposed]) {
      const hex = createHash('sha256').update(`salt${hashed}`).digest('hex')
      const forms = [
        await argon2(hashed, CHEAP),
        await bcrypt.hash(hashed, BCRYPT_COST),
        saltedSha256('salt', hex),
      ]
      for (const stored of forms) {
        for (const typed of [composed, decomposed]) expect(await hasher.verify(stored, typed)).toBe(true)
        expect(await hasher.verify(stored, 'Zurich-cafe')).toBe(false)
      }
    }
  })

  test('refuses NUL with bcrypt, where C programs stop reading', async () => {
    const stored = await bcrypt.hash('before', BCRYPT_COST)
    expect(await hasher.verify(stored, 'before')).toBe(true)
    expect(await hasher.verify(stored, 'before\0after')).toBe(false)
  })

  test('knows every prefix of bcrypt', async () => {
    const stored = await bcrypt.hash('correct horse', BCRYPT_COST)
    for (const prefix of ['$2a$', '$2b$', '$2y$'])
      expect(await hasher.verify(prefix + stored.slice(4), 'correct horse')).toBe(true)
  })

  test('knows SHA-256 of salt and password, with any salt and any case of the digits', async () => {
    for (const salt of ['', 'pepper', 'a:b', 'ünï']) {
      const hex = createHash('sha256').update(`${salt}correct horse`).digest('hex')
      const stored = saltedSha256(salt, hex.toUpperCase())
      expect(parseSaltedSha256(stored)).toEqual({ salt, hash: hex })
      expect(await hasher.verify(stored, 'correct horse')).toBe(true)
      expect(await hasher.verify(stored, 'wrong horse')).toBe(false)
    }
  })

  test('asks for a better form of everything that is not ours at our cost', async () => {
    const ours = await hasher.hash('x')
    const dearer = passwordHasher(PEPPER, workQueue(1, 1), { ...CHEAP, timeCost: 2 })
    const larger = passwordHasher(PEPPER, workQueue(1, 1), { ...CHEAP, memoryCost: 16 })
    expect([ours, await dearer.hash('x')].map((stored) => hasher.needsRehash(stored))).toEqual([false, false])
    expect([dearer, larger].map((other) => other.needsRehash(ours))).toEqual([true, true])
    const imported = [
      await argon2('x', { ...CHEAP, timeCost: 9 }),
      await bcrypt.hash('x', BCRYPT_COST),
      saltedSha256('s', 'ab'),
    ]
    expect(imported.map((stored) => hasher.needsRehash(stored))).toEqual([true, true, true])
  })
})
