import { describe, expect, test } from 'vitest'
import { DOCUMENT_KINDS, POLICY_KINDS } from '../../server/factors/factor-kind.ts'
import { faultsOf, openDirectory } from './open-directory.ts'

const user = (fields: object) => ({ users: [{ email: 'a@acme.test', ...fields }] })
const aws = (roles: unknown[]) => ({ id: 5, name: 'AWS', connector: 'aws', aws: { roles } })
const awsRole = {
  role_arn: 'arn:aws:iam::111122223333:role/Dev',
  provider_arn: 'arn:aws:iam::111122223333:saml-provider/Doorward',
}
const wiki = {
  name: 'Wiki',
  connector: 'saml',
  saml: { entity_id: 'x', acs_url: 'https://wiki.acme.test/acs' },
}
const client = { name: 'ci', client_id: 'id', client_secret: 'secret' }
const ARGON = '$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQxMjM$MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE'
const ARGON_FAULT =
  'must be an Argon2id hash, $argon2id$v=19$m=…,t=…,p=…$salt$hash, of at most 1 GiB and 20 passes'
const BASE32_FAULT = 'must be Base32 (letters A to Z, digits 2 to 7), at least 16 characters'

type Case = [what: string, document: unknown, faults: string[]]

// prettier-ignore
const SHAPE: Case[] = [
  ['an unknown key', { user: [], users: [] }, ['$.user is not a known key']],
  ['unknown keys of an entry', user({ nick: 'x', '<b>': 1 }),
    ['$.users[0].nick is not a known key', '$.users[0]["<b>"] is not a known key']],
  ['a list that is none', { users: {} }, ['$.users must be a list']],
  ['an entry that is no object', { users: ['x'] }, ['$.users[0] must be an object with keys']],
  ['a number for text', user({ external_id: 12 }), ['$.users[0].external_id must be text (put it in quotes)']],
  ['text for a number', user({ group_id: '1' }), ['$.users[0].group_id must be a number']],
  ['half a number', user({ id: 1.5 }), ['$.users[0].id must be a whole number']],
  ['an id below 1', user({ id: 0 }), ['$.users[0].id must be at least 1']],
  ['an e-mail that is none', { users: [{ email: 'sally' }] }, ['$.users[0].email must be an e-mail address']],
  ['a blank username', { users: [{ username: ' ' }] }, ['$.users[0].username must not be blank']],
  ['a status that is none', user({ status: 6 }), ['$.users[0].status must be one of 0, 1, 2, 3, 4, 5, 7, 8']],
  ['a time that is none', user({ last_login: '2026-02-30T00:00:00Z' }),
    ['$.users[0].last_login must be a time such as 2026-01-31T09:05:00.000Z']],
  ['text that is too long', user({ title: 'x'.repeat(256) }), ['$.users[0].title must be at most 255 characters long']],
  ['a password beside a hash', user({ password: 'x', password_hash: ARGON }),
    ['$.users[0].password_hash cannot be given beside password']],
  ['comment beside notes', user({ comment: 'x', notes: 'y' }), ['$.users[0].notes cannot be given beside comment']],
  ['a password nobody can type in', user({ password: 'x'.repeat(1025) }),
    ['$.users[0].password must be at most 1024 bytes long']],
  ['a secret that is no Base32', user({ factors: [{ type: 'totp', secret: 'JBSWY3DPEHPK3PX1' }] }),
    [`$.users[0].factors[0].secret ${BASE32_FAULT}`]],
  ['a secret of a length no bytes have', user({ factors: [{ type: 'totp', secret: 'JBSWY3DPEHPK3PXPA' }] }),
    [`$.users[0].factors[0].secret ${BASE32_FAULT}`]],
  ['a short secret', user({ factors: [{ type: 'totp', secret: 'JBSWY3DP' }] }),
    [`$.users[0].factors[0].secret ${BASE32_FAULT}`]],
  ['a factor we do not have', user({ factors: [{ type: 'smoke_signal' }] }),
    [`$.users[0].factors[0].type must be one of ${DOCUMENT_KINDS.join(', ')}`]],
  ['a custom attribute name with a space', user({ custom_attributes: { 'a b': 'x' } }),
    ['$.users[0].custom_attributes["a b"] cannot be a key here: must be 1 to 64 letters, digits, underscores or hyphens']],
  ['a policy out of range', { policy: { mfa: 'always', lock_minutes: 0 } },
    ['$.policy.mfa must be one of none, enrolled, required, phishing_resistant', '$.policy.lock_minutes must be at least 1']],
  ['a rule that a group cannot have, and one that is none', { groups: [{ name: 'Staff', policy: { lock_minutes: 5, mfa: 'never' } }] },
    ['$.groups[0].policy.mfa must be one of none, enrolled, required, phishing_resistant', '$.groups[0].policy.lock_minutes is not a known key']],
  ['a factor that no app can allow', { apps: [{ ...wiki, policy: { allowed_factors: ['totp', 'tarot'] } }] },
    [`$.apps[0].policy.allowed_factors[1] must be one of ${POLICY_KINDS.join(', ')}`]],
  ['a subdomain with a dot', { account: { subdomain: 'a.b' } },
    ['$.account.subdomain must be lower-case letters, digits and hyphens']],
  ['a colour that is none', { brands: [{ name: 'acme', title: 'Acme', primary_color: 'red' }] },
    ['$.brands[0].primary_color must look like #0b5fff']],
  ['an app with a bad ARN', { apps: [aws([{ ...awsRole, role_arn: 'arn:aws:iam::1:role/Dev', directory_roles: [] }])] },
    ['$.apps[0].aws.roles[0].role_arn must be the ARN of an IAM role']],
  ['a scope that is none', { api_credentials: [{ ...client, scope: 'All' }] },
    ['$.api_credentials[0].scope must be one of Authentication Only, Read Users, Manage Users, Read All, Manage All']],
  ['a client id that Basic cannot carry', { api_credentials: [{ ...client, client_id: 'a:b' }] },
    ['$.api_credentials[0].client_id must be 1 to 255 printable ASCII characters without a colon']],
  ['half a character', user({ firstname: 'x\ud800' }), ['$.users[0].firstname must be well-formed Unicode']],
  ['NUL', user({ firstname: 'x\0' }), ['$.users[0].firstname must not contain the character NUL']],
  ['a key of JavaScript', '{"users":[{"email":"a@b","__proto__":{"status":1}}]}',
    ['$.users[0].__proto__ is not a key that may be used']],
  ['a deep document', `{"users":${'['.repeat(30)}${']'.repeat(30)}}`,
    [`$.users${'[0]'.repeat(20)} is nested too deep`]],
  ['a document that is a list', '- users', ['$ must be an object with keys']],
  ['an empty document', '', ['$ must be an object with keys']],
]

