import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { begin, signIn as signInByApi } from '../signin/api-calls.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { company, IDS, PASSWORDS, type ScopeName } from '../support/people.ts'
import { childrenOf, fieldsOf, LEGACY, legacyCall, legacyKeyOf, refusalIn, rootOf } from './legacy-calls.ts'

const NEW_PASSWORD = 'quiet-purple-anchor-77'
const password = (first: string, second = first) =>
  `<password>${first}</password><password_confirmation>${second}</password_confirmation>`
const user = (content: string) => `<user>${content}</user>`

let app: TestApp
let key: string
const call = (method: string, path: string, body?: string) => legacyCall(app, key, method, path, body)
const shown = async (id: number | string) =>
  fieldsOf(rootOf(await call('GET', `/api/v3/users/${id}.xml?include_custom_attributes=true`)))
const signsIn = async (login: string, secret: string) =>
  (
    await app.post(
      '/api/1/login/auth',
      { username_or_email: login, password: secret, subdomain: 'acme' },
      await app.token(),
    )
  ).status === 200
const typesNow = async () => (await app.events()).map((event) => event.eventTypeId)

beforeAll(async () => {
  app = await startApp({ env: LEGACY })
  app.sink.learn(NEW_PASSWORD)
  key = await legacyKeyOf(app)
})
afterAll(() => app.close())

describe('POST /api/v3/users.xml', () => {
  test('adds a person with password, roles and custom attributes, and answers 201 with them', async () => {
    const before = (await typesNow()).length
    const reply = await call(
      'POST',
      '/api/v3/users.xml',
      '<?xml version="1.0" encoding="UTF-8"?>\n' +
        user(
          '<firstname>Zoë</firstname><lastname>O&apos;Hara</lastname><email>zoe@acme.test</email><username>zoe</username>' +
            '<group-id>1</group-id><external-id>007</external-id><openid-name nil="true"/>' +
            '<custom_attribute_branch_name>North &amp; West</custom_attribute_branch_name>' +
            `<roles type='array'><role>12</role><role>10</role></roles>${password(NEW_PASSWORD)}`,
        ),
    )
    expect(reply.status).toBe(201)
    const { id } = fieldsOf(rootOf(reply))
    expect(await shown(id!)).toMatchObject({
      firstname: 'Zoë',
      lastname: "O'Hara",
      'group-id': '1',
      'external-id': '007',
      status: '1',
      custom_attribute_branch_name: 'North & West',
    })
    const roles = childrenOf(rootOf(reply)).find((child) => child.tagName === 'roles')!
    expect(childrenOf(roles).map((role) => fieldsOf(role).id)).toEqual(['12', '10'])
    expect(await signsIn('zoe', NEW_PASSWORD)).toBe(true)
    expect((await typesNow()).slice(before, before + 4)).toEqual([533, 513, 513, 511])
    expect((await app.events()).find((event) => event.eventTypeId === 533)!.clientId).toMatch(/^legacy:test /)
  })

  test('asks for an e-mail or username and no more', async () => {
    const reply = await call('POST', '/api/v3/users.xml', user('<email>bare@acme.test</email>'))
    expect([reply.status, fieldsOf(rootOf(reply)).status]).toEqual([201, '7'])
    expect(refusalIn(await call('POST', '/api/v3/users.xml', user('<firstname>x</firstname>')))).toEqual([
      400,
      'Invalid Request',
      'Validation failed: Need at least an email or username',
    ])
  })

  test.each([
    ['a taken e-mail', '<email>bob@acme.test</email>', 'Validation failed: Email must be unique'],
    ['an unknown role', '<email>n@acme.test</email><roles type="array"><role>4711</role></roles>', 'role_id_array should be a subset of -> [10, 11, 12]'], // prettier-ignore
    ['no role', '<email>n@acme.test</email><roles type="array"><role>x</role></roles>', 'roles should hold ids of roles'], // prettier-ignore
    ['an unknown custom attribute', '<email>n@acme.test</email><custom_attribute_nope>x</custom_attribute_nope>', 'input custom_attributes is not valid. Valid custom_attributes -> [branch_name ]'], // prettier-ignore
    ['an unknown element', '<email>n@acme.test</email><nope>x</nope>', 'nope is not a valid attribute for user model'], // prettier-ignore
    ['a short password', `<email>n@acme.test</email>${password('short')}`, 'Validation failed: Password is too short (minimum is 12 characters)'], // prettier-ignore
    ['two passwords', `<email>n@acme.test</email>${password('one-long-password', 'other-long-password')}`, "Validation failed: Password doesn't match confirmation, The two passwords don't match"], // prettier-ignore
    ['an unknown status', '<email>n@acme.test</email><status>6</status>', 'status is invalid'],
    ['an element twice', '<email>n@acme.test</email><email>m@acme.test</email>', 'The XML document repeats an element'], // prettier-ignore
    ['elements in place of a text', '<email><b>n@acme.test</b></email>', 'email has incorrect data type. It should be -> string'], // prettier-ignore
  ])('refuses %s by name and adds nobody', async (_what, content, message) => {
    expect(refusalIn(await call('POST', '/api/v3/users.xml', user(content)))).toEqual([
      400,
      'Invalid Request',
      message,
    ])
    expect((await call('GET', '/api/v3/users/username/n@acme.test')).status).toBe(404)
  })

  const MALICE: [what: string, body: string, message: RegExp][] = [
    ['a DTD', '<!DOCTYPE user [<!ENTITY x "y">]><user><email>&x;</email></user>', /more than elements/],
    ['an external entity', '<!DOCTYPE user SYSTEM "file:///etc/passwd"><user/>', /more than elements/],
    ['an unknown entity', '<user><email>&xxe;</email></user>', /unknown entity/],
    ['a processing instruction', '<?php x ?><user/>', /more than elements/],
    ['a character XML does not know', '<user><email>\u0001</email></user>', /not allow/],
    ['a flood of elements', `<user>${'<a/>'.repeat(1500)}</user>`, /too many/],
    ['a well of elements', '<a>'.repeat(100) + '</a>'.repeat(100), /nested too deep/],
    ['a broken document', '<user><email></user>', /not well-formed/],
    ['two roots', '<user/><user/>', /not well-formed/],
    ['another root', '<event/>', /should be <user>/],
    ['no document', 'email=x', /not well-formed/],
    ['nothing', '', /should be <user>/],
  ]
  test.each(MALICE)('refuses %s', async (_what, body, message) => {
    const [status, title, text] = refusalIn(await call('POST', '/api/v3/users.xml', body))
    expect([status, title, text]).toEqual([400, 'Invalid Request', expect.stringMatching(message)])
  })

  test('refuses JSON, and a body above 100 kB', async () => {
    const headers = {
      authorization: `Basic ${Buffer.from(`${key}:x`).toString('base64')}`,
      'content-type': 'application/json',
    }
    expect(refusalIn(await app.call('POST', '/api/v3/users.xml', { headers, body: {} }))[2]).toMatch(
      /application\/xml/,
    )
    const long = user(`<email>${'x'.repeat(110_000)}</email>`)
    expect(refusalIn(await call('POST', '/api/v3/users.xml', long))[2]).toMatch(/100 kB/)
  })
})

