import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { mountedRoutes, type MountedRoute } from '../http/mounted-routes.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { CLIENTS, IDS } from '../support/people.ts'

/** What a program may call without acting on the directory: it brings the person's own password, or is the same for everybody. */
const NEEDS_NO_PRIVILEGE =
  /^\/(auth\/|api\/1\/login\/|api\/[12]\/saml_assertion|client\/)|^\/api\/1\/(events\/types|openapi\.json)$/

let app: TestApp
let token: string
let admin: string

/** dee owns the credential; what she may do is what a test gives her. */
beforeAll(async () => {
  app = await startApp()
  admin = await app.token('Read All')
  token = await app.token('Manage All')
  await app.ctx.credentials.setOwner(CLIENTS['Manage All'].id, IDS.dee)
})
afterAll(() => app.close())
beforeEach(async () => {
  await app.ctx.db.deleteFrom('privileges').execute()
})

let given = 0
/** Gives dee a privilege, behind the API's back. */
async function give(
  Action: string[],
  Scope: string[],
  to: { role?: number; user?: number } = { user: IDS.dee },
) {
  const id = `privilege-${++given}`
  const Statement = [{ Effect: 'Allow' as const, Action, Scope }]
  const privilege = {
    id,
    name: id,
    description: null,
    privilege: { Version: '2018-05-18' as const, Statement },
  }
  await app.ctx.privileges.create(privilege, app.clock.now())
  if (to.user !== undefined) await app.ctx.privileges.grant(id, 'user', [to.user])
  if (to.role !== undefined) await app.ctx.privileges.grant(id, 'role', [to.role])
  return id
}

const call = (method: string, path: string, body?: unknown) =>
  app.call(method, path, { token, ...(body !== undefined && { body }) })
const status = async (method: string, path: string, body?: unknown) => (await call(method, path, body)).status
const ids = (json: any): number[] => (json.data ?? json).flat().map((item: { id: number }) => item.id)

const FORBIDDEN = (model = 'User') => ({
  status: {
    error: true,
    code: 403,
    type: 'forbidden',
    message: `user is not authorized to access this ${model}`,
  },
})

/** A path with ids that exist. */
const concrete = ({ path }: MountedRoute): string =>
  path
    .replace('/roles/:id', '/roles/10')
    .replace('/groups/:id', '/groups/1')
    .replace('/privileges/:id', '/privileges/p')
    .replace(':device_id', '70')
    .replace(/:\w+/g, String(IDS.ada))

