import { afterAll, beforeAll, expect, test } from 'vitest'
import { createEmbedToken, removeEmbedToken } from '../../server/directory/embed-token.ts'
import { COMMAND_LINE } from '../../server/events/event-store.ts'
import {
  createCredential,
  deleteCredential,
  setCredentialEnabled,
} from '../../server/oauth/manage-credentials.ts'
import { exportedDirectory } from '../directory/open-directory.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { IDS } from '../support/people.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

const tokens = (client: { clientId: string; clientSecret: string }) =>
  app.call('POST', '/auth/oauth2/v2/token', {
    headers: { authorization: `client_id:${client.clientId}, client_secret:${client.clientSecret}` },
    body: { grant_type: 'client_credentials' },
  })
const read = (token: string) => app.call('GET', '/api/1/users', { token }).then(({ status }) => status)
const lastEvent = async () => (await app.events()).at(-1)!.eventTypeId

test('A credential works from its making to its end; disabled, it and all its tokens die at once, for good', async () => {
  const made = await createCredential(app.ctx, { name: ' night job ', scope: 'read all' }, COMMAND_LINE)
  app.sink.learn(made.clientSecret)
  expect(await lastEvent()).toBe(179)
  expect((await app.ctx.credentials.list()).at(-1)).toMatchObject({
    id: made.id,
    name: 'night job',
    scope: 'Read All',
    owner: null,
  })
  const first = (await tokens(made)).json
  expect(await read(first.access_token)).toBe(200)

  await setCredentialEnabled(app.ctx, made.id, false, COMMAND_LINE)
  expect(await lastEvent()).toBe(182)
  expect([await read(first.access_token), (await tokens(made)).status]).toEqual([401, 401])
  const { access_token, refresh_token } = first
  const refresh = { grant_type: 'refresh_token', access_token, refresh_token }
  expect((await app.post('/auth/oauth2/v2/token', refresh)).status).toBe(401)

  await setCredentialEnabled(app.ctx, made.id, true, COMMAND_LINE)
  expect(await lastEvent()).toBe(181)
  expect(await read(first.access_token)).toBe(401)
  expect((await app.post('/auth/oauth2/v2/token', refresh)).status).toBe(401)
  const second = (await tokens(made)).json
  expect(await read(second.access_token)).toBe(200)

  await deleteCredential(app.ctx, made.id, COMMAND_LINE)
  expect(await lastEvent()).toBe(180)
  expect([await read(second.access_token), (await tokens(made)).status]).toEqual([401, 401])
})

test('A credential with an owner may do what their privileges allow, also after the directory has moved', async () => {
  const wish = { name: 'delegated', scope: 'Manage All', owner: 'DEE@acme.test' }
  const made = await createCredential(app.ctx, wish, COMMAND_LINE)
  const { access_token } = (await tokens(made)).json
  expect(await read(access_token as string)).toBe(403)
  const { api_credentials } = await exportedDirectory(app.ctx)
  const exported = api_credentials?.find(({ name }) => name === 'delegated')
  expect(exported).toMatchObject({ owner_user_id: IDS.dee })
})

test.each([
  [{ name: 'x', scope: 'Everything' }, 'The scope must be one of: Authentication Only, Read Users'],
  [{ name: ' ', scope: 'Read All' }, 'The name must have 1 to 255 characters.'],
  [{ name: 'Read All', scope: 'Read All' }, 'There is an API credential called Read All already.'],
  [{ name: 'x', scope: 'Read All', owner: 'nobody' }, 'Nobody signs in as nobody.'],
])('%j is refused in words that help, and nothing is made', async (wish, why) => {
  const before = (await app.ctx.credentials.list()).length
  await expect(createCredential(app.ctx, wish, COMMAND_LINE)).rejects.toThrow(why)
  expect((await app.ctx.credentials.list()).length).toBe(before)
})

test('A credential that is not there is neither disabled nor deleted', async () => {
  const why = 'There is no API credential with the id 99999.'
  await expect(setCredentialEnabled(app.ctx, 99_999, false, COMMAND_LINE)).rejects.toThrow(why)
  await expect(deleteCredential(app.ctx, 99_999, COMMAND_LINE)).rejects.toThrow(why)
})

test('An embed token opens the list of apps until it is replaced or removed', async () => {
  const apps = async (token: string) =>
    (await app.call('GET', `/client/apps/embed2?token=${token}&email=bob@acme.test`)).text
  const first = await createEmbedToken(app.ctx, COMMAND_LINE)
  expect([await apps(first), await lastEvent()]).toEqual([expect.stringContaining('<name>AWS</name>'), 167])
  const second = await createEmbedToken(app.ctx, COMMAND_LINE)
  expect([await apps(first), await apps(second)]).toEqual(['<apps />', expect.stringContaining('AWS')])
  await removeEmbedToken(app.ctx, COMMAND_LINE)
  expect([await apps(second), await lastEvent()]).toEqual(['<apps />', 169])
})
