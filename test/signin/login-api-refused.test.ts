import { hashSync } from '@node-rs/argon2'
import bcrypt from 'bcryptjs'
import { beforeEach, describe, expect, test } from 'vitest'
import type { DirectoryDocument } from '../../server/directory/document.ts'
import { importDirectory } from '../../server/directory/import-document.ts'
import { inEveryWorld, startApp } from '../support/app.ts'
import { company, IDS, PASSWORDS, type PersonName } from '../support/people.ts'
import { credentials, learned, LOGIN, race, signIn, TEXT, unauthorized } from './api-calls.ts'

inEveryWorld((app) => {
  beforeEach(() => app().advance(25 * 3600))

  const change = (who: PersonName, set: object) =>
    app().ctx.db.updateTable('users').set(set).where('id', '=', IDS[who]).execute()
  const rowOf = (who: PersonName) =>
    app().ctx.db.selectFrom('users').selectAll().where('id', '=', IDS[who]).executeTakeFirstOrThrow()
  const tryPassword = async (login: string, password: string) => {
    const reply = learned(app(), await app().post(LOGIN, credentials(login, password), await app().token()))
    return reply.status === 200 ? 'in' : (reply.json.status.message as string)
  }
  const wrong = (login: string) => tryPassword(login, 'a-wrong-password-of-nobody')

  describe('A person whose status is', () => {
    const STATUSES = [
      [0, 'User is not activated. Access is unauthorized'],
      [2, 'User is suspended. Access is unauthorized'],
      [3, TEXT.locked],
      [4, 'Password has expired. Access is unauthorized'],
      [5, 'User is awaiting password reset. Access is unauthorized'],
      [6, 'User is pending. Access is unauthorized'],
      [7, 'User has no password yet. Access is unauthorized'],
      [8, 'User must set security questions. Access is unauthorized'],
    ] as const

    test.each(STATUSES)(
      '%i learns it with the right password only, before any factor is asked',
      async (status, text) => {
        for (const who of ['bob', 'ada'] as const) {
          await change(who, { status })
          const right = await signIn(app(), who)
          expect(right.status).toBe(401)
          expect(right.json).toEqual(unauthorized(text))
          expect(await wrong(who)).toBe(TEXT.invalid)
          await change(who, { status: 1 })
          expect((await signIn(app(), who)).status).toBe(200)
        }
      },
    )

    test('1 signs in, and with a wrong password does not', async () => {
      expect(await tryPassword('bob', PASSWORDS.bob)).toBe('in')
      expect(await wrong('bob')).toBe(TEXT.invalid)
    })
  })

  describe('A lock', () => {
    test('comes after five wrong passwords, and then the right one is not looked at', async () => {
      for (let i = 1; i <= 5; i++) expect(await wrong('bob')).toBe(TEXT.invalid)
      const locked = await signIn(app(), 'bob')
      expect(locked.status).toBe(401)
      expect(locked.json).toEqual(unauthorized(TEXT.locked))
      expect(await wrong('bob')).toBe(TEXT.locked)
      expect(await rowOf('bob')).toMatchObject({ status: 3, lockedUntil: app().clock.now() + 30 * 60_000 })
    })

    test('ends by itself after lock_minutes, and a right password takes all of it away', async () => {
      for (let i = 1; i <= 5; i++) await wrong('bob')
      await app().advance(30 * 60 - 1)
      expect(await tryPassword('bob', PASSWORDS.bob)).toBe(TEXT.locked)
      await app().advance(1)
      expect(await tryPassword('bob', PASSWORDS.bob)).toBe('in')
      expect(await rowOf('bob')).toMatchObject({ status: 1, lockedUntil: null, invalidLoginAttempts: 0 })
    })

    test('that has ended leaves five new tries', async () => {
      for (let i = 1; i <= 5; i++) await wrong('bob')
      await app().advance(30 * 60)
      for (let i = 1; i <= 4; i++) expect(await wrong('bob')).toBe(TEXT.invalid)
      expect(await tryPassword('bob', PASSWORDS.bob)).toBe('in')
    })

    test('does not come when a right password stands in between', async () => {
      for (let round = 1; round <= 3; round++) {
        for (let i = 1; i <= 4; i++) expect(await wrong('bob')).toBe(TEXT.invalid)
        expect(await tryPassword('bob', PASSWORDS.bob)).toBe('in')
      }
    })

    test('counts every spelling of a name together', async () => {
      for (const login of ['bob', 'BOB', ' bob ', 'bob@acme.test', 'BOB@ACME.TEST']) await wrong(login)
      expect(await tryPassword('bob', PASSWORDS.bob)).toBe(TEXT.locked)
    })

    test('comes to names that nobody has just the same, spelling by spelling alike', async () => {
      for (const login of ['ghost', 'GHOST', ' ghost ', 'ghost', 'ghost'])
        expect(await wrong(login)).toBe(TEXT.invalid)
      expect(await wrong('ghost')).toBe(TEXT.locked)
      await app().advance(30 * 60)
      expect(await wrong('ghost')).toBe(TEXT.invalid)
    })

    test('holds against 20 guesses at once: at most five are looked at', async () => {
      const token = await app().token()
      const guess = (password: string) => app().post(LOGIN, credentials('bob', password), token)
      let n = 0
      const replies = await race(app(), 20, () => guess(`wrong-guess-number-${n++}`))
      const looked = replies.filter(({ json }) => json.status.message === TEXT.invalid)
      expect(looked.length).toBeLessThanOrEqual(5)
      for (const { status } of replies) expect(status).toBe(401)
      expect(await tryPassword('bob', PASSWORDS.bob)).toBe(TEXT.locked)
    })

    test('mails its owner once, and nobody when there is no such person', async () => {
      const before = (await app().letters()).length
      for (let i = 1; i <= 8; i++) await wrong('bob')
      for (let i = 1; i <= 8; i++) await wrong('phantom')
      await expect.poll(async () => (await app().letters()).length).toBe(before + 1)
      expect((await app().letters()).at(-1)).toContain('To: bob@acme.test')
    })
  })

  describe('A password that was imported', () => {
    const FORMS: [string, string, NonNullable<NonNullable<DirectoryDocument['users']>[0]['password_hash']>][] = [
      ['salt+sha256 of the contract, first vector', 'password', {
        algorithm: 'salt+sha256', salt: 'hello',
        hash: 'b1c788abac15390de987ad17b65ac73c9b475d428a51f245c645a442fddd078b' }],
      ['salt+sha256 of the contract, second vector', 'P@33w0rd1', {
        algorithm: 'salt+sha256', salt: '11xxxx1',
        hash: '9fb8dc1cdabee85d13f5b4ba680a5e71cb8c80e78e5ffe8c01b698fa39346006' }],
      ['salt+sha256 in capitals', 'P@33w0rd1', {
        algorithm: 'salt+sha256', salt: '11xxxx1',
        hash: '9FB8DC1CDABEE85D13F5B4BA680A5E71CB8C80E78E5FFE8C01B698FA39346006' }],
      ['sha256 without a salt', 'abc', {
        algorithm: 'salt+sha256', hash: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad' }],
      ['bcrypt $2b$', 'bcrypt-is-old-now', bcrypt.hashSync('bcrypt-is-old-now', 4)],
      ['bcrypt $2y$', 'bcrypt-from-php', bcrypt.hashSync('bcrypt-from-php', 4).replace(/^\$2[ab]/, '$2y')],
      ['bcrypt $2a$', 'bcrypt-from-java', bcrypt.hashSync('bcrypt-from-java', 4).replace(/^\$2[by]/, '$2a')],
      ['Argon2id', 'argon-of-another-house', hashSync('argon-of-another-house', { memoryCost: 64, timeCost: 1 })],
      ['Argon2id of a password with an umlaut', 'Zürich-in-the-rain', hashSync('Zürich-in-the-rain', { memoryCost: 64, timeCost: 1 })],
    ] // prettier-ignore

    const stored = async () =>
      (
        await app()
          .ctx.db.selectFrom('users')
          .select('passwordHash')
          .where('id', '=', 77)
          .executeTakeFirstOrThrow()
      ).passwordHash!

    test.each(FORMS)('as %s signs in, and is ours from then on', async (_form, password, password_hash) => {
      if (password.length > 8) app().sink.learn(password)
      await importDirectory(app().ctx, {
        users: [{ id: 77, username: 'imported', status: 1, password_hash }],
      })
      const imported = await stored()
      expect(imported).not.toMatch(/^peppered:/)
      expect(await tryPassword('imported', `${password}x`)).toBe(TEXT.invalid)
      expect(await tryPassword('imported', imported)).toBe(TEXT.invalid)
      expect(await stored()).toBe(imported)
      expect(await tryPassword('imported', password)).toBe('in')
      const upgraded = await stored()
      expect(upgraded).toMatch(/^peppered:\$argon2id\$/)
      expect(await tryPassword('imported', password)).toBe('in')
      expect(await tryPassword('imported', `${password}x`)).toBe(TEXT.invalid)
      expect(await stored()).toBe(upgraded)
    })

    test('as bcrypt is not matched by its first 72 bytes', async () => {
      const long = 'x'.repeat(72)
      const password_hash = bcrypt.hashSync(long, 4)
      await importDirectory(app().ctx, {
        users: [{ id: 77, username: 'imported', status: 1, password_hash }],
      })
      expect(await tryPassword('imported', `${long}y`)).toBe(TEXT.invalid)
      expect(await tryPassword('imported', long)).toBe('in')
    })
  })
})

describe('The policy', () => {
  test.each<['none' | 'required', PersonName, string | number]>([
    ['none', 'ada', 'Success'],
    ['required', 'ada', 'MFA is required for this user'],
    ['required', 'bob', 'MFA is required and the user has no factor. Access is unauthorized'],
  ])('%s for %s: %s', async (mfa, who, message) => {
    const app = await startApp({ policy: { mfa } })
    try {
      expect((await signIn(app, who)).json.status.message).toBe(message)
    } finally {
      await app.close()
    }
  })

  test('sets how many wrong passwords lock and for how long', async () => {
    const app = await startApp({ policy: { max_invalid_attempts: 2, lock_minutes: 1 } })
    try {
      const token = await app.token()
      const message = async (password: string) =>
        learned(app, await app.post(LOGIN, credentials('gus', password), token)).json.status.message as string
      for (let i = 1; i <= 2; i++) expect(await message('a-wrong-password')).toBe(TEXT.invalid)
      expect(await message(PASSWORDS.gus)).toBe(TEXT.locked)
      await app.advance(60)
      expect(await message(PASSWORDS.gus)).toBe('Success')
    } finally {
      await app.close()
    }
  })

  test('counts failures of one address together, and answers 429 past its budget', async () => {
    const app = await startApp({ policy: { max_failures_per_address: 5 }, document: company() })
    try {
      const token = await app.token()
      const guess = (n: number) => app.post(LOGIN, credentials(`person-${n}`, 'a-sprayed-password'), token)
      for (let n = 1; n <= 5; n++) expect((await guess(n)).status).toBe(401)
      const refused = await app.post(LOGIN, credentials('bob', PASSWORDS.bob), token, {
        'x-forwarded-for': '203.0.113.9',
      })
      expect(refused.status).toBe(429)
      expect(refused.headers.get('retry-after')).toBe('600')
      await app.advance(600)
      expect((await signIn(app, 'bob')).status).toBe(200)
    } finally {
      await app.close()
    }
  })
})
