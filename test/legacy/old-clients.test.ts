import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { PASSWORDS } from '../support/people.ts'
import { clientOf, type Answer } from '../sdk/client.ts'
import { mailedLinks } from '../signin/links.ts'
import { childrenOf, fieldsOf, LEGACY, legacyKeyOf, rootOf } from './legacy-calls.ts'

let app: TestApp
let key: string
beforeAll(async () => {
  app = await startApp({ env: LEGACY })
  key = await legacyKeyOf(app)
})
afterAll(() => app.close())
const client = clientOf(() => app)

const REQUESTS = {
  'User-Agent': 'python-requests/2.5.1',
  'Accept-Encoding': 'gzip, deflate',
  Accept: '*/*',
  Connection: 'keep-alive',
}
const FORM = { ...REQUESTS, 'Content-Type': 'application/x-www-form-urlencoded' }
const XML = { ...REQUESTS, 'Content-Type': 'application/xml' }
const inCommon = ({ json }: Answer) => [json.status.code, json.status.message] as unknown[]
const eventsAfter = async (work: () => Promise<unknown>) => {
  const before = (await app.events()).length
  await work()
  return (await app.events()).slice(before).map((event) => [event.eventTypeId, event.errorDescription])
}

describe('A PowerShell module of the first API', () => {
  const call = (method: string, path: string) =>
    client.send(method, path, {
      'User-Agent': 'Mozilla/5.0 (Windows NT; Windows NT 6.3; en-US) WindowsPowerShell/4.0',
      Authorization: `Basic ${Buffer.from(`${key}:X`).toString('base64')}`,
    })

  test('reads page after page until one has nobody, and tells nil from empty', async () => {
    const people: string[] = []
    for (let page = 1; ; page++) {
      const users = childrenOf(rootOf(await call('GET', `/api/v3/users.xml?page=${page}`)))
      if (users.length === 0) break
      people.push(...users.map((user) => fieldsOf(user).username!))
    }
    expect(people).toEqual(expect.arrayContaining(['ada', 'bob', 'eve']))
    const bob = fieldsOf(rootOf(await call('GET', '/api/v3/users/username/bob')))
    expect([bob.status, bob['locked-until']]).toEqual(['1', null])
  })

  test('takes 200 alone for a deletion', async () => {
    const { status } = await call('DELETE', '/api/v3/users/username/eve')
    expect(status).toBe(200)
    expect((await call('GET', '/api/v3/users/username/eve')).status).toBe(404)
  })
})

describe('A Python class with the key in every address', () => {
  const url = (path: string) => `/api/v3/users${path}?api_key=${key}`

  test('creates somebody, takes the ninth element for the id, changes and deletes them', async () => {
    const someone =
      '<user><firstname>Zoe</firstname><lastname>Zed</lastname><email>zoe@acme.test</email><username>zoe</username></user>'
    expect((await client.send('POST', url('.xml'), XML, someone)).status).toBe(201)
    const found = childrenOf(rootOf(await client.send('GET', url('/username/zoe'), XML)))[8]!
    expect(found.tagName).toBe('id')
    const changed = '<user><firstname>Zoë</firstname><roles type="array"><role>10</role></roles></user>'
    expect((await client.send('PUT', url('/username/zoe'), XML, changed)).status).toBe(200)
    const { firstname } = fieldsOf(
      rootOf(await client.send('GET', url(`/${found.textContent}.xml`), REQUESTS)),
    )
    expect(firstname).toBe('Zoë')
    expect((await client.send('DELETE', url(`/${found.textContent}.xml`), REQUESTS)).status).toBe(200)
  })

  test('asks whether a password is right by query', async () => {
    const query = new URLSearchParams({ api_key: key, email: 'bob', password: PASSWORDS.bob }).toString()
    const reply = await client.send('GET', `/api/v1/delegated_auth?${query}`, REQUESTS)
    expect(fieldsOf(rootOf(reply))).toMatchObject({ authenticated: 'true', message: 'Success' })
  })
})

describe('Scripts that get a samlAssertion', () => {
  const fields = () =>
    new URLSearchParams({
      username: 'bob',
      password: PASSWORDS.bob,
      api_key: key,
      app_id: '500',
    }).toString()
  test.each([
    ['as a form', () => client.send('POST', '/api/v3/saml/assertion', FORM, fields())],
    ['all in the address', () => client.send('POST', `/api/v3/saml/assertion?${fields()}`, REQUESTS)],
    [
      'all in the address, of length 0',
      () => client.send('POST', `/api/v3/saml/assertion?${fields()}`, { ...REQUESTS, 'Content-Length': '0' }),
    ],
  ])('send %s', async (_how, send) => {
    const reply = await send()
    expect(inCommon(reply)).toEqual([200, 'Success'])
    expect(Buffer.from(reply.json.data as string, 'base64').toString()).toContain('<samlp:Response')
  })
})

describe('Scripts that invite everybody of a CSV file', () => {
  const PATH = '/api/v3/invites/send_invite_link'
  const body = (more: object = {}) => ({ api_key: key, email: 'gus@acme.test', ...more })

  test.each([
    [
      'JSON',
      () =>
        client.send(
          'POST',
          PATH,
          { ...REQUESTS, 'Content-Type': 'application/json' },
          JSON.stringify(body()),
        ),
    ],
    ['a form', () => client.send('POST', PATH, FORM, new URLSearchParams(body()).toString())],
  ])('send %s, and a letter goes out', async (_how, send) => {
    await app.advance(1) // letters are named by time
    const before = (await mailedLinks(app, 'invite')).length
    let reply!: Answer
    expect(await eventsAfter(async () => (reply = await send()))).toEqual([
      [535, null],
      [115, null],
    ])
    expect(inCommon(reply)).toEqual([200, 'Email sent successfully to gus@acme.test'])
    expect(await mailedLinks(app, 'invite')).toHaveLength(before + 1)
  })

  const invite = (given: object) => app.post(PATH, given)
  test.each([
    [{ email: 'nobody@acme.test' }, 'No User exists for input email'],
    [{ email: '' }, 'Email Parameter is missing'],
    [{ email: 'gus' }, 'Email Input is in incorrect format'],
    [{ personal_email: 'x' }, 'Email Input is in incorrect format'],
  ])('are told what is wrong with %j, and so are the events', async (more, message) => {
    const events = await eventsAfter(async () => {
      const { status, json } = await invite(body(more))
      expect([status, json.status.message]).toEqual([400, message])
    })
    expect(events).toEqual([[525, message]])
  })

  test('need a key that may manage all, and privileges of its owner on that person', async () => {
    const bad = await invite(body({ api_key: 'f'.repeat(40) }))
    expect([bad.status, bad.text]).toEqual([
      400,
      '<error><message>API key is invalid or missing</message><code>invalid_or_missing_api_key</code></error>',
    ])
    const small = await invite(body({ api_key: await legacyKeyOf(app, 'Manage Users') }))
    expect([small.status, small.json.status.message]).toEqual([401, 'Insufficient Permission'])
    const owned = await legacyKeyOf(app, 'Manage All', 8)
    const events = await eventsAfter(async () => {
      const { status, json } = await invite(body({ api_key: owned }))
      expect([status, json.status.message]).toEqual([403, 'user is not authorized to access this User'])
    })
    expect(events).toEqual([[525, 'user is not authorized to access this User']])
  })
})
