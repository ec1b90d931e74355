import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { begin as beginLogin, race, VERIFY } from '../signin/api-calls.ts'
import { inEveryWorld, startApp, type ApiReply, type TestApp } from '../support/app.ts'
import { AWS_ACCOUNT, DEVICES, IDS, PASSWORDS, type PersonName } from '../support/people.ts'
import { startSts, type Sts } from '../support/sts.ts'
import { verify } from '../support/xmlsec.ts'
import { awsCli, type AwsCli } from '../support/aws-cli.ts'

const AWS = 500
const WIKI = 501
const ada = { id: IDS.ada, username: 'ada', email: 'ada@acme.test', firstname: 'Ada', lastname: 'Byron' }

type Version = 1 | 2
const address = (version: Version) => `/api/${version}/saml_assertion`

/** How each version says the same things. */
const WIRE = {
  1: {
    done: (data: unknown) => ({
      status: { error: false, code: 200, type: 'success', message: 'Success' },
      data,
    }),
    factor: (data: object) => ({
      status: { error: false, code: 200, type: 'success', message: 'MFA is required for this user' },
      data: [data],
    }),
    pending: (message: string) => ({ status: { type: 'pending', message, code: 200, error: false } }),
    refusal: (code: number, type: string, message: unknown) => ({
      status: { error: true, code, type, message },
    }),
    item: (json: any) => json.data?.[0],
  },
  2: {
    done: (data: unknown) => ({ data, message: 'Success' }),
    factor: (data: object) => ({ ...data, message: 'MFA is required for this user' }),
    pending: (message: string) => ({ message }),
    refusal: (statusCode: number, type: string, message: unknown) => ({
      statusCode,
      name: type.replace(/(^|\s)\w/g, (letter) => letter.trim().toUpperCase()),
      message: typeof message === 'string' ? message : (message as { description: string }).description,
    }),
    item: (json: any) => json,
  },
}

interface Calls {
  ask(who: PersonName, more?: object, token?: string): Promise<ApiReply>
  /** The state token of an attempt that waits for its factor. */
  begin(who: PersonName, more?: object): Promise<string>
  answer(body: object, token?: string): Promise<ApiReply>
}

/** The calls of one version; what they hand out is known to the sink. */
function calls(app: TestApp, version: Version): Calls {
  const learned = (reply: ApiReply) => {
    const item = WIRE[version].item(reply.json)
    if (typeof reply.json?.data === 'string') app.sink.learn(reply.json.data)
    if (typeof item?.state_token === 'string') app.sink.learn(item.state_token)
    return reply
  }
  const ask: Calls['ask'] = async (who, more = {}, token) => {
    const body = {
      username_or_email: who,
      password: PASSWORDS[who],
      app_id: String(AWS),
      subdomain: 'acme',
      ...more,
    }
    return learned(await app.post(address(version), body, token ?? (await app.token())))
  }
  return {
    ask,
    begin: async (who, more) => WIRE[version].item((await ask(who, more)).json).state_token as string,
    answer: async (body, token) =>
      learned(
        await app.post(
          `${address(version)}/verify_factor`,
          { app_id: String(AWS), ...body },
          token ?? (await app.token()),
        ),
      ),
  }
}

const decoded = ({ json }: ApiReply) => Buffer.from(json.data as string, 'base64').toString()
const attribute = (xml: string, name: string) => new RegExp(`${name}="([^"]*)"`).exec(xml)?.[1]

async function certificateOf(app: TestApp, id: number): Promise<string> {
  const { text } = await app.call('GET', `/saml/metadata/${id}`)
  const base64 = /<ds:X509Certificate>([^<]+)<\/ds:X509Certificate>/.exec(text)![1]!
  return `-----BEGIN CERTIFICATE-----\n${base64.replace(/\s/g, '').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`
}

