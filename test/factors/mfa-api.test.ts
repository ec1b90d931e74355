import { Secret, TOTP } from 'otpauth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importDirectory } from '../../server/directory/import-document.ts'
import { exportedDirectory } from '../directory/open-directory.ts'
import { inEveryWorld, startApp, type ApiReply, type TestApp } from '../support/app.ts'
import { CLIENTS, DEVICES, IDS, PASSWORDS, type ScopeName } from '../support/people.ts'

const SUCCESS = { status: { error: false, code: 200, type: 'success', message: 'Success' } }
const refusal = (code: number, type: string, message: unknown) => ({
  status: { error: true, code, type, message },
})
const WRONG_CODE = refusal(401, 'Unauthorized', 'Failed authentication with this factor')
const NO_FACTOR = refusal(400, 'bad request', 'Factor could not be found')
const DEAD_TOKEN = refusal(400, 'bad request', 'State token is invalid or expired')

const devicesOf = (userId: number) => `/api/1/users/${userId}/otp_devices`

/** The API as a program with this access token uses it. */
function apiOf(app: TestApp, token: string) {
  const call = (method: string, path: string, body?: unknown) =>
    app.call(method, path, { token, ...(body !== undefined && { body }) })
  return {
    get: (path: string) => call('GET', path),
    post: (path: string, body: unknown = {}) => call('POST', path, body),
    remove: (path: string) => call('DELETE', path),
    async enrol(userId: number, body: object): Promise<any> {
      const reply = await call('POST', devicesOf(userId), { display_name: 'New', ...body })
      expect([reply.status, reply.json.status.message]).toEqual([200, 'Success'])
      const [device] = reply.json.data
      if (device.state_token) app.sink.learn(device.state_token)
      if (device.factor_data) app.sink.learn(device.factor_data.seed)
      return device
    },
    async trigger(userId: number, deviceId: number, body: object = {}): Promise<any> {
      app.clock.advance(0.001) // letters are named by time
      const reply = await call('POST', `${devicesOf(userId)}/${deviceId}/trigger`, body)
      expect([reply.status, reply.json.status.message]).toEqual([200, 'Success'])
      app.sink.learn(reply.json.data[0].state_token)
      return reply.json.data[0]
    },
    verify: (userId: number, deviceId: number, body: object) =>
      call('POST', `${devicesOf(userId)}/${deviceId}/verify`, body),
  }
}
type Api = ReturnType<typeof apiOf>

const codeOf = (app: TestApp, seed: string) =>
  new TOTP({ secret: Secret.fromBase32(seed), digits: 6, period: 30 }).generate({
    timestamp: app.clock.now(),
  })
const otherThan = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')
const answer = ({ status, json }: ApiReply) => [status, json]

const offered = async (app: TestApp, token: string, login: 'bob' | 'gus' | 'ada' | 'dee') => {
  const body = { username_or_email: login, password: PASSWORDS[login], subdomain: 'acme' }
  const { json } = await app.post('/api/1/login/auth', body, token)
  const [item] = json.data
  app.sink.learn(item.state_token ?? item.session_token)
  return item
}

