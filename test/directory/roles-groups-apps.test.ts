import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { badRequest, refusal } from '../signin/api-calls.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { IDS } from '../support/people.ts'

let app: TestApp
let token: string
beforeAll(async () => {
  app = await startApp()
  token = await app.token()
})
afterAll(() => app.close())

const call = (method: string, path: string, body?: unknown) =>
  app.call(method, path, { token, ...(body !== undefined && { body }) })
const get = (path: string) => call('GET', path)
const SUCCESS = { error: false, code: 200, type: 'success', message: 'Success' }
const NO_PAGES = { before_cursor: null, after_cursor: null, previous_link: null, next_link: null }
const refusedV2 = (statusCode: number, name: string, message: string) => ({ statusCode, name, message })

describe('Roles of API 1', () => {
  test('are listed with pagination, filtered, sorted and cut down', async () => {
    const { status, json } = await get('/api/1/roles')
    expect(status).toBe(200)
    expect(json).toEqual({
      status: SUCCESS,
      pagination: NO_PAGES,
      data: [
        { id: 10, name: 'AWS developers' },
        { id: 11, name: 'AWS administrators' },
        { id: 12, name: 'Wiki readers' },
      ],
    })
    const ids = async (query: string) =>
      (await get(`/api/1/roles?${query}`)).json.data.flat().map((role: { id: number }) => role.id)
    expect(await ids('name=AWS*')).toEqual([10, 11])
    expect(await ids('name=!AWS*')).toEqual([12])
    expect(await ids('name=Wiki%20readers')).toEqual([12])
    expect(await ids('id=12,10')).toEqual([10, 12])
    expect(await ids('sort=-name')).toEqual([12, 10, 11])
    expect((await get('/api/1/roles?fields=id&limit=1')).json.data).toEqual([{ id: 10 }])
    expect((await get('/api/1/roles?sort=email')).json).toEqual(
      badRequest({ description: 'email is not a valid attribute for role model', attribute: 'email' }),
    )
  })

  test('are found by id, and told to be missing in OneLogin’s words', async () => {
    expect((await get('/api/1/roles/12')).json).toEqual({
      status: SUCCESS,
      data: [{ id: 12, name: 'Wiki readers' }],
    })
    expect((await get('/api/1/roles/99')).json).toEqual(
      refusal(404, 'not found', 'Role for id 99 was not found'),
    )
    expect((await get('/api/1/roles/x')).json).toEqual(
      badRequest({ description: 'ID is incorrect', attribute: 'id' }),
    )
  })

  test('are read only', async () => {
    for (const [method, path] of [
      ['POST', '/api/1/roles'],
      ['PUT', '/api/1/roles/10'],
      ['DELETE', '/api/1/groups/1'],
    ] as const)
      expect((await call(method, path, {})).json).toEqual(refusal(404, 'not found', 'No Route Exists'))
  })
})

describe('Groups', () => {
  test('are listed and found with their reference', async () => {
    const staff = { id: 1, name: 'Staff', reference: null }
    expect((await get('/api/1/groups')).json).toEqual({
      status: SUCCESS,
      pagination: NO_PAGES,
      data: [staff],
    })
    expect((await get('/api/1/groups/1')).json.data).toEqual([staff])
    expect((await get('/api/1/groups/9999999')).json).toEqual(
      refusal(404, 'not found', 'Group for id 9999999 was not found'),
    )
    expect((await get('/api/1/groups?id=2')).json.data).toEqual([[]])
  })
})

