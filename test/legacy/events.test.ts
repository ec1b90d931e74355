import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { IDS } from '../support/people.ts'
import { childrenOf, fieldsOf, LEGACY, legacyCall, legacyKeyOf, refusalIn, rootOf } from './legacy-calls.ts'

let app: TestApp
let key: string
const call = (method: string, path: string, body?: string) => legacyCall(app, key, method, path, body)
const listed = async (query: string) =>
  childrenOf(rootOf(await call('GET', `/api/v1/events.xml?${query}`))).map(fieldsOf)
const event = (content: string) => `<event><event-type-id>3</event-type-id>${content}</event>`

beforeAll(async () => {
  app = await startApp({ env: LEGACY })
  key = await legacyKeyOf(app)
})
afterAll(() => app.close())

describe('POST /api/v1/events.xml', () => {
  test('adds an event with hyphenated names and answers 201 with nothing', async () => {
    const body = event(
      `<account-id>4</account-id><user-id>${IDS.bob}</user-id><app-id>11111</app-id><app-name>A &amp; B</app-name><role-name/>`,
    )
    const reply = await call('POST', '/api/v1/events.xml', body)
    expect([reply.status, reply.text]).toEqual([201, ''])
    const [added] = await listed('event_type_id=3')
    expect(added).toMatchObject({
      'event-type-id': '3',
      'account-id': '1',
      'user-id': String(IDS.bob),
      'user-name': 'Bob Noyce',
      'app-id': '11111',
      'app-name': 'A & B',
      'role-name': null,
      'client-id': expect.stringMatching(/^legacy:/),
      'created-at': expect.stringMatching(/\+00:00$/),
    })
    const one = rootOf(await call('GET', `/api/v1/events/${added!.id}.xml`))
    expect([one.tagName, fieldsOf(one)]).toEqual(['event', added])
  })

  test.each([
    [
      'no type',
      '<event><user-id>8</user-id></event>',
      'event_type_id is an required attribute for post request for event',
    ],
    [
      'an unknown type',
      '<event><event-type-id>999999</event-type-id></event>',
      'event_type_id is not the id of an event type',
    ],
    ['nobody', event('<user-id>4711</user-id>'), 'User for id 4711 was not found'],
    ['an unknown element', event('<nope>x</nope>'), 'nope is not a valid attribute for event model'],
    ['another root', '<user/>', 'The document should be <event>…</event>'],
  ])('refuses %s', async (_what, body, message) => {
    expect(refusalIn(await call('POST', '/api/v1/events.xml', body))).toEqual([
      400,
      'Invalid Request',
      message,
    ])
  })
})

describe('GET /api/v1/events.xml', () => {
  test('pages by number, one more than asked, and filters by type, person and time', async () => {
    for (let i = 0; i < 5; i++)
      await call('POST', '/api/v1/events.xml', event(`<custom-message>${i}</custom-message>`))
    const messages = async (query: string) => (await listed(query)).map((each) => each['custom-message'])
    expect(await messages('event_type_id=3&per_page=2&page=2')).toEqual(['1', '2', '3'])
    expect(await listed(`user_id=${IDS.bob}&event_type_id=3`)).toHaveLength(1)
    await app.advance(60)
    const now = Math.floor(app.clock.now() / 1000)
    await call('POST', '/api/v1/events.xml', event('<custom-message>late</custom-message>'))
    expect(await messages(`from_timestamp=${now}&event_type_id=3`)).toEqual(['late'])
    const [late] = await listed(`from_timestamp=${now}`)
    expect(await messages(`id=${late!.id}`)).toEqual(['late'])
    expect((await listed('')).length).toBeLessThanOrEqual(51)
  })

  test('refuses filters it does not have, and what is no number', async () => {
    for (const query of [
      'actor_user_id=1',
      'app_id=1',
      'per_page=0',
      'per_page=1000',
      'id=x',
      'from_timestamp=now',
    ])
      expect([query, refusalIn(await call('GET', `/api/v1/events.xml?${query}`))]).toEqual([
        query,
        [400, 'Invalid Request', expect.stringContaining(query.split('=')[0]!)],
      ])
    expect(refusalIn(await call('GET', '/api/v1/events/4711.xml'))[0]).toBe(404)
  })
})