describe('the MFA API', () => {
  inEveryWorld((world) => {
    let api: Api
    let token: string
    beforeAll(async () => {
      token = await world().token()
      api = apiOf(world(), token)
    })

    test('enrols an authenticator app, which is asked for once its first code was right', async () => {
      const app = world()
      const device = await api.enrol(IDS.bob, { factor_id: 1, display_name: "Bob's phone" })
      expect(device).toEqual({
        active: false,
        default: false,
        auth_factor_name: 'Google Authenticator',
        type_display_name: 'Google Authenticator',
        user_display_name: "Bob's phone",
        needs_trigger: false,
        id: device.id,
        state_token: expect.stringMatching(/^[0-9a-f]{40}$/),
        factor_data: { seed: expect.stringMatching(/^[A-Z2-7]{32}$/), otpauth_url: expect.any(String) },
      })
      const uri = new URL(device.factor_data.otpauth_url)
      expect([uri.protocol, uri.searchParams.get('secret'), uri.searchParams.get('issuer')]).toEqual([
        'otpauth:',
        device.factor_data.seed,
        'Acme',
      ])
      expect((await offered(app, token, 'bob')).status).toBe('Authenticated')

      const code = codeOf(app, device.factor_data.seed)
      expect(answer(await api.verify(IDS.bob, device.id, { otp_token: otherThan(code) }))).toEqual([
        401,
        WRONG_CODE,
      ])
      expect(answer(await api.verify(IDS.bob, device.id, { otp_token: code }))).toEqual([200, SUCCESS])
      expect(answer(await api.verify(IDS.bob, device.id, { otp_token: code }))).toEqual([401, WRONG_CODE])
      const asked = await offered(app, token, 'bob')
      expect(asked.devices).toEqual([{ device_type: 'Google Authenticator', device_id: device.id }])
    })

    test('enrols mail, and takes the code that a trigger sent, once and with its state token', async () => {
      const app = world()
      const device = await api.enrol(IDS.gus, { factor_id: 2, display_name: 'Mail' })
      expect(device).toMatchObject({
        active: false,
        auth_factor_name: 'OneLogin Email',
        needs_trigger: true,
        user_display_name: 'Mail',
      })
      const opened = await api.trigger(IDS.gus, device.id)
      expect(opened).toEqual({
        active: false,
        auth_factor_name: 'OneLogin Email',
        type_display_name: 'OneLogin Email',
        user_display_name: 'Mail',
        id: IDS.gus,
        device_id: device.id,
        state_token: expect.stringMatching(/^[0-9a-f]{40}$/),
        state_token_expires_at: new Date(app.clock.now() + 120_000).toISOString().replace(/\.\d+/, ''),
      })
      const state_token = opened.state_token as string
      const otp_token = await app.mailedCode()
      expect((await app.letters()).at(-1)).toContain('Subject: Confirm your address')
      expect(answer(await api.verify(IDS.gus, device.id, { otp_token }))).toEqual([400, DEAD_TOKEN])
      const pending = await api.verify(IDS.gus, device.id, { state_token })
      expect(pending.json).toEqual({
        status: {
          type: 'pending',
          message: 'Code sent to your email address. Authentication pending.',
          code: 200,
          error: false,
        },
      })
      const both = { otp_token, state_token }
      const racing = await Promise.all([1, 2, 3].map(() => api.verify(IDS.gus, device.id, both)))
      expect(racing.filter(({ status }) => status === 200)).toHaveLength(1)
      expect((await offered(app, token, 'gus')).devices).toEqual([
        { device_type: 'OneLogin Email', device_id: device.id },
      ])
    })

    test('takes a temporary MFA token as device 0, once', async () => {
      const { status, json } = await api.post(`/api/1/users/${IDS.cy}/mfa_token`)
      world().sink.learn(json.mfa_token)
      expect([status, json]).toEqual([
        201,
        {
          mfa_token: expect.stringMatching(/^\d{8}$/),
          reusable: false,
          expires_at: new Date(world().clock.now() + 259_200_000).toISOString().replace(/\.\d+/, ''),
        },
      ])
      const body = { otp_token: json.mfa_token }
      expect(answer(await api.verify(IDS.dee, 0, body))).toEqual([401, WRONG_CODE])
      const racing = await Promise.all([1, 2, 3].map(() => api.verify(IDS.cy, 0, body)))
      expect(racing.filter(({ status: code }) => code === 200).map((one) => one.json)).toEqual([SUCCESS])
    })
  })
})

