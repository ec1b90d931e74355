import fc from 'fast-check'
import { expect, test } from 'vitest'
import { freshDatabaseUrl } from '../support/postgres.ts'
import { anyDocument } from './any-document.ts'
import { exportedDirectory, faultsOf, openDirectory } from './open-directory.ts'

const digest = (letter: string) => ({ algorithm: 'sha256' as const, hash: letter.repeat(64) })

test('an export imported elsewhere gives the same bytes, and imported at home changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(anyDocument, async (document) => {
      const [home, elsewhere] = [await openDirectory(), await openDirectory()]
      await home.import(document)
      const text = await home.exportText()

      elsewhere.movable.advance(1000)
      await elsewhere.import(text)
      expect(await elsewhere.exportText()).toBe(text)

      const before = await home.db.selectFrom('users').selectAll().orderBy('id').execute()
      home.movable.advance(1000)
      const tallies = Object.values(await home.import(text))
      expect(tallies.map(({ created, updated }) => created + updated)).toEqual(tallies.map(() => 0))
      expect(await home.db.selectFrom('users').selectAll().orderBy('id').execute()).toEqual(before)
      expect(await home.exportText()).toBe(text)
      await Promise.all([home.db.destroy(), elsewhere.db.destroy()])
    }),
    { numRuns: 60 },
  )
}, 60_000)

test('a directory moves from SQLite to PostgreSQL and back without losing a byte', async () => {
  const onPostgres = async () => openDirectory(undefined, await freshDatabaseUrl())
  const documents = fc.sample(anyDocument, { numRuns: 5, seed: 7 })
  for (const document of documents) {
    const [home, away, back] = [await openDirectory(), await onPostgres(), await openDirectory()]
    await home.import(document)
    const text = await home.exportText()
    await away.import(text)
    expect(await away.exportText()).toBe(text)
    const tallies = Object.values(await away.import(text))
    expect(tallies.every(({ created, updated }) => created + updated === 0)).toBe(true)
    await away.import({ roles: [{ name: 'one more' }], users: [{ username: 'one more' }] })
    await back.import(await away.exportText())
    expect(await back.exportText()).toBe(await away.exportText())
  }
}, 60_000)

test('every key a document gives comes back out of it', async () => {
  const directory = await openDirectory()
  const time = '2026-01-31T09:05:00.000Z'
  const given = {
    id: 7,
    email: 'Sally@acme.test',
    username: 'styler',
    firstname: 'Sally',
    lastname: 'Tyler',
    status: 3,
    state: 2,
    comment: 'c',
    group_id: 1,
    company: 'd',
    department: 'e',
    title: 'f',
    phone: 'g',
    external_id: 'h',
    directory_id: 2,
    distinguished_name: 'i',
    samaccountname: 'j',
    userprincipalname: 'k',
    member_of: 'l',
    manager_ad_id: 'm',
    manager_user_id: 3,
    openid_name: 'n',
    locale_code: 'o',
    preferred_locale_code: 'p',
    trusted_idp_id: 4,
    lock_reason: 'guessing',
    invalid_login_attempts: 2,
    invalid_login_since: time,
    locked_until: time,
    last_login: time,
    activated_at: time,
    invitation_sent_at: time,
    password_changed_at: time,
    created_at: time,
    updated_at: time,
    password_hash: `$2b$10$${'a'.repeat(53)}`,
    custom_attributes: { branch: 'q' },
    roles: [11, 10],
    factors: [
      {
        id: 70,
        type: 'totp',
        label: 'Phone',
        secret: 'JBSWY3DPEHPK3PXP',
        default: true,
        created_at: time,
        last_used_at: time,
      },
    ],
  } as const
  const head = {
    custom_attributes: ['branch'],
    groups: [{ id: 1, name: 'Staff', reference: 'r' }],
    roles: [
      { id: 10, name: 'A' },
      { id: 11, name: 'B' },
    ],
  }
  await directory.import(JSON.stringify({ ...head, users: [given] }))
  const { users, groups } = await directory.export()
  expect(users).toEqual([given])
  expect(groups).toEqual(head.groups)
})

/** What lets programs and delegated administrators in, whole. */
const ACCESS = {
  account: { subdomain: 'acme', name: 'Acme', embed_token_hash: digest('e') },
  roles: [{ id: 10, name: 'Help desk' }],
  users: [
    { id: 7, username: 'sally', roles: [10] },
    { id: 8, username: 'tom' },
  ],
  api_credentials: [
    {
      id: 1,
      name: 'ci',
      client_id: 'c',
      client_secret_hash: digest('c'),
      scope: 'Read All',
      owner_user_id: 7,
    },
  ],
  legacy_keys: [
    { id: 3, name: 'cron', key_hash: digest('a'), scope: 'Manage All', owner_user_id: 8, enabled: false },
  ],
  privileges: [
    {
      id: '3f2a9c1e-5b7d-4e8a-9f00-1c2d3e4f5a6b',
      name: 'Unlock',
      description: 'for the desk',
      privilege: {
        Version: '2018-05-18',
        Statement: [{ Effect: 'Allow', Action: ['users:Unlock'], Scope: ['roles/10'] }],
      },
      roles: [10],
      users: [7, 8],
    },
  ],
} as const

