import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inEveryWorld, startApp, type TestApp } from '../support/app.ts'
import { CLIENTS, IDS, type ScopeName } from '../support/people.ts'

const PRIVILEGES = '/api/1/privileges'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const statement = (Action: string[], Scope: string[]) => ({ Effect: 'Allow', Action, Scope })
const document = (...Statement: object[]) => ({ Version: '2018-05-18', Statement })
const HELP_DESK = {
  name: 'Help desk',
  privilege: document(statement(['users:List', 'users:Unlock'], ['*'])),
}
const BAD = { statusCode: 400, name: 'BadRequestError' }
const NOT_FOUND = { statusCode: 404, name: 'NotFoundError', message: 'Privilege was not found' }
const CURSORS = { beforeCursor: null, previousLink: null, afterCursor: null, nextLink: null }

describe('the privileges API', () => {
  inEveryWorld((app) => {
    test('makes a privilege, changes it, gives it to people and roles, takes it back and forgets it', async () => {
      const token = await app().token()
      const call = async (method: string, path: string, body?: object) => {
        const reply = await app().call(method, `${PRIVILEGES}${path}`, { token, body })
        return [reply.status, reply.json ?? reply.text]
      }
      const [created, { id }] = await call('POST', '', HELP_DESK)
      expect([created, id]).toEqual([201, expect.stringMatching(UUID)])
      const item = { id, description: null, ...HELP_DESK }
      expect(await call('GET', `/${id}`)).toEqual([200, item])
      expect(await call('GET', '')).toEqual([200, [item]])
      const better = { name: 'Support', description: 'First line', privilege: HELP_DESK.privilege }
      expect(await call('PUT', `/${id}`, better)).toEqual([200, { id }])
      expect(await call('GET', `/${id}`)).toEqual([200, { id, ...better }])

      const success = [201, { success: true }]
      expect(await call('POST', `/${id}/users`, { users: [IDS.bob, IDS.ada] })).toEqual(success)
      expect(await call('POST', `/${id}/users`, { users: [IDS.bob] })).toEqual(success)
      expect(await call('POST', `/${id}/roles`, { roles: [12] })).toEqual(success)
      const people = { total: 2, users: [IDS.ada, IDS.bob], ...CURSORS }
      expect(await call('GET', `/${id}/users`)).toEqual([200, people])
      expect(await call('GET', `/${id}/roles`)).toEqual([200, { total: 1, roles: [12], ...CURSORS }])
      expect(await call('DELETE', `/${id}/users/${IDS.ada}`)).toEqual([204, ''])
      expect(await call('DELETE', `/${id}/roles/12`)).toEqual([204, ''])
      expect(await call('GET', `/${id}/users`)).toEqual([200, { total: 1, users: [IDS.bob], ...CURSORS }])
      expect(await call('DELETE', `/${id}`)).toEqual([204, ''])
      for (const path of [`/${id}`, `/${id}/users`, `/${id}/roles`])
        expect(await call('GET', path)).toEqual([404, NOT_FOUND])
      expect(await call('GET', '')).toEqual([200, []])
    })
  })
})