describe('the MFA API, further', () => {
  let app: TestApp
  let token: string
  let api: Api
  beforeAll(async () => {
    app = await startApp()
    token = await app.token()
    api = apiOf(app, token)
  })
  afterAll(() => app.close())

  test.each(['auth_factors', 'auth_factor'])('GET %s lists the factors of the account', async (name) => {
    const { json } = await api.get(`/api/1/users/${IDS.bob}/${name}`)
    expect(json).toEqual({
      ...SUCCESS,
      data: {
        auth_factors: [
          { name: 'Google Authenticator', factor_id: 1 },
          { name: 'OneLogin Email', factor_id: 2 },
          { name: 'OneLogin SMS', factor_id: 7 },
          { name: 'OneLogin Voice', factor_id: 8 },
        ],
      },
    })
  })

  test('GET otp_devices lists devices with those not yet active, and a plain empty list', async () => {
    const { id } = await api.enrol(IDS.cy, { factor_id: 1, display_name: 'Waiting' })
    const { json } = await api.get(devicesOf(IDS.cy))
    const device = (factor: string, label: string, more: object) => ({
      active: true,
      default: false,
      auth_factor_name: factor,
      type_display_name: factor,
      user_display_name: label,
      ...more,
    })
    expect(json.data.otp_devices).toEqual([
      device('Google Authenticator', 'Tablet', { needs_trigger: false, id: DEVICES.cyTotp }),
      device('OneLogin Email', 'E-mail', { needs_trigger: true, id: DEVICES.cyEmail }),
      device('Google Authenticator', 'Waiting', { active: false, needs_trigger: false, id }),
    ])
    expect((await api.get(devicesOf(IDS.eve))).json).toEqual({ ...SUCCESS, data: { otp_devices: [] } })
  })

  test('GET /api/2/mfa/users/:id/devices is a bare list of active devices with text ids', async () => {
    const { json } = await api.get(`/api/2/mfa/users/${IDS.ada}/devices`)
    expect(json).toEqual([
      {
        device_id: String(DEVICES.adaTotp),
        auth_factor_name: 'Google Authenticator',
        type_display_name: 'Google Authenticator',
        user_display_name: 'Phone',
        default: false,
      },
    ])
    await api.enrol(IDS.eve, { factor_id: 1 })
    expect((await api.get(`/api/2/mfa/users/${IDS.eve}/devices`)).json).toEqual([])
  })

  test('POST otp_devices makes mail active at once when the caller vouches for it, but never a new seed', async () => {
    const mail = await api.enrol(IDS.bob, { factor_id: 2, verified: true })
    expect([mail.active, mail.state_token]).toEqual([true, undefined])
    const totp = await api.enrol(IDS.bob, { factor_id: '1', verified: true })
    expect(totp.active).toBe(false)
    await api.remove(`${devicesOf(IDS.bob)}/${mail.id}`)
  })

  test.each([
    ['no factor', {}, 'factor_id is empty'],
    ['a factor that nobody has', { factor_id: 16282 }, 'Factor could not be found'],
    [
      'a word for a factor',
      { factor_id: 'sms' },
      { attribute: 'factor_id', description: 'factor_id has incorrect data type. It should be -> integer' },
    ],
    ['no name', { factor_id: 1, display_name: '' }, 'display_name is empty'],
    [
      'a flag that is none',
      { factor_id: 1, verified: 'maybe' },
      { attribute: 'verified', description: 'verified has incorrect data type. It should be -> boolean' },
    ],
  ])('POST otp_devices refuses %s', async (_what, body, message) => {
    const reply = await api.post(devicesOf(IDS.bob), { display_name: 'x', ...body })
    expect(answer(reply)).toEqual([400, refusal(400, 'bad request', message)])
  })

  test.each([
    ['GET', '/api/1/users/999/auth_factors'],
    ['GET', '/api/1/users/999/otp_devices'],
    ['POST', '/api/1/users/999/otp_devices'],
    ['POST', '/api/1/users/999/otp_devices/1/trigger'],
    ['DELETE', '/api/1/users/999/otp_devices/1'],
    ['POST', '/api/1/users/999/mfa_token'],
  ])('%s %s says that nobody has this id', async (method, path) => {
    const body = method === 'POST' ? { factor_id: 1, display_name: 'x' } : undefined
    const reply = await app.call(method, path, { token, body })
    expect(answer(reply)).toEqual([404, refusal(404, 'not found', 'User for id 999 was not found')])
  })

  test('POST verify says that the user does not exist, in its own words', async () => {
    const reply = await api.verify(999, 1, { otp_token: '123456' })
    expect(answer(reply)).toEqual([400, refusal(400, 'bad request', 'User does not exist')])
  })

  test.each([
    ['/api/1/users/x/otp_devices', 'id'],
    ['/api/1/users/0/otp_devices', 'id'],
    ['/api/1/users/7/otp_devices/phone/trigger', 'device_id'],
  ])('%s has an id that is incorrect', async (path, attribute) => {
    const reply = await app.call(path.endsWith('trigger') ? 'POST' : 'GET', path, { token })
    expect(answer(reply)).toEqual([
      400,
      refusal(400, 'bad request', { attribute, description: 'ID is incorrect' }),
    ])
  })

  test("no call reaches another person's device", async () => {
    const theirs = `${devicesOf(IDS.bob)}/${DEVICES.adaTotp}`
    for (const reply of [
      await api.post(`${theirs}/trigger`),
      await api.post(`${theirs}/verify`, { otp_token: app.totp('ada') }),
      await api.remove(theirs),
    ]) {
      expect(answer(reply)).toEqual([400, NO_FACTOR])
    }
    expect((await api.get(devicesOf(IDS.ada))).json.data.otp_devices).toHaveLength(1)
  })

  test('a state token is good for its own person and device only', async () => {
    const mine = await api.trigger(IDS.dee, DEVICES.deeEmail)
    const otp_token = await app.mailedCode()
    const body = { otp_token, state_token: mine.state_token as string }
    expect(answer(await api.verify(IDS.cy, DEVICES.cyEmail, body))).toEqual([400, DEAD_TOKEN])
    const second = await api.enrol(IDS.dee, { factor_id: 2 })
    expect(answer(await api.verify(IDS.dee, second.id, body))).toEqual([400, DEAD_TOKEN])
    expect((await api.verify(IDS.dee, DEVICES.deeEmail, body)).status).toBe(200)
    expect(answer(await api.verify(IDS.dee, DEVICES.deeEmail, body))).toEqual([400, DEAD_TOKEN])
  })

  test('a state token lives as long as was asked for, and between 120 and 900 seconds', async () => {
    app.clock.advance(3600)
    const usual = await api.trigger(IDS.dee, DEVICES.deeEmail)
    const longer = await api.trigger(IDS.dee, DEVICES.deeEmail, { state_token_expires_in: 300 })
    const otp_token = await app.mailedCode()
    await app.advance(121)
    const late = { otp_token, state_token: usual.state_token as string }
    expect(answer(await api.verify(IDS.dee, DEVICES.deeEmail, late))).toEqual([400, DEAD_TOKEN])
    const inTime = { otp_token, state_token: longer.state_token as string }
    expect((await api.verify(IDS.dee, DEVICES.deeEmail, inTime)).status).toBe(200)
    for (const seconds of [119, 901]) {
      const reply = await api.post(`${devicesOf(IDS.dee)}/${DEVICES.deeEmail}/trigger`, {
        state_token_expires_in: seconds,
      })
      expect(reply.json.status.message).toEqual({
        attribute: 'state_token_expires_in',
        description: 'state_token_expires_in should be between 120 and 900',
      })
    }
  })

  test('a question ends after five wrong codes, and with the sessions of its person', async () => {
    app.clock.advance(3600)
    const { state_token } = await api.trigger(IDS.dee, DEVICES.deeEmail)
    const otp_token = await app.mailedCode()
    const wrong = { otp_token: otherThan(otp_token), state_token: state_token as string }
    for (let i = 0; i < 5; i++)
      expect(answer(await api.verify(IDS.dee, DEVICES.deeEmail, wrong))).toEqual([401, WRONG_CODE])
    const right = { otp_token, state_token: state_token as string }
    expect(answer(await api.verify(IDS.dee, DEVICES.deeEmail, right))).toEqual([400, DEAD_TOKEN])
    const next = await api.trigger(IDS.dee, DEVICES.deeEmail)
    const late = { otp_token: await app.mailedCode(), state_token: next.state_token as string }
    await app.ctx.users.endSessions(IDS.dee)
    expect(answer(await api.verify(IDS.dee, DEVICES.deeEmail, late))).toEqual([400, DEAD_TOKEN])
  })

  test("the API and the sign-in share one person's budget of wrong codes", async () => {
    app.clock.advance(3600)
    for (let i = 0; i < 20; i++)
      await api.verify(IDS.ada, DEVICES.adaTotp, { otp_token: otherThan(app.totp('ada')) })
    const right = await api.verify(IDS.ada, DEVICES.adaTotp, { otp_token: app.totp('ada') })
    expect(answer(right)).toEqual([401, WRONG_CODE])
    const { state_token, devices } = await offered(app, token, 'ada')
    const atSignIn = await app.post(
      '/api/1/login/verify_factor',
      { state_token, device_id: devices[0].device_id, otp_token: app.totp('ada') },
      token,
    )
    expect(atSignIn.status).toBe(401)
    app.clock.advance(3601)
    expect((await api.verify(IDS.ada, DEVICES.adaTotp, { otp_token: app.totp('ada') })).status).toBe(200)
  })

  test('DELETE otp_devices takes the device and ends the sessions, unless it was never active', async () => {
    const epoch = async () => (await app.ctx.users.find(IDS.bob))!.sessionEpoch
    const before = await epoch()
    const waiting = await api.enrol(IDS.bob, { factor_id: 1 })
    expect(answer(await api.remove(`${devicesOf(IDS.bob)}/${waiting.id}`))).toEqual([200, SUCCESS])
    const device = await api.enrol(IDS.bob, { factor_id: 1 })
    await api.verify(IDS.bob, device.id, { otp_token: codeOf(app, device.factor_data.seed) })
    expect(await epoch()).toBe(before)
    const racing = await Promise.all([1, 2].map(() => api.remove(`${devicesOf(IDS.bob)}/${device.id}`)))
    expect(racing.map(({ status }) => status).sort()).toEqual([200, 400])
    expect(await epoch()).toBe(before + 1)
    expect(answer(await api.remove(`${devicesOf(IDS.bob)}/${device.id}`))).toEqual([400, NO_FACTOR])
  })

  test('a removed device takes the half-done sign-in with it that was to be answered with it', async () => {
    const device = await api.enrol(IDS.gus, { factor_id: 1 })
    await api.verify(IDS.gus, device.id, { otp_token: codeOf(app, device.factor_data.seed) })
    const { state_token } = await offered(app, token, 'gus')
    await api.remove(`${devicesOf(IDS.gus)}/${device.id}`)
    app.clock.advance(30)
    const body = { state_token, device_id: device.id, otp_token: codeOf(app, device.factor_data.seed) }
    const reply = await app.post('/api/1/login/verify_factor', body, token)
    expect(reply.json.status.message).toBe('State token is invalid or expired')
  })

  test('a reusable temporary MFA token is good until it ends or a new one replaces it', async () => {
    const issue = async (body: object) => {
      const { json } = await api.post(`/api/1/users/${IDS.gus}/mfa_token`, body)
      app.sink.learn(json.mfa_token)
      return { otp_token: json.mfa_token as string }
    }
    const first = await issue({ expires_in: 120, reusable: true })
    for (let i = 0; i < 2; i++) expect((await api.verify(IDS.gus, 0, first)).status).toBe(200)
    const second = await issue({ expires_in: 120, reusable: true })
    expect(answer(await api.verify(IDS.gus, 0, first))).toEqual([401, WRONG_CODE])
    app.clock.advance(119)
    expect((await api.verify(IDS.gus, 0, second)).status).toBe(200)
    app.clock.advance(1)
    expect(answer(await api.verify(IDS.gus, 0, second))).toEqual([401, WRONG_CODE])
    expect(answer(await api.verify(IDS.gus, 0, {}))).toEqual([401, WRONG_CODE])
  })

  test.each([119, 259_201, '600', 1.5])(
    'POST mfa_token refuses to last for %s seconds',
    async (expires_in) => {
      const reply = await api.post(`/api/1/users/${IDS.gus}/mfa_token`, { expires_in })
      expect([reply.status, reply.json.status.message.attribute]).toEqual([400, 'expires_in'])
    },
  )

  test('what is kept shows neither seeds nor temporary tokens', async () => {
    const device = await api.enrol(IDS.gus, { factor_id: 1 })
    const { json } = await api.post(`/api/1/users/${IDS.gus}/mfa_token`)
    app.sink.learn(json.mfa_token)
    const rows = [
      await app.ctx.db.selectFrom('authenticators').selectAll().execute(),
      await app.ctx.db.selectFrom('temporaryTokens').selectAll().execute(),
    ]
    app.sink.expectNone(JSON.stringify(rows))
    expect(JSON.stringify(rows)).not.toContain(device.factor_data.seed)
  })

  test('events tell who enrolled, answered, failed and lost what', async () => {
    const before = (await app.events()).length
    const device = await api.enrol(IDS.eve, { factor_id: 1 })
    const code = codeOf(app, device.factor_data.seed)
    await api.verify(IDS.eve, device.id, { otp_token: otherThan(code) })
    await api.verify(IDS.eve, device.id, { otp_token: code })
    await api.remove(`${devicesOf(IDS.eve)}/${device.id}`)
    const events = (await app.events()).slice(before)
    expect(events.map(({ eventTypeId, userId }) => [eventTypeId, userId])).toEqual(
      [22, 527, 528, 24].map((type) => [type, IDS.eve]),
    )
    expect(events.every(({ clientId }) => clientId === 'a'.repeat(40))).toBe(true)
  })

  const READS: ScopeName[] = ['Read Users', 'Manage Users', 'Read All', 'Manage All']
  const WRITES: ScopeName[] = ['Manage Users', 'Manage All']
  test.each([
    ['GET', '/api/1/users/7/auth_factors', READS],
    ['GET', '/api/1/users/7/auth_factor', READS],
    ['GET', '/api/1/users/7/otp_devices', READS],
    ['POST', '/api/1/users/7/otp_devices', WRITES],
    ['POST', '/api/1/users/7/otp_devices/70/trigger', WRITES],
    ['POST', '/api/1/users/7/otp_devices/70/verify', WRITES],
    ['DELETE', '/api/1/users/7/otp_devices/9999', WRITES],
    ['POST', '/api/1/users/7/mfa_token', WRITES],
    ['GET', '/api/2/mfa/users/7/devices', READS],
  ] as const)('%s %s wants its scope', async (method, path, scopes) => {
    const refused: ScopeName[] = []
    for (const scope of [...READS, 'Authentication Only'] as const) {
      const { status, json } = await app.call(method, path, { token: await app.token(scope) })
      const message: unknown = json.status?.message ?? json.message
      if (status === 401 && message === 'Insufficient Permission') refused.push(scope)
    }
    const all: ScopeName[] = [...READS, 'Authentication Only']
    expect(refused).toEqual(all.filter((scope) => !scopes.includes(scope)))
  })
})