const hash = (password_hash: unknown) => user({ password_hash })
// prettier-ignore
const HASHES: Case[] = [
  ['an Argon2i hash', hash(ARGON.replace('argon2id', 'argon2i')), [`$.users[0].password_hash ${ARGON_FAULT}`]],
  ['an Argon2id hash that needs 4 GiB', hash(ARGON.replace('m=19456', 'm=4194304')),
    [`$.users[0].password_hash ${ARGON_FAULT}`]],
  ['an Argon2id hash with a broken salt', hash(ARGON.replace('c29tZXNhbHQxMjM', 'c29tZXNhbHQxMjN')),
    [`$.users[0].password_hash ${ARGON_FAULT}`]],
  ['a bcrypt hash that takes hours', hash(`$2b$31$${'a'.repeat(53)}`),
    ['$.users[0].password_hash must be a bcrypt hash, $2b$cost$…, with a cost from 4 to 15']],
  ['a bcrypt hash that is cut', hash(`$2b$10$${'a'.repeat(52)}`),
    ['$.users[0].password_hash must be a bcrypt hash, $2b$cost$…, with a cost from 4 to 15']],
  ['clear text', hash('hunter2'), [`$.users[0].password_hash ${ARGON_FAULT}`]],
  ['a SHA-256 that is none', hash({ algorithm: 'salt+sha256', salt: '', hash: 'x' }),
    ['$.users[0].password_hash.hash must be 64 hexadecimal digits']],
  ['an algorithm we do not have', hash({ algorithm: 'md5', hash: 'x' }),
    ['$.users[0].password_hash must be $argon2id$…, $2b$…, {"algorithm":"salt+sha256","salt":…,"hash":…} or ' +
      '{"algorithm":"argon2id+pepper","hash":…}']],
]