describe('A credential whose owner holds no privilege', () => {
  test('is refused at every route of the API that acts on the directory', async () => {
    const routes = mountedRoutes(app.ctx).filter(({ path }) => /^\/(api|auth)\//.test(path))
    const acting = routes.filter(({ path }) => !NEEDS_NO_PRIVILEGE.test(path))
    expect(acting.length).toBeGreaterThan(45)
    const passed: string[] = []
    for (const route of acting) {
      const takesList = /\/api\/2\/roles\/:id\/(users|apps)/.test(route.path)
      const body = route.method === 'GET' ? undefined : takesList ? [IDS.ada] : {}
      const reply = await call(route.method, concrete(route), body)
      if (reply.status !== 403) passed.push(`${route.method} ${route.path}: ${reply.status}`)
    }
    expect(passed).toEqual([])
  })

  test('is told in the words of each service', async () => {
    expect((await call('GET', `/api/1/users/${IDS.ada}`)).json).toEqual(FORBIDDEN())
    expect((await call('GET', '/api/1/users')).json).toEqual(FORBIDDEN())
    expect((await call('GET', '/api/1/roles/10')).json).toEqual(FORBIDDEN('Role'))
    expect((await call('GET', '/api/2/roles/10')).json).toEqual({
      statusCode: 403,
      name: 'Forbidden',
      message: 'user is not authorized to access this Role',
    })
    expect((await call('GET', '/api/1/privileges')).json).toEqual({
      statusCode: 403,
      name: 'ForbiddenError',
      message: 'user is not authorized to access this Privilege',
    })
  })

  test('hears the same of somebody who does not exist', async () => {
    expect((await call('GET', '/api/1/users/999999')).json).toEqual(FORBIDDEN())
    expect((await call('PUT', '/api/1/users/999999', {})).json).toEqual(FORBIDDEN())
  })

  test('does not stand in the way of a credential without an owner', async () => {
    expect((await app.call('GET', `/api/1/users/${IDS.ada}`, { token: admin })).status).toBe(200)
  })
})

describe('People', () => {
  test('are listed, found and counted through only where a privilege covers them', async () => {
    await give(['users:List', 'users:Get'], [`users/${IDS.gus}`, 'roles/12'])
    expect(ids((await call('GET', '/api/1/users')).json)).toEqual([IDS.bob, IDS.cy, IDS.dee, IDS.gus])
    expect(ids((await call('GET', `/api/1/users?email=ada@acme.test`)).json)).toEqual([])
    expect(ids((await call('GET', '/api/1/users?search=gus')).json)).toEqual([IDS.gus])
    const first = (await call('GET', '/api/1/users?limit=3&sort=-id')).json
    expect(ids(first)).toEqual([IDS.gus, IDS.dee, IDS.cy])
    const next = await call(
      'GET',
      `/api/1/users?limit=3&sort=-id&after_cursor=${first.pagination.after_cursor}`,
    )
    expect([ids(next.json), next.json.pagination.after_cursor]).toEqual([[IDS.bob], null])
    expect(await status('GET', `/api/1/users/${IDS.gus}`)).toBe(200)
    expect(await status('GET', `/api/1/users/${IDS.bob}/roles`)).toBe(200)
    for (const path of ['', '/apps', '/roles', '/otp_devices'])
      expect([path, await status('GET', `/api/1/users/${IDS.ada}${path}`)]).toEqual([path, 403])
    expect(await status('GET', `/api/2/users/${IDS.ada}/apps`)).toBe(403)
  })

  test.each([
    ['users:Update', 'PUT', '/api/1/users/ID', { title: 'Chief' }],
    [
      'users:Update',
      'PUT',
      '/api/1/users/ID/set_custom_attributes',
      { custom_attributes: { branch_name: 'x' } },
    ],
    ['users:ManageRoles', 'PUT', '/api/1/users/ID/add_roles', { role_id_array: [11] }],
    ['users:ManageRoles', 'PUT', '/api/1/users/ID/remove_roles', { role_id_array: [11] }],
    ['users:ForceLogout', 'PUT', '/api/1/users/ID/logout', undefined],
    [
      'users:ResetPassword',
      'PUT',
      '/api/1/users/set_password_clear_text/ID',
      { password: 'a', password_confirmation: 'a' },
    ],
    ['users:Update', 'PUT', '/api/1/users/ID/set_state', { state: 2 }],
    ['users:Update', 'PUT', '/api/1/users/ID/lock_user', { locked_until: 0 }],
    ['users:GenerateTempMfaToken', 'POST', '/api/1/users/ID/mfa_token', {}],
  ])('%s lets %s %s change whom it covers, and nobody else', async (action, method, path, body) => {
    await give([action], [`users/${IDS.gus}`])
    expect(await status(method, path.replace('ID', String(IDS.gus)), body)).toBeLessThan(300)
    expect(await status(method, path.replace('ID', String(IDS.bob)), body)).toBe(403)
    await app.ctx.db.deleteFrom('privileges').execute()
    await give(['users:Get', 'users:List'], ['*'])
    expect(await status(method, path.replace('ID', String(IDS.gus)), body)).toBe(403)
  })

  test('are created only by who reaches everybody, and deleted only by who covers them', async () => {
    const body = { firstname: 'New', lastname: 'Person', username: 'new.person' }
    await give(['users:Create'], ['roles/10'])
    expect(await status('POST', '/api/1/users', body)).toBe(403)
    await give(['users:Create'], ['*'])
    const { json } = await call('POST', '/api/1/users', body)
    const { id } = json.data[0]
    await give(['users:Delete'], [`users/${id}`])
    expect(await status('DELETE', `/api/1/users/${IDS.bob}`)).toBe(403)
    expect(await status('DELETE', `/api/1/users/${id}`)).toBe(200)
  })
})

describe('Roles, apps and events', () => {
  test('are listed and managed only where a privilege names them', async () => {
    await give(['roles:List', 'roles:Get', 'roles:ManageUsers'], ['roles/12'])
    expect(ids((await call('GET', '/api/1/roles')).json)).toEqual([12])
    expect(ids((await call('GET', '/api/2/roles')).json)).toEqual([12])
    expect([await status('GET', '/api/1/roles/12'), await status('GET', '/api/1/roles/10')]).toEqual([
      200, 403,
    ])
    expect(await status('POST', '/api/2/roles/10/users', [IDS.gus])).toBe(403)
    expect(await status('POST', '/api/2/roles/12/users', [IDS.gus])).toBe(200)
    expect(await status('DELETE', '/api/2/roles/12/users', [IDS.gus])).toBe(204)
    expect(await status('PUT', '/api/2/roles/12/apps', [501])).toBe(403)
    expect(await status('PUT', '/api/2/roles/12', { name: 'x' })).toBe(403)
    await give(['roles:Update'], ['roles/12'])
    expect(await status('PUT', '/api/2/roles/12', { name: 'Wiki readers', apps: [] })).toBe(403)
    expect(await status('PUT', '/api/2/roles/12', { name: 'Wiki readers' })).toBe(200)
    expect(await status('POST', '/api/2/roles', { name: 'y' })).toBe(403)
  })

  test('of apps show those that are named, and those of a role that is named', async () => {
    await give(['apps:List'], ['apps/501'])
    expect(ids((await call('GET', '/api/1/apps')).json)).toEqual([501])
    await give(['apps:List'], ['roles/10'])
    expect(ids((await call('GET', '/api/2/apps')).json)).toEqual([500, 501])
  })

  test('of events are read by who may, and written by who may do everything', async () => {
    const { id } = await app.ctx.db.selectFrom('events').select('id').executeTakeFirstOrThrow()
    await give(['events:List', 'events:Get'], [`events/${id}`])
    expect(ids((await call('GET', '/api/1/events')).json)).toEqual([id])
    expect(await status('GET', `/api/1/events/${id}`)).toBe(200)
    expect(await status('POST', '/api/1/events', { event_type_id: 4 })).toBe(403)
    await give(['*'], ['*'])
    expect(await status('POST', '/api/1/events', { event_type_id: 4 })).toBe(200)
  })
})

describe('Privileges', () => {
  test('are shown, changed and given only where a privilege names them', async () => {
    const mine = await give(
      ['privileges:List', 'privileges:Get', 'privileges:ManageUsers'],
      ['privileges/other'],
    )
    await give(['users:List'], ['*'], {})
    const other = {
      name: 'other',
      privilege: {
        Version: '2018-05-18',
        Statement: [{ Effect: 'Allow', Action: ['users:Get'], Scope: ['*'] }],
      },
    } as const
    await app.ctx.privileges.create(
      { id: 'other', description: null, ...other, privilege: structuredClone(other.privilege) as never },
      1,
    )
    expect((await call('GET', '/api/1/privileges')).json.map(({ id }: { id: string }) => id)).toEqual([
      'other',
    ])
    expect(await status('GET', '/api/1/privileges/other')).toBe(200)
    expect(await status('GET', `/api/1/privileges/${mine}`)).toBe(403)
    expect(await status('POST', '/api/1/privileges/other/users', { users: [IDS.gus] })).toBe(201)
    expect(await status('POST', `/api/1/privileges/${mine}/users`, { users: [IDS.gus] })).toBe(403)
    expect(await status('POST', '/api/1/privileges/other/roles', { roles: [12] })).toBe(403)
    expect(await status('PUT', '/api/1/privileges/other', other)).toBe(403)
    expect(await status('POST', '/api/1/privileges', other)).toBe(403)
    expect(await status('DELETE', '/api/1/privileges/other')).toBe(403)
  })

  test('cannot be had by giving oneself a role that holds more', async () => {
    const powerful = await give(['*'], ['*'], { role: 11 })
    await give(['users:ManageRoles'], ['*'])
    await give(['roles:ManageUsers', 'roles:Update'], ['*'])
    expect(await status('PUT', `/api/1/users/${IDS.dee}/add_roles`, { role_id_array: [10, 11] })).toBe(403)
    expect(await status('POST', '/api/2/roles/11/users', [IDS.dee])).toBe(403)
    expect(await status('PUT', '/api/2/roles/11', { users: [IDS.dee] })).toBe(403)
    expect(await status('PUT', `/api/1/users/${IDS.gus}/add_roles`, { role_id_array: [10] })).toBe(200)
    await give(['privileges:ManageUsers'], [`privileges/${powerful}`])
    expect(await status('POST', '/api/2/roles/11/users', [IDS.gus])).toBe(200)
  })
})

test('A suspended or rejected owner may do nothing', async () => {
  await give(['users:List'], ['*'])
  for (const change of [{ status: 2 }, { state: 2 }]) {
    await app.ctx.db.updateTable('users').set(change).where('id', '=', IDS.dee).execute()
    expect(await status('GET', '/api/1/users')).toBe(403)
    await app.ctx.db.updateTable('users').set({ status: 1, state: 1 }).where('id', '=', IDS.dee).execute()
  }
  expect(await status('GET', '/api/1/users')).toBe(200)
})
