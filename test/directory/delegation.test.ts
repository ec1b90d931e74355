import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { mayActOn, requireMayActOn } from '../../server/directory/delegation.ts'
import { allows, type UserAction } from '../../server/directory/privileges.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { CLIENTS, IDS } from '../support/people.ts'

const privilege = (...Statement: [Action: string[], Scope: string[]][]) => ({
  privilege: {
    Version: '2018-05-18' as const,
    Statement: Statement.map(([Action, Scope]) => ({ Effect: 'Allow' as const, Action, Scope })),
  },
})
const ADA = { id: 7, roleIds: [10, 11] }

describe('allows', () => {
  test.each([
    ['nothing when nothing is held', [], 'users:Get', false],
    ['an action on everybody', [privilege([['users:Get'], ['*']])], 'users:Get', true],
    ['every action when all are held', [privilege([['*'], ['*']])], 'users:Delete', true],
    ['no other action', [privilege([['users:Get'], ['*']])], 'users:Delete', false],
    ['the person it names', [privilege([['users:Get'], ['users/7']])], 'users:Get', true],
    ['no person whose id only begins alike', [privilege([['users:Get'], ['users/70']])], 'users:Get', false],
    ['the people of the role it names', [privilege([['users:Get'], ['roles/11']])], 'users:Get', true],
    ['no people of other roles', [privilege([['users:Get'], ['roles/1', 'roles/7']])], 'users:Get', false],
    [
      'no scope of one statement with the action of another',
      [privilege([['users:Get'], ['users/8']], [['users:List'], ['*']])],
      'users:Get',
      false,
    ],
    [
      'what the second of two privileges says',
      [privilege([['users:List'], ['*']]), privilege([['users:Get'], ['roles/10']])],
      'users:Get',
      true,
    ],
  ] as [string, ReturnType<typeof privilege>[], UserAction, boolean][])(
    'grants %s',
    (_what, held, action, want) => {
      expect(allows(held, action, ADA)).toBe(want)
    },
  )

  test('grants what is about nobody in particular only to those who reach everybody', () => {
    expect(allows([privilege([['users:Create'], ['*']])], 'users:Create', undefined)).toBe(true)
    expect(allows([privilege([['users:Create'], ['roles/10']])], 'users:Create', undefined)).toBe(false)
  })
})

describe('mayActOn', () => {
  let app: TestApp
  const client = CLIENTS['Manage Users']
  const bearer = async () => {
    const token = await app.token('Manage Users')
    return app.ctx.findBearer(token)
  }
  beforeAll(async () => {
    app = await startApp()
  })
  afterAll(() => app.close())

  test('lets a credential without an owner do all that its scope allows', async () => {
    expect(await mayActOn(app.ctx, await bearer(), 'users:Delete', IDS.ada)).toBe(true)
  })

  test('holds a credential to what its owner may do, from privileges of their own and of their roles', async () => {
    await app.ctx.credentials.setOwner(client.id, IDS.dee)
    const caller = await bearer()
    expect(caller.ownerUserId).toBe(IDS.dee)
    expect(await mayActOn(app.ctx, caller, 'users:Get', IDS.ada)).toBe(false)
    await expect(requireMayActOn(app.ctx, caller, 'users:Get', IDS.ada)).rejects.toMatchObject({
      code: 'beyond_privileges',
    })
    const admin = await app.token()
    const give = async (statement: [string[], string[]], to: object) => {
      const { json } = await app.post('/api/1/privileges', { name: 'x', ...privilege(statement) }, admin)
      const kind = Object.keys(to)[0]!
      const reply = await app.post(`/api/1/privileges/${json.id}/${kind}`, to, admin)
      expect(reply.status).toBe(201)
      return json.id as string
    }
    const own = await give([['users:Get'], [`users/${IDS.ada}`]], { users: [IDS.dee] })
    await give([['users:Unlock'], ['roles/10']], { roles: [12] })
    const may = (action: UserAction, id?: number) => mayActOn(app.ctx, caller, action, id)
    expect([await may('users:Get', IDS.ada), await may('users:Get', IDS.bob)]).toEqual([true, false])
    expect([await may('users:Unlock', IDS.bob), await may('users:Unlock', IDS.gus)]).toEqual([true, false])
    expect([await may('users:Get', 999), await may('users:Get')]).toEqual([false, false])
    await app.call('DELETE', `/api/1/privileges/${own}`, { token: admin })
    expect(await may('users:Get', IDS.ada)).toBe(false)
  })

  test('lets a suspended owner do nothing', async () => {
    await app.ctx.credentials.setOwner(client.id, IDS.cy)
    const caller = await bearer()
    expect(await mayActOn(app.ctx, caller, 'users:Unlock', IDS.bob)).toBe(true)
    await app.ctx.db.updateTable('users').set({ status: 2 }).where('id', '=', IDS.cy).execute()
    expect(await mayActOn(app.ctx, caller, 'users:Unlock', IDS.bob)).toBe(false)
  })

  test('a deleted owner takes the access tokens of their credential along', async () => {
    await app.ctx.credentials.setOwner(client.id, IDS.gus)
    const token = await app.token('Manage Users')
    expect((await app.call('GET', '/auth/rate_limit', { token })).status).toBe(200)
    await app.ctx.db.deleteFrom('users').where('id', '=', IDS.gus).execute()
    const { status, json } = await app.call('GET', '/auth/rate_limit', { token })
    expect([status, json.status.message]).toEqual([401, 'Authentication Failure'])
    await app.ctx.credentials.setOwner(client.id, null)
    expect((await app.call('GET', '/auth/rate_limit', { token })).status).toBe(200)
  })
})