const totp = { type: 'totp', secret: 'JBSWY3DPEHPK3PXP' }
// prettier-ignore
const TOGETHER: Case[] = [
  ['a person without a name to sign in with', { users: [{ firstname: 'A' }] },
    ['$.users[0] needs an email or a username']],
  ['the same e-mail, spelled differently', { users: [{ email: 'ä@acme.test' }, { email: 'A\u0308@ACME.test' }] },
    ['$.users[1].email is also the e-mail or username of $.users[0]']],
  ['a username that is the e-mail of another', { users: [{ email: 'a@acme.test' }, { username: 'A@acme.test' }] },
    ['$.users[1].username is also the e-mail or username of $.users[0]']],
  ['an id twice', { roles: [{ id: 1, name: 'A' }, { id: 1, name: 'B' }] },
    ['$.roles[1].id is also the id of $.roles[0]']],
  ['a name twice', { groups: [{ id: 1, name: 'A' }, { name: 'A' }] },
    ['$.groups[1].name is also the name of $.groups[0]']],
  ['something new without a name', { roles: [{ id: 1 }] }, ['$.roles[0].name is missing']],
  ['a role that nobody has', user({ roles: [1] }), ['$.users[0].roles[0] is the id of no role']],
  ['a role twice', { roles: [{ id: 1, name: 'A' }], ...user({ roles: [1, 1] }) },
    ['$.users[0].roles must not list a role twice']],
  ['a group that nobody has', user({ group_id: 3 }), ['$.users[0].group_id is the id of no group']],
  ['an app for a role that nobody has', { apps: [{ ...wiki, roles: [4] }] },
    ['$.apps[0].roles[0] is the id of no role']],
  ['an AWS role for a directory role that nobody has', { apps: [aws([{ ...awsRole, directory_roles: [4] }])] },
    ['$.apps[0].aws.roles[0].directory_roles[0] is the id of no role']],
  ['an attribute that is not defined', user({ custom_attributes: { branch: 'x' } }),
    ['$.users[0].custom_attributes.branch is not defined in $.custom_attributes']],
  ['two default brands', { brands: [{ name: 'a', title: 'A', default: true }, { name: 'b', title: 'B', default: true }] },
    ['$.brands[1].default cannot be true: the default brand is $.brands[0]']],
  ['a host of two brands', { brands: [{ name: 'a', title: 'A', hosts: ['x.test'] }, { name: 'b', title: 'B', hosts: ['X.test'] }] },
    ['$.brands[1].hosts[0] is also the host of $.brands[0]']],
  ['a new brand without a title', { brands: [{ name: 'a' }] }, ['$.brands[0].title is missing']],
  ['an app without a connector', { apps: [{ name: 'A' }] }, ['$.apps[0].connector is missing']],
  ['an app without its block', { apps: [{ name: 'A', connector: 'aws' }] }, ['$.apps[0].aws is missing']],
  ['an app with the block of another connector', { apps: [{ ...wiki, connector: 'aws' }] },
    ['$.apps[0].aws is missing', '$.apps[0].saml cannot be given: the connector is aws']],
  ['a credential without a secret', { api_credentials: [{ name: 'ci' }] },
    ['$.api_credentials[0].client_id is missing', '$.api_credentials[0].client_secret is missing']],
  ['a client id twice', { api_credentials: [client, { ...client, name: 'b' }] },
    ['$.api_credentials[1].client_id is also the client_id of $.api_credentials[0]']],
  ['TOTP without a secret', user({ factors: [{ type: 'totp' }] }), ['$.users[0].factors[0].secret is missing']],
  ['e-mail with a secret', user({ factors: [{ ...totp, type: 'email' }] }),
    ['$.users[0].factors[0].secret cannot be given: the type is email']],
  ['two default factors', user({ factors: [{ ...totp, default: true }, { type: 'email', default: true }] }),
    ['$.users[0].factors must not have more than one default']],
  ['a factor id twice', { users: [{ email: 'a@b', factors: [{ ...totp, id: 7 }] }, { email: 'b@b', factors: [{ ...totp, id: 7 }] }] },
    ['$.users[1].factors[0].id is also the id of $.users[0].factors[0]']],
]