inEveryWorld((app) => {
  // A day: what was counted, locked or used in one test means nothing to the next.
  beforeEach(() => app().advance(25 * 3600))

  describe.each([1, 2] as const)('saml_assertion of version %i', (version) => {
    const wire = WIRE[version]
    const api = () => calls(app(), version)
    const totp = (state_token: string, more: object = {}) =>
      api().answer({ device_id: String(DEVICES.adaTotp), state_token, otp_token: app().totp('ada'), ...more })
    const expectRefused = (reply: ApiReply, code: number, type: string, message: unknown) => {
      expect(reply.status).toBe(code)
      expect(reply.json).toEqual(wire.refusal(code, type, message))
    }
    const expectDead = (reply: ApiReply) =>
      expectRefused(reply, 401, 'Unauthorized', 'State token is invalid or expired')

    test('gives a Response to a person without a factor, signed by the key of the metadata', async () => {
      const reply = await api().ask('bob')
      expect(reply.status).toBe(200)
      expect(reply.json).toEqual(wire.done(expect.stringMatching(/^[A-Za-z0-9+/]+=*$/)))
      const xml = decoded(reply)
      expect(await verify(xml, await certificateOf(app(), AWS))).toEqual({ assertion: true, response: true })
      const changed = xml.replace('role/Dev', 'role/Adm')
      expect(changed).not.toBe(xml)
      expect(await verify(changed, await certificateOf(app(), AWS))).toEqual({
        assertion: false,
        response: false,
      })
    })

    test('says in it who, for whom, from when and until when', async () => {
      const now = app().clock.now()
      const at = (seconds: number) => new Date(now + seconds * 1000).toISOString()
      const xml = decoded(await api().ask('bob', { app_id: WIKI }))
      expect(xml).toContain(`<saml:Issuer>${app().url}/saml/metadata/501</saml:Issuer>`)
      expect(xml).toContain('<saml:Audience>https://wiki.acme.test</saml:Audience>')
      expect(/<saml:NameID [^>]*>([^<]*)/.exec(xml)![1]).toBe('bob@acme.test')
      const said = ['Destination', 'Recipient', 'NotBefore', 'AuthnInstant', 'SessionNotOnOrAfter', 'InResponseTo']
      expect(said.map((name) => attribute(xml, ` ${name}`))).toEqual(
        ['https://wiki.acme.test/acs', 'https://wiki.acme.test/acs', at(-120), at(0), at(10 * 3600), undefined],
      )
      expect([...xml.matchAll(/ NotOnOrAfter="([^"]*)"/g)].map(([, time]) => time)).toEqual([at(300), at(300)])
      expect(await verify(xml, await certificateOf(app(), WIKI))).toEqual({ assertion: true, response: true })
    }) // prettier-ignore

    test('asks for the factor, and gives a Response for the code', async () => {
      const asked = await api().ask('ada')
      const { port } = new URL(app().url)
      expect(asked.status).toBe(200)
      expect(asked.json).toEqual(
        wire.factor({
          state_token: expect.stringMatching(/^[0-9a-f]{40}$/),
          devices: [{ device_type: 'Google Authenticator', device_id: DEVICES.adaTotp }],
          callback_url: `http://127.0.0.1:${port}${address(version)}/verify_factor`,
          user: ada,
        }),
      )
      await app().advance(60)
      const done = await totp(wire.item(asked.json).state_token as string)
      expect(done.status).toBe(200)
      expect(done.json).toEqual(wire.done(expect.any(String)))
      const xml = decoded(done)
      expect(await verify(xml, await certificateOf(app(), AWS))).toEqual({ assertion: true, response: true })
      expect(attribute(xml, 'AuthnInstant')).toBe(new Date(app().clock.now() - 60_000).toISOString())
      expect(xml).toContain(`arn:aws:iam::${AWS_ACCOUNT}:role/Dev`)
      expect(xml).not.toContain('role/Admin')
    })

    test('takes app_id and device_id as text and as numbers', async () => {
      for (const app_id of [AWS, String(AWS)]) {
        expect((await api().ask('bob', { app_id })).status).toBe(200)
        const state = await api().begin('ada', { app_id })
        expect((await totp(state, { app_id, device_id: DEVICES.adaTotp })).status).toBe(200)
        await app().advance(90)
      }
    })

    test('says that it waits for a code by e-mail without any data', async () => {
      const state_token = await api().begin('dee', { app_id: WIKI })
      const body = { app_id: WIKI, device_id: DEVICES.deeEmail, state_token }
      const pending = await api().answer(body)
      expect(pending.status).toBe(200)
      expect(pending.json).toEqual(wire.pending('Code sent to your email address. Authentication pending.'))
      const again = await api().answer({ ...body, do_not_notify: true })
      expect(again.json).toEqual(pending.json)
      expect((await api().answer({ ...body, otp_token: await app().mailedCode() })).status).toBe(200)
    })

    test('notes the sign-in to the app', async () => {
      const before = (await app().events()).length
      await api().ask('bob')
      const events = (await app().events()).slice(before)
      expect(events.map(({ eventTypeId, userId, appId }) => [eventTypeId, userId, appId])).toEqual([
        [122, IDS.bob, null],
        [8, IDS.bob, AWS],
      ])
    })

    test.each<[string, object, number, string, unknown]>([
      ['a wrong password', { password: 'a-wrong-password' }, 401, 'Unauthorized', 'Authentication Failed: Invalid user credentials'],
      ['nobody', { username_or_email: 'nobody' }, 401, 'Unauthorized', 'Authentication Failed: Invalid user credentials'],
      ['another subdomain', { subdomain: 'northwind' }, 400, 'bad request', 'Invalid subdomain'],
      ['no subdomain', { subdomain: undefined }, 400, 'bad request', 'Invalid subdomain'],
      ['no username', { username_or_email: '' }, 400, 'bad request', 'username is empty'],
      ['no password', { password: '' }, 400, 'bad request', 'password is empty'],
      ['an unknown app', { app_id: 999 }, 404, 'not found', 'App for id 999 was not found'],
      ['app 0', { app_id: '0' }, 404, 'not found', 'App for id 0 was not found'],
      ['no app', { app_id: undefined }, 400, 'bad request', 'app_id is empty'],
      ['a word as app', { app_id: 'AWS' }, 400, 'bad request',
        { attribute: 'app_id', description: 'app_id has incorrect data type. It should be -> integer' }],
      ['a list of apps', { app_id: [AWS] }, 400, 'bad request',
        { attribute: 'app_id', description: 'app_id has incorrect data type. It should be -> integer' }],
    ])('refuses %s', async (_what, more, code, type, message) => {
      expectRefused(await api().ask('bob', more), code, type, message)
    }) // prettier-ignore

    test('answers 403 to a person who does not have the app, after the password and the factor', async () => {
      const text = 'User does not have access to this app'
      expectRefused(await api().ask('gus'), 403, 'forbidden', text)
      const invalid = 'Authentication Failed: Invalid user credentials'
      expectRefused(await api().ask('gus', { password: 'a-wrong-password' }), 401, 'Unauthorized', invalid)
      const state = await api().begin('ada', { app_id: WIKI })
      expectRefused(await totp(state, { app_id: WIKI }), 403, 'forbidden', text)
    })

    test('answers people who may not sign in like login/auth does', async () => {
      expectRefused(await api().ask('eve'), 401, 'Unauthorized', 'User is suspended. Access is unauthorized')
      for (let i = 0; i < 5; i++) await api().ask('bob', { password: 'a-wrong-password' })
      expectRefused(await api().ask('bob'), 401, 'Unauthorized', 'User is locked. Access is unauthorized')
    })

    test('keeps the state token when a code is wrong, and ends it at the fifth', async () => {
      const wrong = (state: string) => totp(state, { otp_token: '00000' })
      const text = 'Failed authentication with this factor'
      const state = await api().begin('ada')
      for (let i = 0; i < 4; i++) expectRefused(await wrong(state), 401, 'Unauthorized', text)
      expect((await totp(state)).status).toBe(200)
      await app().advance(60)
      const other = await api().begin('ada')
      for (let i = 0; i < 5; i++) expectRefused(await wrong(other), 401, 'Unauthorized', text)
      expectDead(await totp(other))
    })

    test('hands out one Response for a state token, and none after 120 s', async () => {
      const [state, late] = [await api().begin('ada'), await api().begin('ada')]
      expect((await totp(state)).status).toBe(200)
      expectDead(await totp(state))
      await app().advance(120)
      expectDead(await totp(late))
    })

    test('hands out one Response for racing answers', async () => {
      const state_token = await api().begin('ada')
      const token = await app().token()
      const body = { device_id: DEVICES.adaTotp, state_token, otp_token: app().totp('ada') }
      const replies = await race(app(), 20, () => api().answer(body, token))
      expect(replies.filter(({ status }) => status === 200)).toHaveLength(1)
    })

    test('gives no Response for another app than was asked for', async () => {
      const state = await api().begin('cy', { app_id: WIKI })
      const answer = { device_id: DEVICES.cyTotp, state_token: state, otp_token: app().totp('cy') }
      expectDead(await api().answer({ ...answer, app_id: AWS }))
      const unknown = await api().answer({ ...answer, app_id: 999 })
      expectRefused(unknown, 404, 'not found', 'App for id 999 was not found')
      const missing = await api().answer({ ...answer, app_id: undefined })
      expectRefused(missing, 400, 'bad request', 'app_id is empty')
    })

    test('takes no state token of login/auth, nor of another credential, and ends it', async () => {
      const login = await beginLogin(app(), 'ada')
      expectDead(await totp(login))
      const otp_token = app().totp('ada')
      const body = { device_id: DEVICES.adaTotp, state_token: login, otp_token }
      expect((await app().post(VERIFY, body, await app().token())).status).toBe(401)
      const state_token = await api().begin('ada')
      const stranger = await app().token('Manage Users')
      expectDead(await api().answer({ device_id: DEVICES.adaTotp, state_token, otp_token }, stranger))
      expectDead(await totp(state_token))
    })

    test('gives no session token for a state token of its own', async () => {
      const state_token = await api().begin('ada')
      const body = { device_id: DEVICES.adaTotp, state_token, otp_token: app().totp('ada') }
      const reply = await app().post(VERIFY, body, await app().token())
      expect(reply.status).toBe(401)
      expect(reply.json.status.message).toBe('State token is invalid or expired')
      expectDead(await totp(state_token))
    })
  })
})

describe('AWS, asked by the AWS CLI with what the API gave for password and code,', () => {
  const role = (name: string) => `arn:aws:iam::${AWS_ACCOUNT}:role/${name}`
  const principal = `arn:aws:iam::${AWS_ACCOUNT}:saml-provider/Doorward`
  let app: TestApp
  let sts: Sts
  let cli: AwsCli

  beforeAll(async () => {
    app = await startApp({ startIso: new Date().toISOString() }) // the CLI signs with the time of this machine
    const metadataXml = (await app.call('GET', `/saml/metadata/${AWS}`)).text
    const trusting = (name: string) => ({
      roleArn: role(name),
      providerArn: principal,
      maxSessionDuration: 3600,
      allowTags: false,
      allowSourceIdentity: false,
    })
    sts = await startSts({
      now: app.clock.now,
      providers: [{ providerArn: principal, entityId: `${app.url}/saml/metadata/${AWS}`, metadataXml }],
      roles: [trusting('Dev'), trusting('Admin')],
    })
    cli = awsCli(sts.url)
  })
  afterAll(async () => {
    cli.remove()
    await sts.close()
    await app.close()
  })

  async function samlAssertion(): Promise<string> {
    await app.advance(90) // a code works once
    const api = calls(app, 2)
    const state_token = await api.begin('ada')
    const done = await api.answer({ device_id: DEVICES.adaTotp, state_token, otp_token: app.totp('ada') })
    return done.json.data as string
  }

  const assume = (name: string, assertion: string) =>
    cli.sts([
      ...['assume-role-with-saml', '--role-arn', role(name), '--principal-arn', principal],
      ...['--saml-assertion', cli.file('assertion', assertion)],
    ])

  test('grants the role that the person holds, and knows who came', async () => {
    const { Credentials, SubjectType } = await assume('Dev', await samlAssertion())
    expect(SubjectType).toBe('persistent')
    const identity = await cli.sts(['get-caller-identity'], {
      AWS_ACCESS_KEY_ID: Credentials.AccessKeyId,
      AWS_SECRET_ACCESS_KEY: Credentials.SecretAccessKey,
      AWS_SESSION_TOKEN: Credentials.SessionToken,
    })
    expect(identity).toMatchObject({
      Account: AWS_ACCOUNT,
      Arn: `arn:aws:sts::${AWS_ACCOUNT}:assumed-role/Dev/ada@acme.test`,
    })
  }, 120_000)

  test('refuses a role that the person does not hold', async () => {
    await expect(assume('Admin', await samlAssertion())).rejects.toThrow('(AccessDenied)')
  }, 120_000)

  test('refuses a Response with one byte changed', async () => {
    const xml = Buffer.from(await samlAssertion(), 'base64').toString()
    const changed = xml.replace('ada@acme.test', 'bda@acme.test')
    expect(changed).not.toBe(xml)
    await expect(assume('Dev', Buffer.from(changed).toString('base64'))).rejects.toThrow(
      '(InvalidIdentityToken)',
    )
  }, 120_000)

  test('refuses a Response that comes five minutes later', async () => {
    const assertion = await samlAssertion()
    await app.advance(5 * 60 + 1)
    await expect(assume('Dev', assertion)).rejects.toThrow('(ExpiredTokenException)')
  }, 120_000)
})
