import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { CLIENTS, IDS } from '../support/people.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

const newest = () =>
  app.ctx.db.selectFrom('events').selectAll().orderBy('id', 'desc').limit(1).executeTakeFirstOrThrow()
const count = async () => (await app.events()).length

const GUS = `/api/1/users/${IDS.gus}`
const UNKNOWN = '/api/1/users/999999'

describe('A call that is refused becomes the event that OneLogin has for it:', () => {
  test.each([
    [517, 'PUT', `/api/1/users/set_password_using_salt/${IDS.gus}`, {}, IDS.gus, 'password is an required'],
    [
      518,
      'PUT',
      `/api/1/users/set_password_clear_text/${IDS.gus}`,
      { password: 'a', password_confirmation: 'b' },
      IDS.gus,
      'must be same',
    ],
    [519, 'PUT', `${GUS}/set_custom_attributes`, { custom_attributes: { nope: 'x' } }, IDS.gus, 'not valid'],
    [520, 'PUT', `${GUS}/add_roles`, { role_id_array: [] }, IDS.gus, 'role_id_array is empty'],
    [521, 'PUT', `${GUS}/remove_roles`, { role_id_array: [10] }, IDS.gus, 'not included'],
    [523, 'PUT', `${UNKNOWN}/logout`, undefined, null, 'User for id 999999 was not found'],
    [524, 'DELETE', UNKNOWN, undefined, null, 'User for id 999999 was not found'],
    [526, 'PUT', `${GUS}/lock_user`, { locked_until: 'x' }, IDS.gus, 'locked_until should be'],
    [532, 'PUT', GUS, { email: 'bob@acme.test' }, IDS.gus, 'Email must be unique'],
    [532, 'PUT', `${GUS}/set_state`, { state: 9 }, IDS.gus, 'state is invalid'],
    [534, 'POST', '/api/1/users', { firstname: 'Only' }, null, 'lastname is an required'],
    [400, 'GET', '/api/1/users?after_cursor=broken', undefined, null, 'after_cursor is incorrect'],
    [400, 'POST', '/api/1/login/auth', {}, null, 'username is empty'],
  ])('%i for %s %s', async (type, method, path, body, userId, why) => {
    const token = await app.token()
    const before = await count()
    const { status } = await app.call(method, path, { token, ...(body && { body }) })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(await count()).toBe(before + 1)
    expect(await newest()).toMatchObject({
      eventTypeId: type,
      userId,
      clientId: CLIENTS['Manage All'].id,
      errorDescription: expect.stringContaining(why),
    })
  })

  test('401 when the scope of the credential is too small', async () => {
    const token = await app.token('Read Users')
    await app.call('DELETE', GUS, { token })
    expect(await newest()).toMatchObject({
      eventTypeId: 401,
      clientId: CLIENTS['Read Users'].id,
      errorDescription: 'Insufficient Permission',
    })
  })

  test('401 for a wrong secret of a credential that there is, at most 20 an hour', async () => {
    const wrong = () =>
      app.call('POST', '/auth/oauth2/v2/token', {
        headers: { authorization: `client_id:${CLIENTS['Read All'].id}, client_secret:wrong` },
        body: { grant_type: 'client_credentials' },
      })
    const before = await count()
    for (let i = 0; i < 25; i++) expect((await wrong()).status).toBe(401)
    expect(await count()).toBe(before + 20)
    expect(await newest()).toMatchObject({ eventTypeId: 401, errorDescription: 'wrong client secret' })
    await app.advance(3601)
    await wrong()
    expect(await count()).toBe(before + 21)
  })

  test('none for strangers, however much they send', async () => {
    const before = await count()
    await app.call('GET', '/api/1/users', { token: 'f'.repeat(64) })
    await app.call('GET', '/api/1/users')
    await app.call('POST', '/auth/oauth2/v2/token', {
      headers: { authorization: 'client_id:nobody, client_secret:nothing' },
      body: { grant_type: 'client_credentials' },
    })
    expect(await count()).toBe(before)
  })

  test('and never the words that were sent', async () => {
    const token = await app.token()
    app.sink.learn('hunter2-hunter2-hunter2')
    const body = { password: 'hunter2-hunter2-hunter2', password_confirmation: 'hunter3' }
    await app.call('PUT', `/api/1/users/set_password_clear_text/${IDS.gus}`, { token, body })
    expect(JSON.stringify(await newest())).not.toContain('hunter')
  })
})