test('a delegated administrator reaches the factors of those whom their privileges cover', async () => {
  const app = await startApp()
  const admin = await app.token()
  await app.ctx.credentials.setOwner(CLIENTS['Manage Users'].id, IDS.dee)
  const api = apiOf(app, await app.token('Manage Users'))
  const Action = ['users:Get', 'users:Update']
  const privilege = {
    Version: '2018-05-18',
    Statement: [{ Effect: 'Allow', Action, Scope: [`users/${IDS.bob}`] }],
  }
  const { json } = await app.post('/api/1/privileges', { name: 'Bob only', privilege }, admin)
  await app.post(`/api/1/privileges/${json.id}/users`, { users: [IDS.dee] }, admin)
  const device = await api.enrol(IDS.bob, { factor_id: 2 })
  expect((await api.get(devicesOf(IDS.bob))).status).toBe(200)
  expect((await api.remove(`${devicesOf(IDS.bob)}/${device.id}`)).status).toBe(200)
  const theirs = `${devicesOf(IDS.ada)}/${DEVICES.adaTotp}`
  const beyond = refusal(403, 'forbidden', 'user is not authorized to access this User')
  for (const reply of [
    await api.get(`/api/1/users/${IDS.ada}/auth_factors`),
    await api.get(devicesOf(IDS.ada)),
    await api.post(devicesOf(IDS.ada), { factor_id: 1, display_name: 'x' }),
    await api.post(`${theirs}/trigger`),
    await api.verify(IDS.ada, DEVICES.adaTotp, { otp_token: app.totp('ada') }),
    await api.remove(theirs),
    await api.post(`/api/1/users/${IDS.ada}/mfa_token`),
    await api.post(`/api/1/users/${IDS.bob}/mfa_token`),
    await api.get(devicesOf(999)),
  ]) {
    expect(answer(reply)).toEqual([403, beyond])
  }
  const bare = await api.get(`/api/2/mfa/users/${IDS.ada}/devices`)
  expect(bare.status).toBe(403)
  await app.close()
})

test('an account that asks nobody for a factor offers none', async () => {
  const app = await startApp({ policy: { mfa: 'none' } })
  const api = apiOf(app, await app.token())
  const { json } = await api.get(`/api/1/users/${IDS.bob}/auth_factors`)
  expect(json.data).toEqual({ auth_factors: [] })
  const reply = await api.post(devicesOf(IDS.bob), { factor_id: 1, display_name: 'x' })
  expect(answer(reply)).toEqual([400, NO_FACTOR])
  await app.close()
})

test('an export leaves out the factors that are not active, and an import activates what it names', async () => {
  const app = await startApp()
  const api = apiOf(app, await app.token())
  const device = await api.enrol(IDS.gus, { factor_id: 1, display_name: 'Half' })
  const { users } = await exportedDirectory(app.ctx)
  expect(users!.find(({ id }) => id === IDS.gus)!.factors).toEqual([])
  await importDirectory(app.ctx, {
    users: [{ id: IDS.gus, factors: [{ id: device.id, type: 'totp', secret: device.factor_data.seed }] }],
  })
  const [active] = await app.ctx.authenticators.listForUser(IDS.gus)
  expect(active).toMatchObject({ id: device.id, active: true })
  await app.close()
})