describe('the privileges API, further', () => {
  let app: TestApp
  let token: string
  let id: string
  beforeAll(async () => {
    app = await startApp()
    token = await app.token()
    id = (await app.post(PRIVILEGES, HELP_DESK, token)).json.id
  })
  afterAll(() => app.close())

  const action = 'privilege.Statement.0.Action'
  test.each([
    ['no name', { privilege: HELP_DESK.privilege }, 'name is empty'],
    ['no document', { name: 'x' }, 'privilege: Invalid input: expected object, received undefined'],
    [
      'a document of another version',
      { name: 'x', privilege: { ...HELP_DESK.privilege, Version: '2012-10-17' } },
      'privilege.Version: Invalid input: expected "2018-05-18"',
    ],
    [
      'a denial',
      { name: 'x', privilege: document({ ...statement(['users:List'], ['*']), Effect: 'Deny' }) },
      'privilege.Statement.0.Effect: Invalid input: expected "Allow"',
    ],
    [
      'an action that OneLogin does not have',
      { name: 'x', privilege: document(statement(['users:Clone'], ['*'])) },
      `${action}: users:Clone is not a valid action`,
    ],
    [
      'an action in the capitals of a generated SDK',
      { name: 'x', privilege: document(statement(['Users:List'], ['*'])) },
      `${action}: Users:List is not a valid action`,
    ],
    [
      'actions of two classes in one statement',
      { name: 'x', privilege: document(statement(['users:List', 'apps:List'], ['*'])) },
      `${action}: actions must be of one class`,
    ],
    [
      'a scope of another class',
      { name: 'x', privilege: document(statement(['users:List'], ['apps/500'])) },
      'privilege.Statement.0.Scope: apps/500 is not a valid scope for these actions',
    ],
    [
      'people of a role where the action is about events',
      { name: 'x', privilege: document(statement(['events:List'], ['roles/10'])) },
      'privilege.Statement.0.Scope: roles/10 is not a valid scope for these actions',
    ],
  ])('refuses %s, at create and at update', async (_what, body, message) => {
    for (const [method, path] of [
      ['POST', PRIVILEGES],
      ['PUT', `${PRIVILEGES}/${id}`],
    ] as const) {
      const { status, json } = await app.call(method, path, { token, body })
      expect([status, json]).toEqual([400, { ...BAD, message }])
    }
  })

  test('refuses holders that do not exist, and then gives it to none of them', async () => {
    const reply = await app.post(`${PRIVILEGES}/${id}/roles`, { roles: [10, 999, 998] }, token)
    expect([reply.status, reply.json]).toEqual([400, { ...BAD, message: 'roles not found: 999, 998' }])
    const { json } = await app.call('GET', `${PRIVILEGES}/${id}/roles`, { token })
    expect(json.total).toBe(0)
    for (const users of [[], 'all', [1.5], ['7'], undefined]) {
      const odd = await app.post(`${PRIVILEGES}/${id}/users`, { users }, token)
      expect([odd.status, odd.json.name]).toEqual([400, 'BadRequestError'])
    }
  })

  test('takes nothing from who does not hold it', async () => {
    const { status, json } = await app.call('DELETE', `${PRIVILEGES}/${id}/users/${IDS.ada}`, { token })
    expect([status, json]).toEqual([404, { ...NOT_FOUND, message: 'Privilege is not assigned to this user' }])
  })

  test('notes what happens to a privilege and who gets it', async () => {
    const before = (await app.events()).length
    const made = (await app.post(PRIVILEGES, { ...HELP_DESK, name: 'Noted' }, token)).json
    const path = `${PRIVILEGES}/${made.id}`
    await app.post(`${path}/users`, { users: [IDS.ada, IDS.ada] }, token)
    await app.call('DELETE', `${path}/users/${IDS.ada}`, { token })
    await app.call('PUT', path, { token, body: HELP_DESK })
    await app.call('DELETE', path, { token })
    expect(
      (await app.events()).slice(before).map(({ eventTypeId, userId }) => [eventTypeId, userId]),
    ).toEqual([
      [70, null],
      [72, IDS.ada],
      [73, IDS.ada],
      [70, null],
      [71, null],
    ])
  })

  test('tells a bad token in the words of its own service', async () => {
    const { status, json } = await app.call('GET', PRIVILEGES, { token: 'f'.repeat(64) })
    expect([status, json]).toEqual([
      401,
      { statusCode: 401, name: 'UnauthorizedError', message: 'Unauthorized' },
    ])
  })

  test.each([
    ['GET', ''],
    ['POST', ''],
    ['GET', '/x'],
    ['PUT', '/x'],
    ['DELETE', '/x'],
    ['GET', '/x/roles'],
    ['POST', '/x/roles'],
    ['DELETE', '/x/roles/1'],
    ['GET', '/x/users'],
    ['POST', '/x/users'],
    ['DELETE', '/x/users/1'],
  ])('%s privileges%s is for Manage All alone', async (method, path) => {
    const allowed: string[] = []
    for (const scope of Object.keys(CLIENTS) as ScopeName[]) {
      const { json } = await app.call(method, `${PRIVILEGES}${path}`, { token: await app.token(scope) })
      if (json.message !== 'Insufficient Permission') allowed.push(scope)
    }
    expect(allowed).toEqual(['Manage All'])
  })
})