describe('Apps', () => {
  test('are listed by API 1 with pagination', async () => {
    const { json } = await get('/api/1/apps?limit=1')
    expect(json.data).toEqual([
      {
        id: 500,
        connector_id: expect.any(Number),
        name: 'AWS',
        extension: false,
        icon: null,
        visible: true,
        provisioning: false,
      },
    ])
    const next = new URL(json.pagination.next_link as string)
    expect((await get(next.pathname + next.search)).json.data[0].name).toBe('Wiki')
  })

  test('are listed by API 2 as a bare array', async () => {
    const { json } = await get('/api/2/apps')
    expect(json.map((item: { name: string }) => item.name)).toEqual(['AWS', 'Wiki'])
  })

  test('of a person are those of their roles', async () => {
    const { json } = await get(`/api/1/users/${IDS.bob}/apps`)
    expect(json.pagination).toBeUndefined()
    expect(Object.keys(json.data[0] as object)).toEqual([
      'id',
      'name',
      'icon',
      'provisioned',
      'extension',
      'login_id',
      'personal',
    ])
    expect(json.data.map((item: { id: number }) => item.id)).toEqual([500, 501])
    expect((await get(`/api/1/users/${IDS.gus}/apps`)).json).toEqual({ status: SUCCESS, data: [[]] })
    expect((await get(`/api/2/users/${IDS.bob}/apps`)).json).toEqual(json.data)
    expect((await get(`/api/2/users/${IDS.gus}/apps`)).json).toEqual([])
  })
})

