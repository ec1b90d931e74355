import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { EVENT_FIELDS } from '../../server/events/event-schema.ts'
import { toEvent } from '../../server/events/wire.ts'
import { inEveryWorld, startApp, type TestApp } from '../support/app.ts'
import { CLIENTS, IDS, PASSWORDS, type ScopeName } from '../support/people.ts'

const SUCCESS = { status: { error: false, code: 200, type: 'success', message: 'Success' } }
const refusal = (code: number, type: string, message: unknown) => ({
  status: { error: true, code, type, message },
})
const EVENTS = '/api/1/events'

/** Every key of an event, as recorded from the real service. */
const KEYS =
  `id created_at account_id user_id event_type_id notes ipaddr actor_user_id assuming_acting_user_id role_id
  app_id group_id otp_device_id policy_id actor_system custom_message role_name app_name group_name actor_user_name
  user_name policy_name otp_device_name operation_name directory_sync_run_id directory_id resolution client_id
  resource_type_id error_description proxy_ip risk_score risk_reasons risk_cookie_id browser_fingerprint`.split(
    /\s+/,
  )

const GIVEN = {
  event_type_id: 8,
  account_id: 123456,
  actor_system: 'Mapping',
  actor_user_id: IDS.ada,
  app_id: 77,
  app_name: 'Lunch',
  assuming_acting_user_id: IDS.bob,
  custom_message: 'Soup <b>of</b> the day',
  directory_sync_run_id: 5,
  group_id: 6,
  group_name: 'Cooks',
  ipaddr: '192.0.2.7',
  otp_device_id: 8,
  otp_device_name: 'Spoon',
  policy_id: 9,
  policy_name: 'Clean plates',
  role_id: 10,
  role_name: 'Eaters',
  user_id: IDS.cy,
  user_name: 'Cyrus',
}

describe('the events API', () => {
  inEveryWorld((app) => {
    test('gives an event of another program back as it was told, with the account that it belongs to', async () => {
      const token = await app().token()
      const created = await app().post(EVENTS, GIVEN, token)
      expect([created.status, created.json]).toEqual([200, SUCCESS])
      const { json } = await app().call('GET', `${EVENTS}?user_id=${IDS.cy}&event_type_id=8`, { token })
      const [event] = json.data
      const one = await app().call('GET', `${EVENTS}/${event.id}`, { token })
      expect(one.json).toEqual({ ...SUCCESS, data: [event] })
      expect(Object.keys(event)).toEqual(KEYS)
      const untold = Object.fromEntries(KEYS.map((key) => [key, null]))
      expect(event).toEqual({
        ...untold,
        ...GIVEN,
        account_id: 1,
        actor_user_name: 'Ada Byron',
        id: event.id,
        created_at: new Date(app().clock.now()).toISOString(),
        client_id: CLIENTS['Manage All'].id,
      })
    })
  })
})

