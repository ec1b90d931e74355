import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseXml } from '../../server/http/xml-body.ts'
import { inEveryWorld, startApp, type ApiReply, type TestApp } from '../support/app.ts'
import { PASSWORDS, type PersonName, type ScopeName } from '../support/people.ts'
import { fieldsOf, LEGACY, legacyCall, legacyKeyOf, rootOf } from './legacy-calls.ts'

const WRONG = { authenticated: 'false', message: 'Invalid password' }
const NOBODY = { authenticated: 'false', message: 'User not found' }
const NO_ACCOUNT = { authenticated: 'false', message: 'Account not found' }
const right = (firstname: string, lastname: string) => ({
  authenticated: 'true',
  firstname,
  lastname,
  message: 'Success',
})

const ask = (app: TestApp, query: Record<string, string>): Promise<ApiReply> =>
  app.call('GET', `/api/v1/delegated_auth?${new URLSearchParams(query).toString()}`)

async function told(reply: Promise<ApiReply>): Promise<Record<string, string | null>> {
  const { status, text } = await reply
  expect([status, rootOf({ text }).tagName]).toEqual([200, 'response'])
  return fieldsOf(rootOf({ text }))
}

describe('delegated_auth', () => {
  inEveryWorld(
    (app) => {
      beforeEach(() => app().advance(25 * 3600))

      test('tells right passwords from wrong ones, locks who is guessed, and unlocks in time', async () => {
        const api_key = await legacyKeyOf(app())
        const tell = (password: string) => told(ask(app(), { api_key, email: 'bob@acme.test', password }))
        expect(await tell(PASSWORDS.bob)).toEqual(right('Bob', 'Noyce'))
        for (let i = 0; i < 5; i++) expect(await tell(`wrong ${i}`)).toEqual(WRONG)
        expect(await tell(PASSWORDS.bob)).toEqual(WRONG)
        expect((await app().events()).map((event) => event.eventTypeId)).toContain(19)
        await app().advance(31 * 60)
        expect(await tell(PASSWORDS.bob)).toEqual(right('Bob', 'Noyce'))
      })
    },
    { env: LEGACY },
  )
})

