import { describe, expect, test } from 'vitest'
import { mountedRoutes } from '../http/mounted-routes.ts'
import { raw } from '../http/raw-request.ts'
import { inEveryWorld, startApp, type ApiReply, type CallOptions, type TestApp } from '../support/app.ts'
import { CLIENTS, type ScopeName } from '../support/people.ts'
import { race } from '../signin/api-calls.ts'
import { BEARER_ROUTES, SIGN_IN_ROUTES } from './api-routes.ts'

const V2 = '/auth/oauth2/v2/token'
const V1 = '/auth/oauth2/token'
const REVOKE = '/auth/oauth2/revoke'
const RATE_LIMIT = '/auth/rate_limit'
interface Client {
  id: string
  secret: string
}
const { id, secret }: Client = CLIENTS['Manage All']
const other = CLIENTS['Manage Users']
const GRANT = { grant_type: 'client_credentials' }
const DAY_SECONDS = 24 * 3600

const oneLogin = (client: Client = { id, secret }) => ({
  authorization: `client_id:${client.id}, client_secret:${client.secret}`,
})
const basic = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`
const form = (fields: Record<string, string>) => ({
  body: new URLSearchParams(fields).toString(),
  headers: { 'content-type': 'application/x-www-form-urlencoded' },
})
const refusal = (code: number, type: string, message: unknown) => ({
  status: { error: true, code, type, message },
})
const success = { status: { error: false, code: 200, type: 'success', message: 'Success' } }

interface Pair {
  access_token: string
  refresh_token: string
}

/** A fresh pair of tokens, known to the sink. */
async function pairOf(app: TestApp, client: Client = { id, secret }, path = V2): Promise<Pair> {
  const { json } = await app.call('POST', path, { headers: oneLogin(client), body: GRANT })
  return learn(app, path === V1 ? json.data[0] : json)
}

function learn(app: TestApp, pair: Pair): Pair {
  app.sink.learn(pair.access_token)
  app.sink.learn(pair.refresh_token)
  return pair
}

const refresh = (app: TestApp, { access_token, refresh_token }: Pair, path = V2) =>
  app.call('POST', path, { body: { grant_type: 'refresh_token', access_token, refresh_token } })

/** 200 while a token is alive, 401 when it is not. */
const alive = async (app: TestApp, token: string) => (await app.call('GET', RATE_LIMIT, { token })).status

const SPELLINGS: [string, CallOptions][] = [
  ['client_id:…, client_secret:…', { headers: oneLogin(), body: GRANT }],
  [
    'client_id:…,client_secret:… without a space',
    { headers: { authorization: `client_id:${id},client_secret:${secret}` }, body: GRANT },
  ],
  [
    'client_id: …, client_secret: … with spaces after the colons',
    { headers: { authorization: `client_id: ${id}, client_secret: ${secret}` }, body: GRANT },
  ],
  [
    'Client_ID : … , Client_Secret : … in capitals and with spaces everywhere',
    { headers: { authorization: `Client_ID : ${id} , Client_Secret : ${secret}` }, body: GRANT },
  ],
  ['HTTP Basic', { headers: { authorization: basic(id, secret) }, body: GRANT }],
  [
    'HTTP Basic in lower case',
    { headers: { authorization: basic(id, secret).replace('Basic', 'basic') }, body: GRANT },
  ],
  ['a form', form({ ...GRANT, client_id: id, client_secret: secret })],
  [
    'a form beside the header',
    { ...form(GRANT), headers: { ...oneLogin(), 'content-type': 'application/x-www-form-urlencoded' } },
  ],
  ['a JSON body', { body: { ...GRANT, client_id: id, client_secret: secret } }],
  [
    'a JSON body with a charset',
    { headers: { ...oneLogin(), 'content-type': 'application/json; charset=utf-8' }, body: GRANT },
  ],
  [
    'a JSON body with a charset in quotes and capitals',
    { headers: { ...oneLogin(), 'content-type': 'Application/JSON;Charset="UTF-8"' }, body: GRANT },
  ],
  [
    'a body that holds dead tokens too, as one client "refreshes"',
    { headers: oneLogin(), body: { ...GRANT, access_token: 'a'.repeat(64), refresh_token: 'b'.repeat(64) } },
  ],
]

const LIMIT_HEADERS = ['x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset']
const limits = ({ headers }: ApiReply) => LIMIT_HEADERS.map((name) => headers.get(name))
/** Give or take the seconds that a test takes: Redis has a clock of its own. */
const about = (seconds: number) => ({
  asymmetricMatch: (seen: unknown) => Number(seen) <= seconds && Number(seen) > seconds - 10,
})

describe('The rate limit', () => {
  inEveryWorld(
    (app) => {
      test('is told as integers in an object, and in headers of every authorised answer', async () => {
        const token = await app().token('Read Users')
        const first = await app().call('GET', RATE_LIMIT, { token })
        expect(first.json).toEqual({
          ...success,
          data: { 'X-RateLimit-Limit': 8, 'X-RateLimit-Remaining': 7, 'X-RateLimit-Reset': about(3600) },
        })
        expect(limits(first)).toEqual(['8', '7', about(3600)])
        const body = { username_or_email: 'bob', password: '', subdomain: 'acme' }
        const refused = await app().post('/api/1/login/auth', body, await app().token())
        expect(refused.status).toBe(400)
        expect(limits(refused)).toEqual(['8', '6', about(3600)])
      })

      test('is not told on any 401', async () => {
        const wrong = { username_or_email: 'bob', password: 'wrong-bob-password', subdomain: 'acme' }
        const replies = [
          await app().call('GET', RATE_LIMIT, { token: '0'.repeat(64) }),
          await app().call('GET', RATE_LIMIT, { token: await app().token('Authentication Only') }),
          await app().post('/api/1/login/auth', wrong, await app().token()),
          await app().call('POST', V2, { headers: oneLogin({ id, secret: 'x' }), body: GRANT }),
        ]
        expect(replies.map(({ status }) => status)).toEqual([401, 401, 401, 401])
        for (const reply of replies) expect(limits(reply)).toEqual([null, null, null])
      })

      test('refuses calls past it with 429 and Retry-After, whatever credential calls, until the hour is over', async () => {
        await app().advance(600)
        const token = await app().token()
        for (const remaining of [3, 2, 1, 0]) {
          const reply = await app().call('GET', RATE_LIMIT, { token })
          expect(reply.status).toBe(200)
          expect(limits(reply)).toEqual(['8', String(remaining), about(3000)])
        }
        for (const scope of ['Manage All', 'Read All'] as const) {
          const reply = await app().call('GET', RATE_LIMIT, { token: await app().token(scope) })
          expect(reply.status).toBe(429)
          expect(reply.headers.get('retry-after')).toEqual(about(3000))
          expect(limits(reply)).toEqual(['8', '0', about(3000)])
          expect(reply.json.status).toMatchObject({ error: true, code: 429 })
        }
        await app().advance(3000)
        const after = await app().call('GET', RATE_LIMIT, { token })
        expect(after.status).toBe(200)
        expect(limits(after)).toEqual(['8', '7', about(3600)])
      })
    },
    { env: { API_RATE_LIMIT: '8' } },
  )

  test('is 5,000 calls an hour unless it is set', async () => {
    const app = await startApp({ env: { API_RATE_LIMIT: '' } })
    try {
      const { json } = await app.call('GET', RATE_LIMIT, { token: await app.token() })
      expect(json.data['X-RateLimit-Limit']).toBe(5000)
    } finally {
      await app.close()
    }
  })
})

inEveryWorld((app) => {
  describe('Generating tokens', () => {
    const isPair = (pair: Record<string, unknown>) => {
      expect(pair).toEqual({
        access_token: expect.stringMatching(/^[0-9a-f]{64}$/),
        created_at: new Date(app().clock.now()).toISOString(),
        expires_in: 36_000,
        refresh_token: expect.stringMatching(/^[0-9a-f]{64}$/),
        token_type: 'bearer',
        account_id: expect.any(Number),
      })
      expect(Number.isInteger(pair.account_id)).toBe(true)
      expect(pair.access_token).not.toBe(pair.refresh_token)
      return learn(app(), pair as unknown as Pair)
    }

    test.each(SPELLINGS)('takes %s, flat at the newer address', async (_spelling, options) => {
      const reply = await app().call('POST', V2, options)
      expect(reply.status).toBe(200)
      expect(reply.headers.get('content-type')).toBe('application/json; charset=utf-8')
      expect(await alive(app(), isPair(reply.json).access_token)).toBe(200)
    })

    test.each(SPELLINGS)('takes %s, in the envelope at the older address', async (_spelling, options) => {
      const { status, json } = await app().call('POST', V1, options)
      expect(status).toBe(200)
      expect(json).toEqual({ ...success, data: [expect.anything()] })
      expect(await alive(app(), isPair(json.data[0]).access_token)).toBe(200)
    })

    test.each([V1, V2])('takes the grant type from the query at %s, with an empty body', async (path) => {
      const answer = await raw(app(), {
        path: `${path}?grant_type=client_credentials`,
        headers: { authorization: basic(id, secret), 'content-length': '0' },
      })
      expect(answer.status).toBe(200)
      const json = JSON.parse(answer.text)
      learn(app(), path === V1 ? json.data[0] : json)
    })

    test.each([`/${V2}`, `//${V2}`, `${V2}/`, `/${V2}/`, `${V2}?x=1`, V2.toUpperCase()])(
      'tolerates the address %s',
      async (path) => {
        const { status, json } = await app().call('POST', path, { headers: oneLogin(), body: GRANT })
        expect(status).toBe(200)
        isPair(json)
      },
    )

    test('makes a new pair each time, and all of them are alive at once', async () => {
      const pairs = [await pairOf(app()), await pairOf(app()), await pairOf(app(), { id, secret }, V1)]
      expect(new Set(pairs.map((pair) => pair.access_token)).size).toBe(3)
      for (const { access_token } of pairs) expect(await alive(app(), access_token)).toBe(200)
    })

    test.each<[string, CallOptions]>([
      ['an unknown client id', { headers: oneLogin({ id: 'f'.repeat(40), secret }), body: GRANT }],
      ['a wrong secret', { headers: oneLogin({ id, secret: `${secret}x` }), body: GRANT }],
      ['the secret of another client', { headers: oneLogin({ id, secret: other.secret }), body: GRANT }],
      ['an empty secret by Basic', { headers: { authorization: basic(id, '') }, body: GRANT }],
      ['a client id in other case', { headers: oneLogin({ id: id.toUpperCase(), secret }), body: GRANT }],
      [
        'a wrong header beside a right body: the header stands',
        {
          headers: oneLogin({ id, secret: 'wrong-secret-of-header' }),
          body: { ...GRANT, client_id: id, client_secret: secret },
        },
      ],
    ])('refuses %s', async (_what, options) => {
      for (const path of [V1, V2]) {
        const { status, json } = await app().call('POST', path, options)
        expect(status).toBe(401)
        expect(json).toEqual(refusal(401, 'Unauthorized', 'Authentication Failure'))
      }
    })

    test.each<[string, CallOptions]>([
      ['no credentials', { body: GRANT }],
      ['an id without a secret', { body: { ...GRANT, client_id: id } }],
      ['an empty secret', { body: { ...GRANT, client_id: id, client_secret: '' } }],
      ['half a header', { headers: { authorization: `client_id:${id}` }, body: GRANT }],
      ['a bearer in place of the client', { headers: { authorization: 'bearer:abc' }, body: GRANT }],
      ['Basic without a colon', { headers: { authorization: `Basic ${Buffer.from(id).toString('base64')}` }, body: GRANT }],
      ['Basic that is no base64', { headers: { authorization: 'Basic ?' }, body: GRANT }],
    ])('answers 400 to %s', async (_what, options) => {
      const { status, json } = await app().call('POST', V2, options)
      expect(status).toBe(400)
      expect(json).toEqual(refusal(400, 'bad request', 'The authorization information is missing'))
    }) // prettier-ignore

    test.each<[string, CallOptions]>([
      ['no grant type', { headers: oneLogin(), body: {} }],
      ['no body at all', { headers: oneLogin() }],
      ['an empty grant type', { headers: oneLogin(), body: { grant_type: '' } }],
      ['the password grant', { headers: oneLogin(), body: { grant_type: 'password' } }],
      ['a grant type in other case', { headers: oneLogin(), body: { grant_type: 'Client_Credentials' } }],
    ])('answers 400 to %s', async (_what, options) => {
      for (const path of [V1, V2]) {
        const { status, json } = await app().call('POST', path, options)
        expect(status).toBe(400)
        expect(json).toEqual(refusal(400, 'bad request', 'grant_type is incorrect/absent'))
      }
    })

    test('takes no client credentials from the address, where logs would keep them', async () => {
      const query = new URLSearchParams({ ...GRANT, client_id: id, client_secret: secret })
      const { status, json } = await app().call('POST', `${V2}?${query.toString()}`, {})
      expect(status).toBe(400)
      expect(json.status.message).toBe('The authorization information is missing')
    })

    test('keeps no token and no secret in clear text', async () => {
      const { access_token, refresh_token } = await pairOf(app())
      const tokens = JSON.stringify(await app().ctx.db.selectFrom('apiTokens').selectAll().execute())
      const clients = JSON.stringify(await app().ctx.db.selectFrom('apiCredentials').selectAll().execute())
      expect(tokens.length).toBeGreaterThan(100)
      for (const clear of [access_token, refresh_token]) expect(tokens).not.toContain(clear)
      expect(clients).not.toContain(secret)
    })
  })

  describe('Tokens of a credential that was disabled', () => {
    const enable = (enabled: 0 | 1) =>
      app().ctx.db.updateTable('apiCredentials').set({ enabled }).where('clientId', '=', other.id).execute()

    test('are dead at once, and neither generated nor refreshed nor revoked until it is enabled again', async () => {
      const pair = await pairOf(app(), other)
      expect(await alive(app(), pair.access_token)).toBe(200)
      await enable(0)
      expect(await alive(app(), pair.access_token)).toBe(401)
      expect((await refresh(app(), pair)).json.status.message).toBe('Invalid Token')
      for (const [path, body] of [
        [V2, GRANT],
        [REVOKE, { access_token: pair.access_token }],
      ] as const) {
        const { status, json } = await app().call('POST', path, { headers: oneLogin(other), body })
        expect(status).toBe(401)
        expect(json.status.message).toBe('Authentication Failure')
      }
      await enable(1)
      expect(await alive(app(), pair.access_token)).toBe(200)
    })
  })

  describe('Refreshing tokens', () => {
    test.each([V1, V2])('at %s needs no Authorization header, and ends both old tokens', async (path) => {
      const old = await pairOf(app(), { id, secret }, path)
      const reply = await refresh(app(), old, path)
      expect(reply.status).toBe(200)
      const next = learn(app(), path === V1 ? reply.json.data[0] : reply.json)
      expect(Object.keys(next).sort()).toEqual([
        'access_token',
        'account_id',
        'created_at',
        'expires_in',
        'refresh_token',
        'token_type',
      ])
      expect(await alive(app(), old.access_token)).toBe(401)
      expect(await alive(app(), next.access_token)).toBe(200)
      const again = await refresh(app(), old, path)
      expect(again.status).toBe(401)
      expect(again.json).toEqual(refusal(401, 'Unauthorized', 'Invalid Token'))
    })

    test('takes a form too', async () => {
      const { access_token, refresh_token } = await pairOf(app())
      const { status, json } = await app().call(
        'POST',
        V2,
        form({ grant_type: 'refresh_token', access_token, refresh_token }),
      )
      expect(status).toBe(200)
      learn(app(), json)
    })

    test('lets exactly one of 20 racing refreshes win', async () => {
      const old = await pairOf(app())
      const replies = await race(app(), 20, () => refresh(app(), old))
      const won = replies.filter(({ status }) => status === 200)
      expect(won).toHaveLength(1)
      const { access_token } = learn(app(), won[0]!.json)
      for (const { status, json } of replies.filter((reply) => reply !== won[0])) {
        expect(status).toBe(401)
        expect(json.status.message).toBe('Invalid Token')
      }
      expect(await alive(app(), access_token)).toBe(200)
    })

    test('refuses halves of two pairs, swapped, missing and unknown tokens, and harms neither pair', async () => {
      const [one, two] = [await pairOf(app()), await pairOf(app())]
      const wrong: Partial<Pair>[] = [
        { access_token: one.access_token, refresh_token: two.refresh_token },
        { access_token: one.refresh_token, refresh_token: one.access_token },
        { access_token: one.access_token },
        { refresh_token: one.refresh_token },
        {},
        { access_token: '0'.repeat(64), refresh_token: '0'.repeat(64) },
        { access_token: one.access_token.toUpperCase(), refresh_token: one.refresh_token.toUpperCase() },
      ]
      for (const body of wrong) {
        const { status, json } = await app().post(V2, { grant_type: 'refresh_token', ...body })
        expect(status).toBe(401)
        expect(json).toEqual(refusal(401, 'Unauthorized', 'Invalid Token'))
      }
      for (const pair of [one, two]) expect(await alive(app(), pair.access_token)).toBe(200)
      expect((await refresh(app(), one)).status).toBe(200)
    })

    test('works after the access token has ended, for 45 days from its creation and not a second longer', async () => {
      const [early, late] = [await pairOf(app()), await pairOf(app())]
      await app().advance(45 * DAY_SECONDS - 1)
      const reply = await refresh(app(), early)
      expect(reply.status).toBe(200)
      learn(app(), reply.json)
      await app().advance(1)
      expect((await refresh(app(), late)).json.status.message).toBe('Invalid Token')
    })
  })

  describe('An access token', () => {
    test('lives for 36,000 s and not a second longer', async () => {
      const { access_token } = await pairOf(app())
      await app().advance(35_999)
      expect(await alive(app(), access_token)).toBe(200)
      await app().advance(1)
      const { status, json } = await app().call('GET', RATE_LIMIT, { token: access_token })
      expect(status).toBe(401)
      expect(json).toEqual(refusal(401, 'Unauthorized', 'Authentication Failure'))
    })

    test.each(['bearer:', 'bearer: ', 'bearer ', 'Bearer ', 'Bearer:', 'BEARER: ', 'bearer : ', 'Bearer  '])(
      'is taken as "%s<token>"',
      async (scheme) => {
        const { access_token } = await pairOf(app())
        const authorization = `${scheme}${access_token}`
        expect((await app().call('GET', RATE_LIMIT, { headers: { authorization } })).status).toBe(200)
      },
    )

    test.each<[string, (token: string) => Record<string, string>]>([
      ['no header', () => ({})],
      ['the token alone', (token) => ({ authorization: token })],
      ['another scheme', (token) => ({ authorization: `Token ${token}` })],
      ['Basic', (token) => ({ authorization: basic(token, 'x') })],
      ['no space and no colon', (token) => ({ authorization: `bearer${token}` })],
      ['two colons', (token) => ({ authorization: `bearer::${token} ${token}` })],
      ['two tokens', (token) => ({ authorization: `bearer ${token}, ${token}` })],
      ['nothing behind the scheme', () => ({ authorization: 'bearer:' })],
      ['600 characters', (token) => ({ authorization: `bearer ${token.repeat(10)}` })],
    ])('is asked for with 400 when there is %s', async (_what, headers) => {
      const { access_token } = await pairOf(app())
      const { status, json } = await app().call('GET', RATE_LIMIT, { headers: headers(access_token) })
      expect(status).toBe(400)
      expect(json).toEqual(refusal(400, 'bad request', 'Authorization Information is incorrect'))
    })

    test.each<[string, (token: string) => string]>([
      ['unknown', () => '0'.repeat(64)],
      ['short', (token) => token.slice(0, 63)],
      ['in capitals', (token) => token.toUpperCase()],
    ])('that is %s is refused with 401', async (_what, change) => {
      const { access_token } = await pairOf(app())
      const { status, json } = await app().call('GET', RATE_LIMIT, { token: change(access_token) })
      expect(status).toBe(401)
      expect(json).toEqual(refusal(401, 'Unauthorized', 'Authentication Failure'))
    })

    test('in the query or the body is not looked at', async () => {
      const { access_token } = await pairOf(app())
      const { status } = await app().call('GET', `${RATE_LIMIT}?access_token=${access_token}`)
      expect(status).toBe(400)
      const body = { access_token, username_or_email: 'bob', password: 'x', subdomain: 'acme' }
      expect((await app().post('/api/1/login/auth', body)).status).toBe(400)
    })
  })

  describe('Revoking a token', () => {
    const revoke = (body: unknown, options: CallOptions = { headers: oneLogin() }): Promise<ApiReply> =>
      app().call('POST', REVOKE, { ...options, body })

    test.each<[string, CallOptions, object]>([
      ['the OneLogin header', { headers: oneLogin() }, {}],
      ['Basic', { headers: { authorization: basic(id, secret) } }, {}],
      ['the body', {}, { client_id: id, client_secret: secret }],
    ])(
      'by %s ends the access and the refresh token, and no other pair',
      async (_how, options, credentials) => {
        const [gone, kept] = [await pairOf(app()), await pairOf(app())]
        const { status, json } = await revoke({ access_token: gone.access_token, ...credentials }, options)
        expect(status).toBe(200)
        expect(json).toEqual(success)
        expect(await alive(app(), gone.access_token)).toBe(401)
        expect((await refresh(app(), gone)).json.status.message).toBe('Invalid Token')
        expect(await alive(app(), kept.access_token)).toBe(200)
      },
    )

    test('of another credential changes nothing and says nothing', async () => {
      const { access_token } = await pairOf(app(), other)
      const { status, json } = await revoke({ access_token })
      expect(status).toBe(200)
      expect(json).toEqual(success)
      expect(await alive(app(), access_token)).toBe(200)
    })

    test('that nobody has answers success, twice', async () => {
      for (const access_token of ['0'.repeat(64), '0'.repeat(64), 'x'])
        expect((await revoke({ access_token })).json).toEqual(success)
    })

    test('needs the access token: the refresh token is none', async () => {
      const pair = await pairOf(app())
      expect((await revoke({ access_token: pair.refresh_token })).json).toEqual(success)
      expect(await alive(app(), pair.access_token)).toBe(200)
    })

    test.each([{}, { access_token: '' }, { access_token: null }, { token: 'x' }])(
      'without one, %j, answers 400',
      async (body) => {
        const { status, json } = await revoke(body)
        expect(status).toBe(400)
        expect(json).toEqual(refusal(400, 'bad request', 'Access Token Missing'))
      },
    )

    test('without credentials answers 400, with wrong ones 401, with text 400', async () => {
      const { access_token } = await pairOf(app())
      const missing = await revoke({ access_token }, {})
      expect(missing.json).toEqual(refusal(400, 'bad request', 'The authorization information is missing'))
      const wrong = await revoke({ access_token }, { headers: oneLogin({ id, secret: other.secret }) })
      expect(wrong.json).toEqual(refusal(401, 'Unauthorized', 'Authentication Failure'))
      const text = await revoke('x', { headers: { ...oneLogin(), 'content-type': 'text/plain' } })
      expect(text.json).toEqual(
        refusal(
          400,
          'bad request',
          'Content Type is not specified or specified incorrectly. Content-Type header must be set to application/json',
        ),
      )
      expect(await alive(app(), access_token)).toBe(200)
    })
  })

  describe('A wrong method', () => {
    const WRONG: [string, string[]][] = [
      [V1, ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']],
      [V2, ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']],
      [REVOKE, ['GET', 'PUT', 'DELETE']],
      [RATE_LIMIT, ['POST', 'PUT', 'DELETE']],
      ['/api/1/login/auth', ['GET', 'PUT', 'DELETE']],
      ['/api/1/saml_assertion', ['GET', 'PUT', 'DELETE']],
    ]
    test.each(WRONG)('at %s is answered by 404 No Route Exists: %j', async (path, methods) => {
      const token = await app().token()
      for (const method of methods) {
        const { status, json } = await app().call(method, path, { token })
        expect(status).toBe(404)
        expect(json).toEqual(refusal(404, 'not found', 'No Route Exists'))
      }
    })
  })

  describe('A scope', () => {
    const SCOPES = Object.keys(CLIENTS) as ScopeName[]

    /** Whether a credential of this scope is let in; nobody and nothing has the id that is asked for. */
    async function isLetIn({ method, path }: { method: string; path: string }, scope: ScopeName) {
      const address = path.replace(/:\w+/g, '424242')
      const token = await app().token(scope)
      const sends = method === 'POST' || method === 'PUT'
      const { status, json } = await app().call(method, address, { token, ...(sends && { body: {} }) })
      if (status !== 401) {
        expect(status).toBeLessThan(500)
        return true
      }
      const message = 'Insufficient Permission'
      const bare = path.startsWith('/api/2/') || path.startsWith('/api/1/privileges')
      const name = path.startsWith('/api/2/') ? 'Unauthorized' : 'UnauthorizedError'
      expect(json).toEqual(bare ? { statusCode: 401, name, message } : refusal(401, 'Unauthorized', message))
      return false
    }

    test.each(BEARER_ROUTES)('passes $method $path only where it is one of $scopes', async (route) => {
      const passed: ScopeName[] = []
      for (const scope of SCOPES) if (await isLetIn(route, scope)) passed.push(scope)
      expect(passed.sort()).toEqual([...route.scopes].sort())
    })

    test('that signs in can do nothing else, one that reads can change nothing, and Manage All does all', async () => {
      const open = [V1, V2, REVOKE, '/api/1/events/types', '/api/1/openapi.json']
      const isOpen = (path: string) => open.includes(path)
      const routes = mountedRoutes(app().ctx).filter(
        ({ path }) => /^\/(api|auth)\//.test(path) && !isOpen(path),
      )
      const signsIn = (path: string) => SIGN_IN_ROUTES.some((route) => route.path === path)
      const wrong: string[] = []
      for (const route of routes) {
        const name = `${route.method} ${route.path}`
        if ((await isLetIn(route, 'Authentication Only')) !== signsIn(route.path))
          wrong.push(`Authentication Only: ${name}`)
        if (route.method !== 'GET' && (await isLetIn(route, 'Read All'))) wrong.push(`Read All: ${name}`)
        if (!(await isLetIn(route, 'Manage All'))) wrong.push(`Manage All: ${name}`)
        const anybody = await app().call(route.method, route.path.replace(/:\w+/g, '424242'))
        if (anybody.status !== 400) wrong.push(`nobody: ${name}`)
      }
      expect(wrong).toEqual([])
    })
  })
})
