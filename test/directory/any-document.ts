import fc from 'fast-check'
import type { DirectoryDocument, DocumentApp, DocumentUser } from '../../server/directory/document.ts'
import { loginKey } from '../../server/directory/user.ts'

const text = (maxLength: number) =>
  fc.string({ unit: 'grapheme', minLength: 0, maxLength }).map((t) => t.replaceAll('\0', ''))
const name = text(20).map((t) => t.trim() || 'name')
const time = fc
  .date({ min: new Date('1971-01-01'), max: new Date('9999-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString())
const id = fc.integer({ min: 1, max: 100_000 })
const letters = (alphabet: string, length: number) =>
  fc.string({ unit: fc.constantFrom(...alphabet.split('')), minLength: length, maxLength: length })
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null })

const passwordHash = fc.oneof(
  fc.constant('$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQxMjM$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE'),
  letters('./ABCyz059', 53).map((t) => `$2b$10$${t}`),
  fc.record({
    algorithm: fc.constant('salt+sha256' as const),
    salt: text(20),
    hash: letters('0123abcdef', 64),
  }),
  fc.constant({
    algorithm: 'argon2id+pepper' as const,
    hash: '$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHQxMjM$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE',
  }),
)

const factor = fc
  .record({
    type: fc.constantFrom('totp' as const, 'email' as const),
    label: maybe(name),
    secret: letters('ABCXYZ234567', 32),
    created_at: maybe(time),
    last_used_at: maybe(orNull(time)),
  })
  .map(({ secret, ...rest }) => (rest.type === 'totp' ? { ...rest, secret } : rest))

const plainFields = fc.record(
  {
    firstname: orNull(text(20)),
    lastname: text(20),
    status: fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8),
    state: fc.constantFrom(0, 1, 2, 3),
    notes: orNull(text(100)),
    company: text(20),
    department: orNull(text(20)),
    title: text(20),
    phone: text(20),
    external_id: text(20),
    directory_id: orNull(fc.integer()),
    distinguished_name: text(100),
    samaccountname: text(20),
    userprincipalname: text(20),
    member_of: text(100),
    manager_ad_id: text(20),
    manager_user_id: fc.integer(),
    openid_name: text(20),
    locale_code: text(5),
    preferred_locale_code: text(5),
    trusted_idp_id: fc.integer(),
    invalid_login_attempts: orNull(fc.nat({ max: 1000 })),
    invalid_login_since: orNull(time),
    locked_until: orNull(time),
    lock_reason: fc.constantFrom('guessing' as const, 'administrator' as const, null),
    last_login: orNull(time),
    activated_at: time,
    invitation_sent_at: time,
    password_changed_at: orNull(time),
    created_at: time,
    updated_at: time,
    password_hash: orNull(passwordHash),
  },
  { requiredKeys: [] },
)

interface Known {
  roles: number[]
  groups: number[]
  attributes: string[]
}

const user = ({ roles, groups, attributes }: Known) =>
  fc
    .record({
      plain: plainFields,
      id: maybe(id),
      email: maybe(fc.tuple(letters('abcÄßéΣ', 3), id).map(([t, n]) => `${t}${n}@acme.test`)),
      username: fc.tuple(name, id).map(([t, n]) => `${t}${n}`),
      roles: maybe(fc.subarray(roles).chain((some) => fc.shuffledSubarray(some, { minLength: some.length }))),
      group_id: maybe(orNull(fc.constantFrom(...groups))),
      custom_attributes: maybe(
        fc.dictionary(fc.constantFrom(...attributes), orNull(text(20)), { noNullPrototype: true }),
      ),
      factors: maybe(fc.array(factor, { maxLength: 3 })),
    })
    .map(({ plain, ...rest }): DocumentUser => ({ ...plain, ...rest }))

const awsApp = (roles: number[]) =>
  fc
    .uniqueArray(letters('abcdef', 8), { minLength: 1, maxLength: 3 })
    .chain((names) => fc.tuple(...names.map((n) => fc.tuple(fc.constant(n), fc.subarray(roles)))))
    .map((pairs): Partial<DocumentApp> => ({
      connector: 'aws',
      aws: {
        roles: pairs.map(([n, directory_roles]) => ({
          role_arn: `arn:aws:iam::111122223333:role/${n}`,
          provider_arn: 'arn:aws:iam::111122223333:saml-provider/Doorward',
          directory_roles,
        })),
      },
    }))

const samlApp = fc
  .record({ name_id: fc.constantFrom('email', 'id'), host: letters('abc', 4), several: fc.boolean() })
  .map(({ name_id, host, several }) => {
    const address = `https://${host}.test/acs`
    const where = several ? { acs_urls: [address, `${address}2`] } : { acs_url: address }
    return { connector: 'saml' as const, saml: { entity_id: host, name_id, ...where } }
  })