describe('PUT /api/v3/users/:id.xml', () => {
  test('changes what the document names, gives roles without taking any, and answers nothing', async () => {
    const body = user(
      "<title>Lead</title><phone>+1</phone><roles type='array'><role>11</role><role>10</role></roles>",
    )
    const reply = await call('PUT', `/api/v3/users/username/bob`, body)
    expect([reply.status, reply.text]).toEqual([200, ''])
    expect(await shown(IDS.bob)).toMatchObject({ title: 'Lead', phone: '+1', firstname: 'Bob' })
    const roles = childrenOf(rootOf(await call('GET', '/api/v3/users/8.xml'))).at(-1)!
    expect(childrenOf(roles).map((role) => fieldsOf(role).id)).toEqual(['10', '12', '11'])
    await call('PUT', '/api/v3/users/8.xml', user('<title nil="true"/><phone/>'))
    expect(await shown(IDS.bob)).toMatchObject({ title: null, phone: null })
  })

  test('takes back the resource as it was shown', async () => {
    const { text } = await call('GET', `/api/v3/users/${IDS.cy}.xml?include_custom_attributes=true`)
    expect((await call('PUT', `/api/v3/users/${IDS.cy}.xml`, text)).status).toBe(200)
    expect((await call('GET', `/api/v3/users/${IDS.cy}.xml?include_custom_attributes=true`)).text).toBe(text)
  })

  test('suspends and lets in again', async () => {
    await call('PUT', '/api/v3/users/12.xml', user('<status>2</status>'))
    expect(await signsIn('gus', PASSWORDS.gus)).toBe(false)
    await call('PUT', '/api/v3/users/12.xml', user('<status>1</status>'))
    expect(await signsIn('gus', PASSWORDS.gus)).toBe(true)
  })

  test('locks until somebody unlocks', async () => {
    await call('PUT', '/api/v3/users/12.xml', user('<status>3</status>'))
    await app.advance(400 * 24 * 3600)
    expect(await signsIn('gus', PASSWORDS.gus)).toBe(false)
    await call('PUT', '/api/v3/users/12.xml', user('<status>1</status>'))
    expect(await signsIn('gus', PASSWORDS.gus)).toBe(true)
  })

  test('sets a password in clear text, which ends what was begun with the old one', async () => {
    const attempt = await begin(app, 'ada')
    const body = user(password(NEW_PASSWORD))
    expect([(await call('PUT', '/api/v3/users/7.xml', body)).text]).toEqual([''])
    const answer = { device_id: 70, state_token: attempt, otp_token: app.totp('ada') }
    expect((await app.post('/api/1/login/verify_factor', answer, await app.token())).status).toBe(401)
    expect(await signsIn('ada', NEW_PASSWORD)).toBe(true)
  })

  test('changes nothing at all when one part is refused', async () => {
    const body = user(`<title>Boss</title>${password('another-long-password')}<status>6</status>`)
    expect((await call('PUT', '/api/v3/users/8.xml', body)).status).toBe(400)
    expect((await shown(IDS.bob)).title).toBeNull()
    expect((await signInByApi(app, 'bob')).status).toBe(200)
  })

  test('refuses an unknown person before anything else', async () => {
    expect(refusalIn(await call('PUT', '/api/v3/users/11111.xml', user(password('a', 'b'))))).toEqual([
      404,
      'Record Not Found',
      "No user found by id '11111'",
    ])
  })
})