describe('delegated_auth, further', () => {
  let app: TestApp
  let api_key: string
  beforeAll(async () => {
    app = await startApp({ env: LEGACY, policy: { max_failures_per_address: 40 } })
    api_key = await legacyKeyOf(app)
  })
  beforeEach(() => app.advance(25 * 3600))
  afterAll(() => app.close())
  const tell = (email: string, password: string) => told(ask(app, { api_key, email, password }))

  test('takes the key and the credentials by query, by form, by JSON and by Basic', async () => {
    const body = { email: 'gus', password: PASSWORDS.gus }
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const path = '/api/v1/delegated_auth'
    const posted = (extra: object, headers: Record<string, string>, text: string) =>
      app.call('POST', path, { headers, body: text, ...extra })
    const all = { ...body, api_key }
    const basic = `Basic ${Buffer.from(`${api_key}:x`).toString('base64')}`
    const answers = [
      ask(app, all),
      posted({}, form, new URLSearchParams(all).toString()),
      posted({}, { 'content-type': 'application/json' }, JSON.stringify(all)),
      posted({}, { ...form, authorization: basic }, new URLSearchParams(body).toString()),
      app.call('POST', `${path}?${new URLSearchParams(all).toString()}`),
      app.call('GET', `/api/v3/delegated_auth.xml?${new URLSearchParams(all).toString()}`),
    ]
    for (const answer of answers) expect(await told(answer)).toEqual(right('Gus', 'Grissom'))
  })

  test('asks nobody for a second factor and opens nothing: no session, no attempt', async () => {
    const before = await app.ctx.users.find(7)
    const reply = await ask(app, { api_key, email: 'ada', password: PASSWORDS.ada })
    expect(fieldsOf(rootOf(reply))).toEqual(right('Ada', 'Byron'))
    expect(reply.headers.get('set-cookie')).toBeNull()
    expect((await app.ctx.users.find(7))!.lastLogin).toBe(before!.lastLogin)
    const last = (await app.events()).at(-1)!
    expect([last.eventTypeId, last.userId, last.clientId]).toEqual([
      122,
      7,
      expect.stringMatching(/^legacy:/),
    ])
  })

  test('tells a suspended person nothing of the password', async () => {
    expect(await tell('eve', PASSWORDS.eve)).toEqual(WRONG)
    expect((await app.events()).at(-1)).toMatchObject({ eventTypeId: 123, errorDescription: 'suspended' })
  })

  test('names nobody only to a key that may read people', async () => {
    expect(await tell('nobody@acme.test', 'x')).toEqual(NOBODY)
    const blind = await legacyKeyOf(app, 'Authentication Only')
    expect(await told(ask(app, { api_key: blind, email: 'nobody@acme.test', password: 'x' }))).toEqual(WRONG)
    expect(await told(ask(app, { api_key: blind, email: 'bob', password: PASSWORDS.bob }))).toEqual(
      right('Bob', 'Noyce'),
    )
  })

  test.each([
    ['no key', async () => ({})],
    ['an unknown key', async () => ({ api_key: 'f'.repeat(40) })],
    ['a key that may not sign in', async () => ({ api_key: await legacyKeyOf(app, 'Read All') })],
  ])('says of %s that there is no such account, and tries no password', async (_what, key) => {
    const before = (await app.events()).length
    expect(await told(ask(app, { ...(await key()), email: 'bob', password: PASSWORDS.bob }))).toEqual(
      NO_ACCOUNT,
    )
    const added = (await app.events()).slice(before).filter((event) => [122, 123].includes(event.eventTypeId))
    expect(added).toEqual([])
  })

  test.each([
    ['no e-mail', { password: 'x' }, NOBODY],
    ['no password', { email: 'bob' }, WRONG],
    ['a NUL', { email: 'bob\0', password: 'x' }, NOBODY],
    ['an endless password', { email: 'bob', password: 'x'.repeat(5000) }, WRONG],
  ])('answers %s like anything wrong', async (_what, given, answer) => {
    expect(await told(ask(app, { api_key, ...given }))).toEqual(answer)
  })

  test('looks at no password after too many from one address, and says when to come back', async () => {
    for (let i = 0; i < 40; i++) await ask(app, { api_key, email: `n${i}@acme.test`, password: 'x' })
    const reply = await ask(app, { api_key, email: 'bob', password: PASSWORDS.bob })
    expect([reply.status, fieldsOf(rootOf(reply))]).toEqual([200, WRONG])
    expect(Number(reply.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})

describe('POST /api/v3/saml/assertion', () => {
  let app: TestApp
  let api_key: string
  beforeAll(async () => {
    app = await startApp({ env: LEGACY })
    api_key = await legacyKeyOf(app)
  })
  beforeEach(() => app.advance(25 * 3600))
  afterAll(() => app.close())
  const assertion = (body: object) => app.post('/api/v3/saml/assertion', body)
  const as = (username: PersonName, app_id: unknown = 500) => ({
    api_key,
    username,
    password: PASSWORDS[username],
    app_id,
  })

  test('hands out a samlAssertion in the envelope', async () => {
    const { status, json } = await assertion(as('bob'))
    expect([status, json.status]).toEqual([
      200,
      { error: false, code: 200, type: 'success', message: 'Success' },
    ])
    expect(Buffer.from(json.data as string, 'base64').toString()).toContain('<samlp:Response')
    expect((await app.events()).at(-1)).toMatchObject({ eventTypeId: 8, userId: 8, appId: 500 })
  })

  const UNAUTHORIZED = { error: true, code: 401, type: 'Unauthorized', message: 'Authentication Failed' }
  test.each([
    ['a wrong password', () => ({ ...as('bob'), password: 'x' })],
    ['nobody', () => ({ ...as('bob'), username: 'nobody' })],
    ['a suspended person', () => as('eve')],
    ['a person with a second factor, which these resources cannot ask for', () => as('ada')],
  ])('refuses %s', async (_what, body) => {
    const { status, json } = await assertion(body())
    expect([status, json.status]).toEqual([401, UNAUTHORIZED])
  })

  test.each([
    ['no such app', () => as('bob', 4711), 404, 'App for id 4711 was not found'],
    ['an app that the person does not have', () => as('gus'), 403, 'User does not have access to this app'],
    ['no username', () => ({ api_key, password: 'x', app_id: 500 }), 400, 'username is empty'],
    ['no password', () => ({ api_key, username: 'bob', app_id: 500 }), 400, 'password is empty'],
    ['no app', () => ({ api_key, username: 'bob', password: 'x' }), 400, 'app_id is empty'],
  ])('refuses %s in the envelope', async (_what, body, code, message) => {
    const { status, json } = await assertion(body())
    expect([status, json.status.code, json.status.message]).toEqual([code, code, message])
  })

  test.each(['', 'f'.repeat(40), undefined, 7])(
    'says of the key %j, in XML, that it is invalid',
    async (bad) => {
      const reply = await assertion({ ...as('bob'), api_key: bad })
      expect([reply.status, reply.text]).toEqual([
        400,
        '<error><message>API key is invalid or missing</message><code>invalid_or_missing_api_key</code></error>',
      ])
    },
  )

  test.each<[ScopeName, number]>([
    ['Authentication Only', 200],
    ['Manage Users', 200],
    ['Read All', 401],
    ['Read Users', 401],
  ])('with a key for %s answers %i', async (scope, status) => {
    expect((await assertion({ ...as('bob'), api_key: await legacyKeyOf(app, scope) })).status).toBe(status)
  })
})

describe('An API key', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({ env: { ...LEGACY, API_RATE_LIMIT: '8' } })
  })
  afterAll(() => app.close())

  test('counts toward the rate limit of the account, and is told so in XML', async () => {
    const key = await legacyKeyOf(app)
    const first = await legacyCall(app, key, 'GET', '/api/v3/users.xml')
    expect(first.headers.get('x-ratelimit-remaining')).toBe('7')
    for (let i = 0; i < 7; i++) await legacyCall(app, key, 'GET', '/api/v3/users.xml')
    const over = await legacyCall(app, key, 'GET', '/api/v3/users.xml')
    expect([over.status, fieldsOf(rootOf(over)).title]).toEqual([429, 'Too Many Requests'])
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(0)
    const { id, secret } = { id: 'a'.repeat(40), secret: '1manage2all3manage4all5manage6all7secret' }
    const { json } = await app.call('POST', '/auth/oauth2/v2/token', {
      headers: { authorization: `client_id:${id}, client_secret:${secret}` },
      body: { grant_type: 'client_credentials' },
    })
    app.sink.learn(json.access_token)
    app.sink.learn(json.refresh_token)
    expect((await app.call('GET', '/api/1/users', { token: json.access_token })).status).toBe(429)
  })
})

describe('While LEGACY_API is off,', () => {
  test('the resources are not there, whoever asks', async () => {
    const app = await startApp()
    const key = await legacyKeyOf(app)
    const unknown = await app.call('GET', '/api/1/no_such_path')
    for (const path of [
      '/api/v3/users.xml',
      '/api/v1/roles/10.xml',
      '/api/v1/delegated_auth',
      '/api/v3/saml/assertion',
    ])
      expect([path, (await legacyCall(app, key, 'GET', path)).text]).toEqual([path, unknown.text])
    const page = await app.call('GET', '/no_such_page')
    expect((await legacyCall(app, key, 'GET', '/users.xml')).status).toBe(page.status)
    await app.close()
  })
})

describe('A document', () => {
  test('becomes fields under the name of its root, whatever their names', () => {
    const xml =
      '<user><group-id>7</group-id><custom_attribute_a-b>x</custom_attribute_a-b><__proto__>p</__proto__><a nil="true"/></user>'
    const { user } = parseXml(xml) as { user: Record<string, unknown> }
    expect(Object.entries(user)).toEqual([
      ['group_id', '7'],
      ['custom_attribute_a-b', 'x'],
      ['__proto__', 'p'],
      ['a', null],
    ])
  })
})