const app = (roles: number[]) =>
  fc
    .record({
      id: maybe(id),
      name,
      icon: maybe(fc.constantFrom('a.svg', null)),
      visible: maybe(fc.boolean()),
      roles: maybe(fc.subarray(roles)),
      rest: fc.oneof(awsApp(roles), samlApp),
    })
    .map(({ rest, ...fields }): DocumentApp => ({ ...fields, ...rest }))

const named = { selector: (entry: { name?: string | undefined }) => entry.name }
const unique = <T extends { id?: number | undefined }>(entry: fc.Arbitrary<T>, maxLength: number) =>
  fc.uniqueArray(entry, { maxLength, selector: ({ id: given }) => given ?? Symbol('none') })

/** Keeps the entries whose keys nobody before them has. */
const distinct = <T>(entries: T[], keys: (entry: T) => (string | undefined)[]): T[] => {
  const taken = new Set<string>()
  return entries.filter((entry) => {
    const own = keys(entry).filter((key) => key !== undefined)
    if (own.some((key) => taken.has(key))) return false
    for (const key of own) taken.add(key)
    return true
  })
}

const credential = fc.record({
  name,
  client_id: letters('0123456789abcdef', 16),
  client_secret: letters('0123456789abcdef', 16),
  scope: fc.constantFrom('Authentication Only' as const, 'Manage All' as const, undefined),
  enabled: maybe(fc.boolean()),
})

const digest = letters('0123456789abcdef', 64).map((hash) => ({ algorithm: 'sha256' as const, hash }))

const legacyKey = fc.record({
  id: maybe(id),
  name,
  key_hash: digest,
  scope: fc.constantFrom('Read All' as const, undefined),
  enabled: maybe(fc.boolean()),
})

const privilege = (roles: number[]) =>
  fc.record({
    id: fc.uuid(),
    name,
    description: maybe(orNull(text(20))),
    privilege: fc.subarray(['users:List', 'users:Get', 'users:Unlock'], { minLength: 1 }).map((Action) => ({
      Version: '2018-05-18' as const,
      Statement: [{ Effect: 'Allow' as const, Action, Scope: ['*'] }],
    })),
    roles: maybe(fc.subarray(roles)),
  })

const brand = fc.record({
  name: letters('abcdefghij', 6),
  title: letters('ABC äß', 6).map((t) => `x${t}x`),
  primary_color: maybe(letters('0123abCDEF', 6).map((t) => `#${t}`)),
})

const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 4 })

/** Documents that can be imported into an empty directory. */
export const anyDocument: fc.Arbitrary<DirectoryDocument> = fc
  .record({
    roles: ids,
    groups: ids,
    attributes: fc.uniqueArray(letters('abc_-12', 5), { minLength: 1, maxLength: 3 }),
  })
  .chain((known) =>
    fc.record({
      account: maybe(
        fc.record({
          subdomain: letters('abc1', 5),
          name: maybe(name),
          embed_token_hash: maybe(orNull(digest)),
        }),
      ),
      policy: maybe(
        fc.record({
          mfa: fc.constantFrom('none' as const, 'required' as const),
          session_hours: fc.integer({ min: 1, max: 24 }),
        }),
      ),
      custom_attributes: fc.constant(known.attributes),
      groups: fc.constant(
        known.groups.map((n) => ({
          id: n,
          name: `group ${n}`,
          ...(n % 2 === 0 && { policy: { mfa: 'required' as const, grace_sign_ins: n % 7 } }),
        })),
      ),
      roles: fc.constant(known.roles.map((n) => ({ id: n, name: `role ${n}` }))),
      brands: fc.uniqueArray(brand, { maxLength: 3, ...named }),
      apps: unique(app(known.roles), 3).map((list) => distinct(list, (a) => [a.name])),
      users: unique(user(known), 4).map((list) =>
        distinct(list, (u) => [u.email ? loginKey(u.email) : undefined, loginKey(u.username ?? '')]),
      ),
      api_credentials: fc
        .array(credential, { maxLength: 3 })
        .map((list) => distinct(list, (c) => [`name ${c.name}`, `client ${c.client_id}`])),
      legacy_keys: unique(legacyKey, 3).map((list) =>
        distinct(list, (key) => [`name ${key.name}`, key.key_hash.hash]),
      ),
      privileges: fc.uniqueArray(privilege(known.roles), { maxLength: 3, selector: (each) => each.id }),
    }),
  )