describe('PUT /api/v3/users/:id/set_password.xml', () => {
  // The contract's own vector: salt 11xxxx1, password P@33w0rd1.
  const HEX = '9fb8dc1cdabee85d13f5b4ba680a5e71cb8c80e78e5ffe8c01b698fa39346006'
  const salted = (more: string) => user(`${password(HEX)}${more}`)

  test('sets a password as SHA-256 of salt and password', async () => {
    app.sink.learn('P@33w0rd1')
    const body = salted(
      '<password_algorithm>salt+sha256</password_algorithm><password_salt>11xxxx1</password_salt>',
    )
    const reply = await call('PUT', '/api/v3/users/12/set_password.xml', body)
    expect([reply.status, reply.text]).toEqual([200, ''])
    expect(await signsIn('gus', 'P@33w0rd1')).toBe(true)
  })

  test.each([
    [
      'another algorithm',
      salted('<password_algorithm>md5</password_algorithm>'),
      /should be -> salt\+sha256/,
    ],
    ['no algorithm', salted(''), /password_algorithm is an required attribute/],
    [
      'no digest',
      user(`${password('x')}<password_algorithm>salt+sha256</password_algorithm>`),
      /SHA-256 in hex/,
    ],
    ['nothing', user(''), /password is an required attribute/],
  ])('refuses %s', async (_what, body, message) => {
    const [status, title, text] = refusalIn(await call('PUT', '/api/v3/users/12/set_password.xml', body))
    expect([status, title, text]).toEqual([400, 'Invalid Request', expect.stringMatching(message)])
  })
})

describe('DELETE /api/v3/users', () => {
  test('takes a person away by username and by id', async () => {
    const two = company().users!.slice(0, 2)
    const other = await startApp({ env: LEGACY, document: { ...company(), users: two } })
    const otherKey = await legacyKeyOf(other)
    for (const path of ['/api/v3/users/username/bob', '/api/v3/users/7.xml']) {
      const reply = await legacyCall(other, otherKey, 'DELETE', path)
      expect([reply.status, reply.text]).toEqual([200, ''])
      expect((await legacyCall(other, otherKey, 'DELETE', path)).status).toBe(404)
    }
    await other.close()
  })
})