test('privileges with their holders, owners, API keys and the embed token move between databases', async () => {
  const [home, away] = [await openDirectory(), await openDirectory(undefined, await freshDatabaseUrl())]
  await home.import(JSON.stringify(ACCESS))
  await away.import(await home.exportText())
  expect(await away.export()).toMatchObject(ACCESS)
  const [privilege] = ACCESS.privileges
  const { privileges } = await away.import({ privileges: [{ id: privilege.id, users: [8], roles: [] }] })
  expect(privileges).toEqual({ created: 0, updated: 1, unchanged: 0 })
  expect((await away.export()).privileges).toMatchObject([{ ...privilege, users: [8], roles: [] }])
})

test('a privilege that is not whole, or held by nobody known, is a fault, and nothing is kept', async () => {
  const directory = await openDirectory()
  const [privilege] = ACCESS.privileges
  const id = '00000000-0000-0000-0000-000000000000'
  const at = '$.privileges'
  expect(await faultsOf(directory, { ...ACCESS, privileges: [{ ...privilege, users: [7, 9] }] })).toEqual([
    `${at}[0].users[1] is the id of no user`,
  ])
  expect(await directory.store.isEmpty()).toBe(true)
  const privileges = [{ id }, { id, name: 'x', privilege: privilege.privilege, roles: [11], users: [7, 7] }]
  expect(await faultsOf(directory, { privileges })).toEqual([
    `${at}[0].name is missing`,
    `${at}[0].privilege is missing`,
    `${at}[1].id is also the id of ${at}[0]`,
    `${at}[1].roles[0] is the id of no role`,
    `${at}[1].users must not list a person twice`,
  ])
  const keys = [{ name: 'a' }, { name: 'b', key_hash: digest('a') }, { name: 'c', key_hash: digest('a') }]
  expect(await faultsOf(directory, { legacy_keys: keys })).toEqual([
    '$.legacy_keys[0].key_hash is missing',
    '$.legacy_keys[2].key_hash is also the key of $.legacy_keys[1]',
  ])
})

test('an export holds no steps, sessions, tokens or signing keys, and no reference to what is gone', async () => {
  const directory = await openDirectory()
  await directory.import({
    custom_attributes: ['gone', 'here'],
    groups: [{ id: 1, name: 'Staff' }],
    roles: [
      { id: 10, name: 'A' },
      { id: 11, name: 'B' },
    ],
    apps: [
      {
        id: 5,
        name: 'AWS',
        connector: 'aws',
        roles: [10, 11],
        aws: {
          roles: [
            {
              role_arn: 'arn:aws:iam::111122223333:role/Dev',
              provider_arn: 'arn:aws:iam::111122223333:saml-provider/Doorward',
              directory_roles: [10, 11],
            },
          ],
        },
      },
    ],
    users: [
      { id: 7, username: 'a', group_id: 1, roles: [11, 10], custom_attributes: { gone: 'x', here: 'y' } },
    ],
  })
  await directory.db.deleteFrom('groups').execute()
  await directory.db.deleteFrom('roles').where('id', '=', 11).execute()
  await directory.db.deleteFrom('customAttributes').where('name', '=', 'gone').execute()
  await directory.db
    .insertInto('signingKeys')
    .values({ sealedPrivateKey: 'private-key', certificatePem: 'pem', createdAt: 0, active: 1 })
    .execute()
  const text = await directory.exportText()
  expect(text).not.toMatch(/private-key|lastStep|last_step|sessionEpoch|keyCheck/)
  const { users, apps } = await directory.export()
  expect(users![0]).not.toHaveProperty('group_id')
  expect(users![0]).toMatchObject({ roles: [10], custom_attributes: { here: 'y' } })
  expect(apps![0]).toMatchObject({ roles: [10], aws: { roles: [{ directory_roles: [10] }] } })
  await (await openDirectory()).import(text)
})

test('an export sees one state of the directory', async () => {
  const directory = await openDirectory()
  await directory.import({ users: Array.from({ length: 1200 }, (_, i) => ({ username: `u${i}` })) })
  const [document] = await Promise.all([
    exportedDirectory(directory),
    directory.import({ roles: [{ id: 1, name: 'late' }], users: [{ username: 'u1199', roles: [1] }] }),
  ])
  expect(document.roles).toEqual([])
  expect(JSON.stringify(document)).not.toContain('late')
  expect(document.users!.at(-1)!.roles).toEqual([])
})
