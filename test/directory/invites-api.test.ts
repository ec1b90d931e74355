import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { CLIENTS, IDS } from '../support/people.ts'
import { inviteBy, inviteLink, mailedLinks, tokenIn } from '../signin/links.ts'

const GET_LINK = '/api/1/invites/get_invite_link'
const SEND_LINK = '/api/1/invites/send_invite_link'

let app: TestApp
beforeAll(async () => {
  app = await startApp()
})
afterAll(() => app.close())

const events = () =>
  app.ctx.db
    .selectFrom('events')
    .select(['eventTypeId', 'userId', 'clientId', 'errorDescription'])
    .orderBy('id')
    .execute()

describe('POST /api/1/invites/get_invite_link', () => {
  test('answers a list of one link of ours, with a token as OneLogin has them', async () => {
    const before = (await events()).length
    const { status, json } = await inviteBy(app, 'get', { email: 'gus@acme.test' })
    expect([status, json.status]).toEqual([
      200,
      { error: false, code: 200, type: 'success', message: 'Success' },
    ])
    const [link] = json.data as string[]
    app.sink.learn(tokenIn(link!))
    expect(json.data).toHaveLength(1)
    expect(link).toMatch(new RegExp(`^${app.url}/invite/[0-9a-f]{40}$`))
    expect((await events()).slice(before)).toEqual([
      { eventTypeId: 535, userId: IDS.gus, clientId: CLIENTS['Manage All'].id, errorDescription: null },
    ])
    const user = await app.call('GET', `/api/1/users/${IDS.gus}`, { token: await app.token() })
    expect(user.json.data[0].invitation_sent_at).toBe(new Date(app.clock.now()).toISOString())
    expect(await app.letters()).toEqual([])
  })

  test('makes another link every time, and keeps none of them in clear', async () => {
    const links = [await inviteLink(app, 'gus@acme.test'), await inviteLink(app, 'gus@acme.test')]
    expect(new Set(links).size).toBe(2)
    const rows = JSON.stringify(await app.ctx.db.selectFrom('passwordLinks').selectAll().execute())
    for (const link of links) expect(rows).not.toContain(tokenIn(link))
  })

  test('names no host but ours, whatever Host a request has', async () => {
    const headers = { host: 'evil.test', 'x-forwarded-host': 'evil.test', forwarded: 'host=evil.test' }
    const { json } = await app.post(GET_LINK, { email: 'gus@acme.test' }, await app.token(), headers)
    expect(json.data[0].startsWith(`${app.url}/invite/`)).toBe(true)
  })
})

describe('POST /api/1/invites/send_invite_link', () => {
  test.each([
    [{ email: 'gus@acme.test' }, 'gus@acme.test'],
    [{ email: 'gus@acme.test', personal_email: 'gus@home.test' }, 'gus@home.test'],
    [{ email: 'gus@acme.test', personal_email: null }, 'gus@acme.test'],
  ])('with %j says where the letter went, and the letter is there', async (body, to) => {
    const before = [(await events()).length, (await mailedLinks(app, 'invite')).length] as const
    await app.advance(1)
    const { status, json } = await inviteBy(app, 'send', body)
    expect([status, json]).toEqual([
      200,
      { status: { error: false, code: 200, type: 'success', message: `Email sent successfully to ${to}` } },
    ])
    const links = await mailedLinks(app, 'invite')
    expect(links).toHaveLength(before[1] + 1)
    expect((await app.letters()).at(-1)).toContain(`To: ${to}`)
    expect((await events()).slice(before[0]).map(({ eventTypeId }) => eventTypeId)).toEqual([535, 115])
  })
})

describe.each([GET_LINK, SEND_LINK])('POST %s', (path) => {
  test.each([
    [{ email: 'nobody@acme.test' }, 'No User exists for input email'],
    [{ email: 'GUS@acme.test' }, 'No User exists for input email'],
    [{ email: 'gus@acme.test ' }, 'Email Input is in incorrect format'],
    [{}, 'Email Parameter is missing'],
    [{ email: null }, 'Email Parameter is missing'],
    [{ email: '' }, 'Email Parameter is missing'],
    [{ personal_email: 'gus@home.test' }, 'Email Parameter is missing'],
    [{ email: 'gus' }, 'Email Input is in incorrect format'],
    [{ email: 42 }, 'Email Input is in incorrect format'],
    [{ email: ['gus@acme.test'] }, 'Email Input is in incorrect format'],
    [{ email: 'gus@acme.test\r\nBcc: x@evil.test' }, 'Email Input is in incorrect format'],
    [{ email: `${'x'.repeat(300)}@acme.test` }, 'Email Input is in incorrect format'],
  ])(
    'with %j answers 400 in the words of the contract, and notes a failed invitation',
    async (body, message) => {
      const before = (await events()).length
      const { status, json } = await app.post(path, body, await app.token())
      expect([status, json]).toEqual([
        400,
        { status: { error: true, code: 400, type: 'bad request', message } },
      ])
      expect((await events()).slice(before)).toMatchObject([{ eventTypeId: 525, errorDescription: message }])
    },
  )

  test.each(['Manage Users', 'Read All', 'Read Users', 'Authentication Only'] as const)(
    'is refused to a credential of the scope %s',
    async (scope) => {
      const { status, json } = await app.post(path, { email: 'gus@acme.test' }, await app.token(scope))
      expect([status, json.status.message]).toEqual([401, 'Insufficient Permission'])
    },
  )

  test('is refused without a token, with another content type, and with broken JSON', async () => {
    const token = await app.token()
    const tries = [
      await app.call('POST', path, { body: { email: 'gus@acme.test' } }),
      await app.call('POST', path, { token, body: 'email=gus', headers: { 'content-type': 'text/plain' } }),
      await app.call('POST', path, { token, body: '{"email":' }),
    ]
    expect(tries.map(({ status, json }) => [status, json.status.message.slice(0, 30)])).toEqual([
      [400, 'Authorization Information is i'],
      [400, 'Content Type is not specified '],
      [400, 'Input JSON is not valid'],
    ])
  })
})

describe('POST /api/1/invites/send_invite_link with another address', () => {
  test.each(['home', 42, 'a@b\nBcc: c@evil.test'])(
    '%j is refused, and no link is made',
    async (personal_email) => {
      const before = await app.ctx.db.selectFrom('passwordLinks').selectAll().execute()
      const { status, json } = await inviteBy(app, 'send', { email: 'gus@acme.test', personal_email })
      expect([status, json.status.message]).toEqual([400, 'Email Input is in incorrect format'])
      expect(await app.ctx.db.selectFrom('passwordLinks').selectAll().execute()).toEqual(before)
    },
  )
})