describe('The oldest /users.xml', () => {
  test('adds, changes and deletes, and tells invalid records by 422', async () => {
    const made = await call(
      'POST',
      '/users.xml',
      user('<email>joe@acme.test</email><role-id>12</role-id><notes>n</notes>'),
    )
    const joe = fieldsOf(rootOf(made))
    expect([made.status, joe['role-id'], joe.notes]).toEqual([201, '12', 'n'])
    expect((await call('PUT', `/users/${joe.id}.xml`, user('<firstname>Joseph</firstname>'))).status).toBe(
      200,
    )
    expect(fieldsOf(rootOf(await call('GET', `/users/${joe.id}.xml`))).firstname).toBe('Joseph')
    const again = await call('POST', '/users.xml', user('<email>joe@acme.test</email>'))
    expect([again.status, again.text]).toEqual([
      422,
      '<errors><error>Validation failed: Email must be unique</error></errors>',
    ])
    expect((await call('DELETE', `/users/${joe.id}.xml`)).status).toBe(200)
    expect((await call('GET', `/users/${joe.id}.xml`)).status).toBe(404)
  })
})

describe('What a key may do', () => {
  const title = user('<title>x</title>')
  const READ: [string, string][] = [
    ['GET', '/api/v3/users.xml'],
    ['GET', '/api/v1/roles/10.xml'],
    ['GET', '/api/v1/groups.xml'],
    ['GET', '/users/8.xml'],
  ]
  const MANAGE: [string, string, string?][] = [
    ['PUT', '/api/v3/users/12.xml', title],
    ['PUT', '/users/12.xml', title],
  ]
  const ALL: [string, string, string?][] = [
    ['PUT', '/api/v3/users/12.xml', user(password(NEW_PASSWORD))],
    ['PUT', '/api/v3/users/12.xml', user('<status>1</status>')],
    ['POST', '/api/v1/events.xml', '<event><event-type-id>3</event-type-id></event>'],
  ]
  const MAY: [ScopeName, [string, string, string?][], [string, string, string?][]][] = [
    ['Manage All', [...READ, ['GET', '/api/v1/events.xml'], ...MANAGE, ...ALL], []],
    ['Manage Users', [...READ, ...MANAGE], [['GET', '/api/v1/events.xml'], ...ALL]],
    ['Read All', [...READ, ['GET', '/api/v1/events.xml']], [...MANAGE, ...ALL]],
    ['Read Users', READ, [['GET', '/api/v1/events.xml'], ...MANAGE, ...ALL]],
    ['Authentication Only', [], [...READ, ['GET', '/api/v1/events.xml'], ...MANAGE, ...ALL]],
  ]
  test.each(MAY)('%s: what its scope allows and nothing else', async (scope, allowed, refused) => {
    const scoped = await legacyKeyOf(app, scope)
    for (const [method, path, body] of allowed)
      expect([method, path, (await legacyCall(app, scoped, method, path, body)).status]).toEqual([
        method,
        path,
        method === 'POST' ? 201 : 200,
      ])
    for (const [method, path, body] of refused)
      expect([method, path, ...refusalIn(await legacyCall(app, scoped, method, path, body))]).toEqual([
        method,
        path,
        401,
        'Unauthorized Access',
        'This API key may not do this',
      ])
  })

  test('one with an owner acts on whom their privileges reach', async () => {
    const granted = async (name: string, action: string, scope: string) => {
      const privilege = {
        Version: '2018-05-18',
        Statement: [{ Effect: 'Allow', Action: [action], Scope: [scope] }],
      }
      const { json } = await app.post('/api/1/privileges', { name, privilege }, await app.token())
      await app.post(`/api/1/privileges/${json.id}/users`, { users: [IDS.dee] }, await app.token())
    }
    await granted('update cy', 'users:Update', `users/${IDS.cy}`)
    const owned = await legacyKeyOf(app, 'Manage All', IDS.dee)
    const status = async (...given: [string, string, string?]) =>
      (await legacyCall(app, owned, ...given)).status
    expect(await status('PUT', `/api/v3/users/${IDS.cy}.xml`, title)).toBe(200)
    expect(await status('PUT', `/api/v3/users/${IDS.bob}.xml`, title)).toBe(403)
    expect(await status('PUT', `/api/v3/users/${IDS.cy}.xml`, user(password(NEW_PASSWORD)))).toBe(403)
    expect(await status('GET', '/api/v3/users.xml')).toBe(403)
    expect(await status('POST', '/api/v3/users.xml', user('<email>q@acme.test</email>'))).toBe(403)
    expect(await status('DELETE', `/api/v3/users/${IDS.cy}.xml`)).toBe(403)
  })
})
