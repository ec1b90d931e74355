import { expect, test } from 'vitest'
import { demoNotice } from '../../server/directory/demo-notice.ts'
import { demoDocument } from '../../server/directory/demo.ts'
import { sha256 } from '../../server/platform/master-key.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { openDirectory } from './open-directory.ts'

test('the demo company is a document of two brands, two apps and people of every kind', async () => {
  const directory = await openDirectory()
  const { document, people, credential } = demoDocument(systemRandom)
  await directory.import(document)
  const stored = await directory.export()
  expect(stored.account).toEqual({ subdomain: 'acme', name: 'Acme' })
  expect(stored.policy).toMatchObject({ mfa: 'enrolled' })
  expect(stored.brands!.map((b) => [b.name, b.default, b.hosts])).toEqual([
    ['acme', true, ['login.acme.test']],
    ['northwind', false, ['login.northwind.test']],
  ])
  expect(stored.apps!.map((a) => [a.id, a.name, a.connector])).toEqual([
    [500, 'AWS', 'aws'],
    [501, 'Wiki', 'saml'],
  ])
  const kinds = stored.users!.map((u) => [u.status, ...u.factors!.map((f) => f.type)].join(' '))
  expect(kinds).toEqual(['1 totp', '1 totp email', '1 email', '1', '2'])
  for (const [i, { password }] of people.entries()) {
    const { passwordHash } = await directory.user(stored.users![i]!.id!)
    expect(await directory.hasher.verify(passwordHash, password)).toBe(true)
  }
  expect(stored.api_credentials).toMatchObject([
    { name: 'demo', scope: 'Manage All', client_secret_hash: { hash: sha256(credential.client_secret) } },
  ])
})

test('no secret of the demo company is the same twice', () => {
  const secrets = [1, 2].flatMap(() => {
    const { people, credential } = demoDocument(systemRandom)
    return [
      ...people.flatMap((p) => [p.password, p.totpSecret]),
      credential.client_id,
      credential.client_secret,
    ]
  })
  const given = secrets.filter((secret) => secret !== undefined)
  expect(new Set(given).size).toBe(given.length)
  expect(given.every((secret) => secret.length >= 16)).toBe(true)
})

test('the notice names the address, every person with what they need, the credential and a curl', () => {
  const demo = demoDocument(systemRandom)
  const text = demoNotice(demo, 'https://login.example.com')
  expect(text).toContain('https://login.example.com/login')
  for (const { email, password, totpSecret } of demo.people) {
    expect(text).toContain(email)
    expect(text).toContain(password)
    if (totpSecret) expect(text).toContain(`oathtool --totp -b ${totpSecret}`)
  }
  expect(text).toContain(demo.credential.client_secret)
  expect(text).toContain(`curl -s 'https://login.example.com/api/1/login/auth'`)
})