describe('a directory document is refused for', () => {
  for (const [what, document, faults] of [...SHAPE, ...HASHES, ...TOGETHER]) {
    test(what, async () => {
      expect((await faultsOf(await openDirectory(), document)).sort()).toEqual(faults.sort())
    })
  }
})

test('a refused document is told everything at once, and a faulty role is not also a missing one', async () => {
  const document = {
    roles: [{ id: 1, name: 7 }],
    users: [{ email: 'x', roles: [1] }, { email: 'b@acme.test', roles: [1, 2] }, { email: 'B@acme.test' }],
  }
  expect(await faultsOf(await openDirectory(), document)).toEqual([
    '$.roles[0].name must be text (put it in quotes)',
    '$.users[0].email must be an e-mail address',
    '$.users[1].roles[1] is the id of no role',
    '$.users[2].email is also the e-mail or username of $.users[1]',
  ])
})

test('a fault never shows a value, and a key cannot steer the terminal', async () => {
  const directory = await openDirectory()
  const document = user({ password: 'hunter2', password_hash: 'hunter2', '\u001b[2J\u202e': 'hunter2' })
  const faults = await faultsOf(directory, document)
  expect(faults.join()).not.toContain('hunter2')
  expect(faults).toContain(String.raw`$.users[0]["\u001b[2J\u202e"] is not a known key`)
  const broken = await faultsOf(directory, '{"users":[{"password":"hunter2"},]}')
  expect(broken).toEqual([
    '$ must be JSON, as it starts with a brace; it stops being that at line 1, column 34',
  ])
})

test('a JSON document that names a key twice is refused, wherever it does', async () => {
  const directory = await openDirectory()
  expect(await faultsOf(directory, '{"users":[],\n "users":[]}')).toEqual([
    '$ must not name a key twice, as at line 2, column 2',
  ])
  expect(await faultsOf(directory, '{"users":[{"email":"a@b"},{"email":"a","\\u0065mail":"b"}]}')).toEqual([
    '$ must not name a key twice, as at line 1, column 40',
  ])
})

// prettier-ignore
const YAML: Case[] = [
  ['aliases', 'a: &x [1]\nb: *x\n', ['$ must not use YAML aliases']],
  ['a key twice', 'users: []\nusers: []\n', ['$ must be YAML 1.2: Map keys must be unique at line 2, column 1']],
  ['a tag', 'users: !js 1\n', ['$ must be YAML 1.2: Unresolved tag: !js at line 1, column 8']],
  ['two documents', 'users: []\n---\nusers: []\n',
    ['$ must be YAML 1.2: Source contains multiple documents; please use YAML.parseAllDocuments() at line 2, column 1']],
  ['a merge key', 'users:\n  - <<: {email: a@b}\n', ['$.users[0]["<<"] is not a known key']],
  ['a number where text is meant', 'users:\n  - email: a@acme.test\n    phone: 555\n',
    ['$.users[0].phone must be text (put it in quotes)']],
]

describe('a YAML document is refused for', () => {
  for (const [what, document, faults] of YAML) {
    test(what, async () => expect(await faultsOf(await openDirectory(), document)).toEqual(faults))
  }

  test('nesting that no reader should follow', async () => {
    const [first] = await faultsOf(await openDirectory(), `users: ${'['.repeat(20_000)}`)
    expect(first).toMatch(/^\$ must be YAML 1\.2: /)
  })
})
