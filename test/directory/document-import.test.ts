import { createHash } from 'node:crypto'
import bcrypt from 'bcryptjs'
import { hash as argon2 } from '@node-rs/argon2'
import { describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { authenticatorPlace } from '../../server/factors/authenticator-store.ts'
import {
  importDirectory,
  DirectoryNotEmpty,
  type ImportProgress,
} from '../../server/directory/import-document.ts'
import { sha256 } from '../../server/platform/master-key.ts'
import type { DirectoryDocument } from '../../server/directory/document.ts'
import { faultsOf, openDirectory, type TestDirectory } from './open-directory.ts'

const SECRET = 'JBSWY3DPEHPK3PXP'
const small = (): DirectoryDocument => ({
  custom_attributes: ['branch_name'],
  groups: [{ id: 1, name: 'Staff' }],
  roles: [
    { id: 10, name: 'Developers' },
    { id: 11, name: 'Readers' },
  ],
  users: [
    {
      id: 7,
      email: 'Sally@acme.test',
      username: 'styler',
      roles: [11, 10],
      group_id: 1,
      custom_attributes: { branch_name: 'Lisbon' },
      password: 'correct horse',
      factors: [
        { id: 70, type: 'totp', label: 'Phone', secret: 'jbsw y3dp-ehpk 3pxp' },
        { id: 71, type: 'email' },
      ],
    },
  ],
})

const factors = (directory: TestDirectory) =>
  directory.db.selectFrom('authenticators').selectAll().orderBy('id').execute()

describe('an import', () => {
  test('keeps ids, role order and fields, and seals secrets for their row', async () => {
    const directory = await openDirectory()
    await directory.import(small())
    const row = await directory.user(7)
    expect(row).toMatchObject({
      email: 'Sally@acme.test',
      emailKey: 'sally@acme.test',
      usernameKey: 'styler',
      status: 1,
      state: 1,
      groupId: 1,
      customAttributes: '{"branch_name":"Lisbon"}',
      createdAt: directory.clock(),
      passwordChangedAt: directory.clock(),
    })
    const roles = await directory.db.selectFrom('userRoles').select('roleId').orderBy('position').execute()
    expect(roles.map((r) => r.roleId)).toEqual([11, 10])
    const [totp, email] = await factors(directory)
    expect([totp!.id, totp!.label, email!.id, email!.label]).toEqual([70, 'Phone', 71, 'E-mail'])
    expect(totp!.sealedSecret).not.toContain(SECRET)
    expect(directory.sealer.open(totp!.sealedSecret!, authenticatorPlace(70))).toBe(SECRET)
    expect(() => directory.sealer.open(totp!.sealedSecret!, authenticatorPlace(71))).toThrow()
  })

  test('leaves nothing behind when the third person is wrong', async () => {
    const directory = await openDirectory()
    const before = await directory.exportText()
    const people = [{ email: 'a@x' }, { email: 'b@x' }, { email: 'c' }]
    expect(await faultsOf(directory, { ...small(), users: people })).toHaveLength(1)
    expect(await directory.exportText()).toBe(before)
  })

  test('leaves nothing behind when the database refuses half-way', async () => {
    const directory = await openDirectory()
    const before = await directory.exportText()
    const { store } = directory
    const failing: typeof store = {
      ...store,
      write: (work) =>
        store.write((rows) =>
          work({
            ...rows,
            addPeople: async (people) => {
              await rows.addPeople(people)
              throw new Error('disk full')
            },
          }),
        ),
    }
    await expect(importDirectory({ ...directory, store: failing }, small())).rejects.toThrow('disk full')
    expect(await directory.exportText()).toBe(before)
  })

  test('reads YAML as it reads JSON', async () => {
    const [json, yaml] = [await openDirectory(), await openDirectory()]
    const document = small()
    delete document.users![0]!.password
    await json.import(document)
    await yaml.import(`# the company\n${stringify(document)}`)
    expect(await yaml.exportText()).toBe(await json.exportText())
  })

  test('finds people by id, else by e-mail, else by username, and changes the given keys only', async () => {
    const directory = await openDirectory()
    await directory.import(small())
    const before = await directory.user(7)
    directory.movable.advance(60)
    await directory.import({ users: [{ email: 'SALLY@acme.test', title: 'Boss' }] })
    expect(await directory.user(7)).toEqual({
      ...before,
      email: 'SALLY@acme.test',
      title: 'Boss',
      updatedAt: directory.clock(),
    })
    await directory.import({
      users: [
        { username: 'STYLER', email: 'new@acme.test', title: null, custom_attributes: { branch_name: '' } },
      ],
    })
    expect(await directory.user(7)).toMatchObject({
      emailKey: 'new@acme.test',
      username: 'STYLER',
      title: null,
      customAttributes: '{}',
    })
    await directory.import({ users: [{ id: 7, email: null }] })
    expect(await directory.user(7)).toMatchObject({ email: '', emailKey: null })
    expect((await factors(directory)).map((f) => f.id)).toEqual([70, 71])
  })

  test('gives people without a password status 7, and others the defaults', async () => {
    const directory = await openDirectory()
    await directory.import({
      users: [
        { id: 3, username: 'a' },
        { id: 4, username: 'b', password: 'x', status: 2 },
      ],
    })
    expect(await directory.user(3)).toMatchObject({ status: 7, state: 1, email: '', passwordHash: null })
    expect(await directory.user(4)).toMatchObject({ status: 2 })
  })

  test('that changes nothing about a person leaves the time of their last change', async () => {
    const directory = await openDirectory()
    await directory.import(small())
    const before = await directory.user(7)
    directory.movable.advance(60)
    await directory.import({ users: [{ id: 7, email: 'Sally@acme.test', roles: [11, 10] }] })
    expect(await directory.user(7)).toEqual(before)
    await directory.import({ users: [{ id: 7, roles: [10, 11] }] })
    expect((await directory.user(7)).updatedAt).toBe(directory.clock())
  })

  test('says how many rows it made, changed, and left', async () => {
    const directory = await openDirectory()
    expect((await directory.import(small())).users).toEqual({ created: 1, updated: 0, unchanged: 0 })
    const summary = await directory.import({
      ...small(),
      roles: [{ id: 10, name: 'Builders' }, { name: 'Readers' }, { name: 'New' }],
    })
    expect(summary.roles).toEqual({ created: 1, updated: 1, unchanged: 1 })
    expect(summary.users).toEqual({ created: 0, updated: 0, unchanged: 1 })
  })

  test('lets two people swap e-mails, two roles swap names, and two clients swap ids', async () => {
    const directory = await openDirectory()
    const pair = (a: string, b: string): DirectoryDocument => ({
      users: [
        { id: 1, email: `${a}@x` },
        { id: 2, email: `${b}@x` },
      ],
      roles: [
        { id: 1, name: a },
        { id: 2, name: b },
      ],
      api_credentials: [
        { id: 1, name: a, client_id: a, client_secret: 's' },
        { id: 2, name: b, client_id: b, client_secret: 's' },
      ],
    })
    await directory.import(pair('a', 'b'))
    await directory.import(pair('b', 'a'))
    const { users, roles, api_credentials } = await directory.export()
    expect(users!.map((u) => u.email)).toEqual(['b@x', 'a@x'])
    expect(roles!.map((r) => r.name)).toEqual(['b', 'a'])
    expect(api_credentials!.map((c) => c.client_id)).toEqual(['b', 'a'])
  })

  test('gives rows without an id none that the document speaks for', async () => {
    const directory = await openDirectory()
    await directory.import({
      roles: [{ name: 'first' }, { id: 1, name: 'one' }, { id: 2, name: 'two' }],
      users: [
        { email: 'a@x', factors: [{ type: 'email' }] },
        {
          id: 1,
          email: 'b@x',
          factors: [
            { type: 'totp', secret: SECRET },
            { id: 1, type: 'email' },
          ],
        },
      ],
    })
    const roles = await directory.db.selectFrom('roles').selectAll().execute()
    expect(new Map(roles.map((r) => [r.id, r.name]))).toMatchObject(
      new Map([
        [1, 'one'],
        [2, 'two'],
        [3, 'first'],
      ]),
    )
    expect((await directory.user(1)).email).toBe('b@x')
    expect((await factors(directory)).find((f) => f.id === 1)).toMatchObject({ userId: 1, factor: 'email' })
    const next = Math.max(...(await factors(directory)).map((f) => f.id)) + 1
    await directory.import({
      users: [
        { email: 'a@x', factors: [{ type: 'totp', secret: SECRET }] },
        { email: 'b@x', factors: [{ id: next, type: 'email' }] },
      ],
    })
    expect((await factors(directory)).find((f) => f.id === next)).toMatchObject({ userId: 1 })
  })

  test('is refused where it would take what somebody in the database has', async () => {
    const directory = await openDirectory()
    await directory.import(small())
    await directory.import({
      brands: [{ name: 'acme', title: 'Acme', default: true, hosts: ['a.test'] }],
      api_credentials: [{ id: 5, name: 'ci', client_id: 'c', client_secret: 's' }],
    })
    const faults = await faultsOf(directory, {
      roles: [{ id: 12, name: 'Readers' }],
      users: [{ email: 'x@x', username: 'Sally@ACME.test', factors: [{ id: 70, type: 'email' }] }],
      brands: [{ name: 'b', title: 'B', default: true, hosts: ['A.test'] }],
      api_credentials: [{ name: 'b', client_id: 'c', client_secret: 's' }],
    })
    expect(faults.sort()).toEqual([
      '$.api_credentials[0].client_id is also the client_id of API credential 5 of the database',
      '$.brands[0].default cannot be true: the default brand is brand acme of the database',
      '$.brands[0].hosts[0] is also the host of brand acme of the database',
      '$.roles[0].name is also the name of role 11 of the database',
      '$.users[0].factors[0].id is also the id of a factor of user 7 of the database',
      '$.users[0].username is also the e-mail or username of user 7 of the database',
    ])
    expect(
      await faultsOf(directory, {
        users: [{ id: 7, factors: [{ id: 70, type: 'email' }, { type: 'totp' }] }],
      }),
    ).toEqual([
      '$.users[0].factors[0].type must be totp, as it is in the database',
      '$.users[0].factors[1].secret is missing',
    ])
  })

  test('lays brand, policy and account keys over those that are stored', async () => {
    const directory = await openDirectory()
    await directory.import({
      account: { subdomain: 'acme' },
      policy: { mfa: 'required', lock_minutes: 5 },
      brands: [{ name: 'acme', title: 'Acme', logo: 'acme.svg', primary_color: '#ABCDEF' }],
    })
    await directory.import({ policy: { mfa: null }, brands: [{ name: 'acme', title: 'ACME', logo: null }] })
    const { account, policy, brands } = await directory.export()
    expect(account).toEqual({ subdomain: 'acme', name: 'Doorward' })
    expect(policy).toMatchObject({ mfa: 'enrolled', lock_minutes: 5, max_invalid_attempts: 5 })
    expect(brands).toMatchObject([{ title: 'ACME', primary_color: '#abcdef' }])
    expect(brands![0]).not.toHaveProperty('logo')
  })

  test('stores client secrets as SHA-256 only, and credentials that are switched off', async () => {
    const directory = await openDirectory()
    await directory.import({
      api_credentials: [
        { name: 'ci', client_id: 'c', client_secret: 'tell nobody'.replace(' ', '-'), enabled: false },
      ],
    })
    const row = await directory.db.selectFrom('apiCredentials').selectAll().executeTakeFirstOrThrow()
    expect(row).toMatchObject({
      clientSecretHash: sha256('tell-nobody'),
      enabled: 0,
      scope: 'Authentication Only',
    })
  })

  test('of two first imports keeps one', async () => {
    const directory = await openDirectory()
    const outcomes = await Promise.allSettled([
      importDirectory(directory, { roles: [{ name: 'a' }] }, { onlyIfEmpty: true }),
      importDirectory(directory, { roles: [{ name: 'b' }] }, { onlyIfEmpty: true }),
    ])
    expect(outcomes.map((o) => o.status).sort()).toEqual(['fulfilled', 'rejected'])
    expect(outcomes.find((o) => o.status === 'rejected')!.reason).toBeInstanceOf(DirectoryNotEmpty)
  })
})

describe('sessions end when an import', () => {
  const after = async (change: NonNullable<DirectoryDocument['users']>[number]) => {
    const directory = await openDirectory()
    await directory.import(small())
    const before = await directory.user(7)
    await directory.import({ users: [{ id: 7, ...change }] })
    return (await directory.user(7)).sessionEpoch - before.sessionEpoch
  }

  test('changes the password', async () => expect(await after({ password: 'another horse' })).toBe(1))
  test('takes the password away', async () => expect(await after({ password_hash: null })).toBe(1))
  test('suspends', async () => expect(await after({ status: 2 })).toBe(1))
  test('changes a secret', async () =>
    expect(
      await after({
        factors: [
          { id: 70, type: 'totp', secret: 'A'.repeat(32) },
          { id: 71, type: 'email' },
        ],
      }),
    ).toBe(1))
  test('takes a factor away', async () =>
    expect(await after({ factors: [{ id: 70, type: 'totp' }] })).toBe(1))
  test('adds a factor', async () =>
    expect(
      await after({
        factors: [
          { id: 70, type: 'totp' },
          { id: 71, type: 'email' },
          { type: 'email', label: 'b' },
        ],
      }),
    ).toBe(1))

  test('and not when it gives the password and factors that are there', async () => {
    const { password, factors: same } = small().users![0]!
    expect(await after({ password: password!, factors: same })).toBe(0)
    expect(
      await after({ factors: [{ type: 'totp', label: 'Phone', secret: SECRET }, { type: 'email' }] }),
    ).toBe(0)
    expect(await after({ status: 1, title: 'Boss', roles: [10] })).toBe(0)
  })

  test('and never live on for somebody new with an old id', async () => {
    const directory = await openDirectory()
    await directory.import(small())
    const { sessionEpoch } = await directory.user(7)
    await directory.db.deleteFrom('users').execute()
    directory.movable.advance(1)
    await directory.import(small())
    expect((await directory.user(7)).sessionEpoch).toBeGreaterThan(sessionEpoch)
  })
})

test('a factor that stays keeps the step it accepted last; a new secret starts anew', async () => {
  const directory = await openDirectory()
  await directory.import(small())
  await directory.db.updateTable('authenticators').set({ lastStep: 99 }).where('id', '=', 70).execute()
  await directory.import(small())
  expect((await factors(directory))[0]!.lastStep).toBe(99)
  await directory.import({ users: [{ id: 7, factors: [{ id: 70, type: 'totp', secret: 'A'.repeat(32) }] }] })
  expect((await factors(directory))[0]!.lastStep).toBe(0)
})

const PASSWORD = 'pässword 1'
const salted = (salt: string, password = PASSWORD) =>
  createHash('sha256')
    .update(salt + password)
    .digest('hex')

describe('a password verifies after an import of', () => {
  const FORMS: [string, () => Promise<NonNullable<DirectoryDocument['users']>[number]>][] = [
    ['clear text', async () => ({ password: PASSWORD })],
    ['clear text in another normal form', async () => ({ password: PASSWORD.normalize('NFD') })],
    ['$argon2id$', async () => ({ password_hash: await argon2(PASSWORD, { memoryCost: 64, timeCost: 1 }) })],
    ['$2b$', async () => ({ password_hash: await bcrypt.hash(PASSWORD, 4) })],
    ['$2a$', async () => ({ password_hash: (await bcrypt.hash(PASSWORD, 4)).replace('$2b$', '$2a$') })],
    ['$2y$', async () => ({ password_hash: (await bcrypt.hash(PASSWORD, 4)).replace('$2b$', '$2y$') })],
    [
      'salt+sha256',
      async () => ({ password_hash: { algorithm: 'salt+sha256', salt: 'hëllo:', hash: salted('hëllo:') } }),
    ],
    [
      'salt+sha256 in capitals',
      async () => ({
        password_hash: { algorithm: 'salt+sha256', salt: 'x', hash: salted('x').toUpperCase() },
      }),
    ],
    [
      'salt+sha256 without salt',
      async () => ({ password_hash: { algorithm: 'salt+sha256', hash: salted('') } }),
    ],
    [
      'argon2id+pepper',
      async () => {
        const { hasher } = await openDirectory()
        const hash = (await hasher.hash(PASSWORD)).replace('peppered:', '')
        return { password_hash: { algorithm: 'argon2id+pepper', hash } }
      },
    ],
  ]
  for (const [form, make] of FORMS) {
    test(form, async () => {
      const directory = await openDirectory()
      const secret = await make()
      await directory.import({ users: [{ id: 1, username: 'a', ...secret }] })
      const verifies = async (d: TestDirectory, password: string) =>
        d.hasher.verify((await d.user(1)).passwordHash, password)
      expect(await verifies(directory, PASSWORD)).toBe(true)
      expect(await verifies(directory, 'password 1')).toBe(false)
      expect((await directory.user(1)).status).toBe(1)

      const elsewhere = await openDirectory()
      await elsewhere.import(await directory.exportText())
      expect(await verifies(elsewhere, PASSWORD)).toBe(true)
    })
  }

  test('argon2id+pepper, under its own master key only', async () => {
    const [ours, other] = [await openDirectory(), await openDirectory(Buffer.alloc(32, 9))]
    await ours.import({ users: [{ id: 1, username: 'a', password: PASSWORD }] })
    await other.import(await ours.exportText())
    expect(await other.hasher.verify((await other.user(1)).passwordHash, PASSWORD)).toBe(false)
  })

  test("OneLogin's own salt+sha256 vector", async () => {
    const directory = await openDirectory()
    const hash = 'b1c788abac15390de987ad17b65ac73c9b475d428a51f245c645a442fddd078b'
    await directory.import({
      users: [{ id: 1, username: 'a', password_hash: { algorithm: 'salt+sha256', salt: 'hello', hash } }],
    })
    expect(await directory.hasher.verify((await directory.user(1)).passwordHash, 'password')).toBe(true)
  })
})

describe('an import of more people than are held at once', () => {
  const crowd = (change: (i: number) => object = () => ({})) =>
    Array.from({ length: 1300 }, (_, i) => ({ id: i + 1, username: `u${i}`, ...change(i) }))

  test('leaves nothing behind when the last of them is wrong', async () => {
    const directory = await openDirectory()
    const before = await directory.exportText()
    const users = crowd((i) => (i === 1299 ? { username: 'U0' } : {}))
    expect(await faultsOf(directory, { users })).toEqual([
      '$.users[1299].username is also the e-mail or username of $.users[0]',
    ])
    expect(await directory.exportText()).toBe(before)
  })

  test('lets people far apart swap their names, and new ones take a name that is let go', async () => {
    const directory = await openDirectory()
    await directory.import({ users: crowd() })
    const swapped = crowd((i) => (i === 0 ? { username: 'u1250' } : i === 1250 ? { username: 'new' } : {}))
    await directory.import({ users: [{ id: 5000, username: 'u0' }, ...swapped] })
    const names = await Promise.all([1, 1251, 5000].map(async (id) => (await directory.user(id)).usernameKey))
    expect(names).toEqual(['u1250', 'new', 'u0'])
  })

  test('gives nobody an id that somebody behind them brings along', async () => {
    const directory = await openDirectory()
    const totp = { type: 'totp' as const, secret: SECRET }
    const users = [
      { username: 'first', factors: [totp] },
      ...crowd((i) => (i === 1299 ? { factors: [{ ...totp, id: 1 }, { type: 'email' as const }] } : {})),
    ]
    await directory.import({ users })
    const { users: people } = await directory.export()
    const [first] = people!.filter(({ username }) => username === 'first')
    expect([people!.length, first!.id]).toEqual([1301, 1301])
    expect(first!.factors![0]!.id).toBeGreaterThan(1)
    expect(people!.find(({ id }) => id === 1300)!.factors![0]!.id).toBe(1)
  })

  test('tells the first thousand faults and how many there are', async () => {
    const directory = await openDirectory()
    const users = crowd(() => ({ username: 'same' }))
    const refused = await directory.import({ users }).catch((error: unknown) => error)
    expect(refused).toMatchObject({ name: 'DocumentError', count: 1299 })
    expect((refused as { faults: unknown[] }).faults).toHaveLength(1000)
    const wrong = await directory
      .import({ users: crowd(() => ({ status: 9 as 1 })) })
      .catch((error: unknown) => error)
    expect(wrong).toMatchObject({ name: 'DocumentError', count: 1300 })
  })

  test('tells how far it is', async () => {
    const directory = await openDirectory()
    const seen: ImportProgress[] = []
    const document = { users: crowd((i) => (i === 0 ? { password: 'correct horse' } : {})) }
    await importDirectory(directory, document, { onProgress: (progress) => seen.push(progress) })
    expect(new Set(seen.map(({ doing }) => doing))).toEqual(new Set(['checking', 'hashing', 'writing']))
    expect(seen.at(-1)).toEqual({ doing: 'writing', done: 1300, total: 1300 })
  })
})