describe('Roles of API 2', () => {
  const create = async (body: unknown) => call('POST', '/api/2/roles', body)
  const events = async () => (await app.events()).map((event) => event.eventTypeId)

  test('live from making to deleting', async () => {
    const made = await create({ name: 'Night watch', apps: [501], users: [IDS.gus], admins: [] })
    expect([made.status, made.json]).toEqual([201, [{ id: expect.any(Number) }]])
    const { id } = made.json[0]
    expect((await get(`/api/2/roles/${id}`)).json).toEqual({
      id,
      name: 'Night watch',
      apps: [501],
      users: [IDS.gus],
      admins: [],
    })
    expect((await get(`/api/1/users/${IDS.gus}/apps`)).json.data[0].id).toBe(501)

    const renamed = await call('PUT', `/api/2/roles/${id}`, { name: 'Day watch' })
    expect([renamed.status, renamed.json]).toEqual([200, { id }])
    expect((await get(`/api/2/roles/${id}`)).json).toMatchObject({ name: 'Day watch', users: [IDS.gus] })

    const added = await call('POST', `/api/2/roles/${id}/users`, [IDS.ada, IDS.gus])
    expect([added.status, added.json]).toEqual([200, [{ id: IDS.ada }, { id: IDS.gus }]])
    expect((await get(`/api/1/users/${IDS.ada}/roles`)).json.data).toEqual([[10, id]])
    const members = await get(`/api/2/roles/${id}/users`)
    expect(members.json).toEqual([
      expect.objectContaining({ id: IDS.ada, name: 'Ada Byron', username: 'ada', added_by: null }),
      expect.objectContaining({ id: IDS.gus }),
    ])
    expect((await get(`/api/2/roles/${id}/users?name=byr`)).json).toHaveLength(1)

    const set = await call('PUT', `/api/2/roles/${id}/apps`, [500])
    expect([set.status, set.json]).toEqual([200, [{ id: 500 }]])
    expect((await get(`/api/2/roles/${id}/apps`)).json).toEqual([{ id: 500, name: 'AWS', icon_url: null }])

    expect((await call('DELETE', `/api/2/roles/${id}/users`, [IDS.ada])).status).toBe(204)
    expect((await get(`/api/2/roles/${id}`)).json.users).toEqual([IDS.gus])
    expect((await call('DELETE', `/api/2/roles/${id}`)).status).toBe(204)
    expect((await get(`/api/2/roles/${id}`)).json).toEqual(
      refusedV2(404, 'NotFound', `Role for id ${id} was not found`),
    )
    expect((await get(`/api/1/users/${IDS.gus}/roles`)).json.data).toEqual([[]])
    // made, given an app and a person; a person; an app for another; a person less; all gone
    expect((await events()).slice(-11)).toEqual([197, 1, 513, 197, 513, 1, 2, 514, 2, 514, 197])
  })

  test('are listed with whom they belong to, page by page with a cursor in a header', async () => {
    const first = await get('/api/2/roles?limit=2')
    expect(first.json.map((role: { id: number }) => role.id)).toEqual([10, 11])
    expect(first.json[0]).toEqual({
      id: 10,
      name: 'AWS developers',
      apps: [500],
      users: [IDS.ada, IDS.bob, IDS.eve],
      admins: [],
    })
    const cursor = first.headers.get('after-cursor')!
    const second = await get(`/api/2/roles?limit=2&cursor=${encodeURIComponent(cursor)}`)
    expect(second.json.map((role: { id: number }) => role.id)).toEqual([12])
    expect(second.headers.get('after-cursor')).toBe('')
    const back = await get(
      `/api/2/roles?limit=2&cursor=${encodeURIComponent(second.headers.get('before-cursor')!)}`,
    )
    expect(back.json).toEqual(first.json)
    // One SDK takes the header apart as a query and sends what it finds in it.
    const inner = Buffer.from(cursor, 'base64').toString()
    expect(inner).toMatch(/^cursor=/)
    expect((await get(`/api/2/roles?limit=2&${inner}`)).json).toEqual(second.json)
    expect((await get('/api/2/roles?fields=name&limit=1')).json).toEqual([{ id: 10, name: 'AWS developers' }])
  })

  test('refuse a query that they do not know', async () => {
    const { status, json } = await get('/api/2/roles?page=2&colour=blue')
    expect([status, json]).toEqual([
      400,
      refusedV2(400, 'BadRequest', 'query parameter(s) not allowed: page, colour'),
    ])
    expect((await get('/api/2/roles?cursor=nonsense')).json).toEqual(
      refusedV2(400, 'BadRequest', 'after_cursor is incorrect'),
    )
  })

  test('have a name of their own', async () => {
    const taken = refusedV2(422, 'UnprocessableEntity', 'Validation failed: Name must be unique')
    expect((await create({ name: 'Wiki readers' })).json).toEqual(taken)
    expect((await call('PUT', '/api/2/roles/10', { name: 'Wiki readers' })).json).toEqual(taken)
    const racing = await Promise.all(Array.from({ length: 10 }, () => create({ name: 'Raced' })))
    expect(racing.filter((reply) => reply.status === 201)).toHaveLength(1)
    for (const name of [undefined, null, '', '  ', 7, 'x'.repeat(256), 'a\0'])
      expect([name, (await create({ name })).status]).toEqual([name, 400])
  })

  test('take people and apps that there are, or nothing at all', async () => {
    const before = (await get('/api/2/roles')).json
    const refused: [body: object, status: number, message: string][] = [
      [{ name: 'New', users: [424242] }, 404, 'User for id 424242 was not found'],
      [{ name: 'New', apps: [424242] }, 404, 'App for id 424242 was not found'],
      [{ name: 'New', users: ['7'] }, 400, 'users should be -> array of positive integers'],
      [{ name: 'New', apps: { 0: 500 } }, 400, 'apps should be -> array of positive integers'],
      [{ name: 'New', admins: [7] }, 400, 'admins of single roles are not supported'],
    ]
    for (const [body, status, message] of refused) {
      const reply = await create(body)
      expect([reply.status, reply.json.message]).toEqual([status, message])
    }
    expect((await call('POST', '/api/2/roles/10/users', [7, 424242])).status).toBe(404)
    expect((await get('/api/2/roles')).json).toEqual(before)
  })

  test('take a list where a list belongs, and nowhere else', async () => {
    const invalid = 'Input JSON is not valid'
    expect((await call('POST', '/api/2/roles', [])).json.message).toBe(invalid)
    expect((await call('POST', '/api/2/roles/10/users', { users: [7] })).json.message).toBe(invalid)
    expect((await call('POST', '/api/2/roles/10/users')).json.message).toBe(invalid)
    expect((await call('POST', '/api/1/users', [])).json).toEqual(badRequest(invalid))
    expect((await call('POST', '/api/2/roles/10/users', ['7'])).status).toBe(400)
  })
})