describe('the events API, further', () => {
  let app: TestApp
  let token: string
  const list = async (query: string) => {
    const { json, status } = await app.call('GET', `${EVENTS}${query}`, { token })
    expect([status, json.status.message]).toEqual([200, 'Success'])
    return json
  }
  const messages = async (query: string): Promise<string[]> =>
    (await list(`${query}&fields=custom_message`)).data.flat().map((event: any) => event.custom_message)
  const say = (custom_message: string, more: object = {}) =>
    app.post(EVENTS, { event_type_id: 5, custom_message, ...more }, token)

  beforeAll(async () => {
    app = await startApp()
    token = await app.token()
    for (let i = 1; i <= 7; i++) {
      app.clock.advance(60)
      await say(`m${i}`, { event_type_id: i % 2 ? 141 : 140, user_id: i < 4 ? IDS.ada : IDS.bob })
    }
  })
  afterAll(() => app.close())

  test('GET types is open to everybody, may be kept for a day and knows every type of OneLogin', async () => {
    const { status, headers, json } = await app.call('GET', `${EVENTS}/types`)
    expect([status, headers.get('cache-control')]).toEqual([200, 'public, max-age=86400'])
    expect(json.status).toEqual(SUCCESS.status)
    expect(json.data).toHaveLength(221)
    expect(json.data.slice(0, 5)).toEqual([
      { id: 1, name: 'APP_ADDED_TO_ROLE', description: 'App %app% added to role %role%' },
      { id: 2, name: 'APP_REMOVED_FROM_ROLE', description: 'App %app% removed from role %role%' },
      { id: 3, name: 'USER_ASSUMED_USER', description: '%actor_user% assumed %user%' },
      { id: 4, name: 'USER_ASSIGNED_ROLE', description: 'Assigned %role% to user %user%' },
      { id: 5, name: 'USER_LOGGED_INTO_ONELOGIN', description: '%user% logged into OneLogin' },
    ])
    for (const { name, description } of json.data) {
      expect(name).toMatch(/^[A-Z0-9]+(_[A-Z0-9]+)*$/)
      expect(description).not.toBe('')
    }
  })

  test('what the house notes is listed, with whom, from where and through which credential', async () => {
    const body = { username_or_email: 'bob', password: PASSWORDS.bob, subdomain: 'acme' }
    const { json } = await app.post('/api/1/login/auth', body, token)
    app.sink.learn(json.data[0].session_token)
    const { data } = await list('?event_type_id=122')
    expect(data).toMatchObject([
      { user_id: IDS.bob, user_name: 'Bob Noyce', ipaddr: '127.0.0.1', client_id: CLIENTS['Manage All'].id },
    ])
  })

  test('the names that `fields` may have are those of an event', () => {
    const blank = new Proxy({} as Parameters<typeof toEvent>[0], { get: () => 0 })
    expect(EVENT_FIELDS).toEqual(Object.keys(toEvent(blank)))
  })

  test('the list runs in pages, forth by links and back', async () => {
    const first = await list('?event_type_id=140,141&limit=3&fields=custom_message')
    expect(first.data.map((event: any) => event.custom_message)).toEqual(['m1', 'm2', 'm3'])
    expect(first.pagination.before_cursor).toBe(null)
    const next = new URL(first.pagination.next_link)
    const second = await list(next.search)
    expect(second.data.map((event: any) => event.custom_message)).toEqual(['m4', 'm5', 'm6'])
    const third = await list(new URL(second.pagination.next_link).search)
    expect(third.data.map((event: any) => event.custom_message)).toEqual(['m7'])
    expect([third.pagination.after_cursor, third.pagination.next_link]).toEqual([null, null])
    const back = await list(new URL(third.pagination.previous_link).search)
    expect(back.data.map((event: any) => event.custom_message)).toEqual(['m4', 'm5', 'm6'])
  })

  test('the list is filtered by type, one or several, person and client', async () => {
    expect(await messages('?event_type_id=140')).toEqual(['m2', 'm4', 'm6'])
    expect(await messages('?event_type_id=140&event_type_id=141')).toHaveLength(7)
    expect(await messages(`?event_type_id=141&user_id=${IDS.ada}`)).toEqual(['m1', 'm3'])
    expect(await messages(`?event_type_id=141&client_id=${CLIENTS['Manage All'].id}`)).toHaveLength(4)
    expect((await list(`?client_id=nobody`)).data).toEqual([[]])
    expect((await list(`?directory_id=3`)).data).toEqual([[]])
    expect((await list(`?resolution=done`)).data).toEqual([[]])
  })

  test('the list is filtered by id and by time, `since` and `until` without their own moments', async () => {
    const all = (await list('?event_type_id=140,141')).data
    const [second, third, fifth] = [all[1], all[2], all[4]]
    expect(await messages(`?id=${third.id}`)).toEqual(['m3'])
    const between = `since=${second.created_at}&until=${fifth.created_at}`
    expect(await messages(`?event_type_id=140,141&${between}`)).toEqual(['m3', 'm4'])
    expect(await messages(`?created_at=${third.created_at}`)).toEqual(['m3'])
  })

  test('the list is sorted by time, the newest first when that is asked', async () => {
    const newest = await messages('?event_type_id=140,141&sort=-created_at&limit=2')
    expect(newest).toEqual(['m7', 'm6'])
  })

  test('GET /:id of an event that is not there says so', async () => {
    const { status, json } = await app.call('GET', `${EVENTS}/999999`, { token })
    expect([status, json]).toEqual([404, refusal(404, 'not found', 'Event for id 999999 was not found')])
    const odd = await app.call('GET', `${EVENTS}/latest`, { token })
    expect(odd.json.status.message).toEqual({ attribute: 'id', description: 'ID is incorrect' })
  })

  const noType = 'event_type_id is an required attribute for post request for event'
  const integer = (name: string) => ({
    attribute: name,
    description: `${name} has incorrect data type. It should be -> integer`,
  })
  test.each([
    ['nothing', {}, noType],
    ['no type', { user_id: IDS.ada }, noType],
    [
      'a type that OneLogin does not have',
      { event_type_id: 9999 },
      { attribute: 'event_type_id', description: 'event_type_id is not the id of an event type' },
    ],
    ['a type in words', { event_type_id: 'login' }, integer('event_type_id')],
    ['an id in words', { event_type_id: 8, app_id: 'wiki' }, integer('app_id')],
    [
      'a name that is a number',
      { event_type_id: 8, user_name: 7 },
      { attribute: 'user_name', description: 'user_name has incorrect data type. It should be -> string' },
    ],
    [
      'something that events do not have',
      { event_type_id: 8, client_id: 'another' },
      { attribute: 'client_id', description: 'client_id is not a valid attribute for event model' },
    ],
    ...['user_id', 'actor_user_id', 'assuming_acting_user_id'].map((attribute): [string, object, object] => [
      `a person that is not there as ${attribute}`,
      { event_type_id: 8, [attribute]: 999 },
      { attribute, description: 'User for id 999 was not found' },
    ]),
  ])('POST events refuses %s', async (_what, body, message) => {
    const { status, json } = await app.post(EVENTS, body, token)
    expect([status, json]).toEqual([400, refusal(400, 'bad request', message)])
  })

  test('POST events takes neither id nor time from the program', async () => {
    for (const name of ['id', 'created_at', 'constructor']) {
      const { status, json } = await app.call('POST', EVENTS, {
        token,
        body: `{"event_type_id":8,"${name}":5}`,
      })
      expect([name, status, json.status.message.attribute]).toEqual([name, 400, name])
    }
  })

  const READS: ScopeName[] = ['Read All', 'Manage All']
  test.each([
    ['GET', EVENTS, READS],
    ['GET', `${EVENTS}/1`, READS],
    ['POST', EVENTS, ['Manage All']],
  ] as [string, string, ScopeName[]][])('%s %s wants its scope', async (method, path, scopes) => {
    const allowed: string[] = []
    for (const scope of Object.keys(CLIENTS) as ScopeName[]) {
      const { json } = await app.call(method, path, { token: await app.token(scope) })
      if (json.status.message !== 'Insufficient Permission') allowed.push(scope)
    }
    expect(allowed.sort()).toEqual([...scopes].sort())
    expect((await app.call(method, path)).json.status.message).toBe('Authorization Information is incorrect')
  })
})
