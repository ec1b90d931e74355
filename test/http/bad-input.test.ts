import { gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { SIGN_IN_ROUTES } from '../oauth/api-routes.ts'
import { inEveryWorld } from '../support/app.ts'
import { CLIENTS, PASSWORDS } from '../support/people.ts'
import { raw, type RawAnswer } from './raw-request.ts'

const JSON_TYPE = 'application/json'
const CONTENT_TYPE =
  'Content Type is not specified or specified incorrectly. Content-Type header must be set to application/json'
const INVALID = 'Input JSON is not valid'
const TOO_LARGE = 'Input JSON is not valid. It must not be larger than 100 kB'

const OAUTH = ['/auth/oauth2/v2/token', '/auth/oauth2/token', '/auth/oauth2/revoke']
const API = SIGN_IN_ROUTES.map(({ path }) => path)
const LOGIN = '/api/1/login/auth'
const right = {
  username_or_email: 'bob',
  password: PASSWORDS.bob,
  subdomain: 'acme',
  app_id: '500',
  device_id: '70',
  state_token: '0'.repeat(40),
  otp_token: '123456',
}
const client = CLIENTS['Manage All']

/** Words that only a mistake of ours would let out. */
const OUR_INSIDES =
  /\bat [^"]*[:(]\d|node_modules|\.ts:\d|select |insert into|TypeError|SyntaxError|ZodError|Unexpected/i

/** What the answer says, in the shape that its address has; fails for any other shape. */
function refusalOf(path: string, answer: RawAnswer): { code: number; message: unknown } {
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(answer.text).not.toMatch(OUR_INSIDES)
  const json = JSON.parse(answer.text)
  if (path.startsWith('/api/2/')) {
    expect(Object.keys(json as object).sort()).toEqual(['message', 'name', 'statusCode'])
    expect(json.statusCode).toBe(answer.status)
    return { code: json.statusCode, message: json.message }
  }
  expect(Object.keys(json as object)).toEqual(['status'])
  expect(json.status).toEqual({
    error: true,
    code: answer.status,
    type: expect.any(String),
    message: expect.anything(),
  })
  return { code: json.status.code, message: json.status.message }
}

const SECURITY_HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy': expect.stringContaining("default-src 'none'"),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'x-request-id': expect.stringMatching(/^[0-9a-f]{16}$/),
}

function hasSafeHeaders({ headers }: RawAnswer): void {
  expect(headers).toMatchObject(SECURITY_HEADERS)
  for (const name of ['set-cookie', 'x-powered-by', 'server', 'access-control-allow-origin', 'etag'])
    expect([name, headers[name]]).toEqual([name, undefined])
}

inEveryWorld((app) => {
  let token: Promise<string> | undefined
  const bearer = () => (token ??= app().token())

  /** Sends these bytes to an address, with all that is asked for beside the body. */
  const send = async (
    path: string,
    body: string | Buffer | undefined,
    headers: Record<string, string | string[]> = { 'content-type': JSON_TYPE },
  ): Promise<RawAnswer> => {
    const authorization = path.startsWith('/auth/')
      ? `client_id:${client.id}, client_secret:${client.secret}`
      : `bearer:${await bearer()}`
    const answer = await raw(app(), {
      path,
      headers: { authorization, ...headers },
      ...(body !== undefined && { body }),
    })
    hasSafeHeaders(answer)
    return answer
  }

  describe('A body that is', () => {
    const BYTES: [string, string | Buffer, Record<string, string> | undefined, string][] = [
      ['malformed JSON', '{"a":', undefined, INVALID],
      ['JSON with a comma too many', '{"a":1,}', undefined, INVALID],
      ['two JSON objects', '{}{}', undefined, INVALID],
      ['a JSON array', '[{"password":"x"}]', undefined, INVALID],
      ['a JSON string', '"text"', undefined, INVALID],
      ['a JSON number', '1', undefined, INVALID],
      ['true', 'true', undefined, INVALID],
      ['null', 'null', undefined, INVALID],
      ['NaN', 'NaN', undefined, INVALID],
      ['blank', '   ', undefined, INVALID],
      ['a form under the name of JSON', 'a=b', undefined, INVALID],
      ['a NUL byte', '\0', undefined, INVALID],
      ['invalid UTF-8', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0xfe, 0x22, 0x7d]), undefined, INVALID],
      ['an overlong NUL', Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xc0, 0x80, 0x22, 0x7d]), undefined, INVALID],
      ['UTF-16 without saying so', Buffer.from('{"a":1}', 'utf16le'), undefined, INVALID],
      ['UTF-16 that says so', Buffer.from('{"a":1}', 'utf16le'), { 'content-type': 'application/json; charset=utf-16' }, CONTENT_TYPE],
      ['Latin-1 that says so', '{"a":1}', { 'content-type': 'application/json; charset=iso-8859-1' }, CONTENT_TYPE],
      ['UTF-7 that says so', '{"a":1}', { 'content-type': 'application/json; charset=utf-7' }, CONTENT_TYPE],
      ['plain text', '{"a":1}', { 'content-type': 'text/plain' }, CONTENT_TYPE],
      ['XML', '<a/>', { 'content-type': 'application/xml' }, CONTENT_TYPE],
      ['a multipart form', '--x--', { 'content-type': 'multipart/form-data; boundary=x' }, CONTENT_TYPE],
      ['JSON of another kind', '{"a":1}', { 'content-type': 'application/json-patch+json' }, CONTENT_TYPE],
      ['JSON without a content type', '{"a":1}', {}, CONTENT_TYPE],
      ['JSON with an empty content type', '{"a":1}', { 'content-type': '' }, CONTENT_TYPE],
      ['JSON with two content types', '{"a":1}', { 'content-type': 'text/plain, application/json' }, CONTENT_TYPE],
      ['gzip', gzipSync('{"a":1}'), { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' }, CONTENT_TYPE],
      ['in an unknown encoding', '{"a":1}', { 'content-type': JSON_TYPE, 'content-encoding': 'x-what' }, CONTENT_TYPE],
      ['1 MB', JSON.stringify({ a: 'x'.repeat(1 << 20) }), undefined, TOO_LARGE],
      ['10 MB', Buffer.alloc(10 << 20, 0x20), undefined, TOO_LARGE],
      ['1 MB in chunks of unknown number', JSON.stringify({ a: 'x'.repeat(1 << 20) }),
        { 'content-type': JSON_TYPE, 'transfer-encoding': 'chunked' }, TOO_LARGE],
    ] // prettier-ignore

    test.each(BYTES)('%s is refused with 400 at every address', async (_what, body, headers, message) => {
      for (const path of [...OAUTH, ...API]) {
        const answer = await send(path, body, headers)
        expect([path, refusalOf(path, answer)]).toEqual([path, { code: 400, message }])
      }
    })

    test('a form is taken by OAuth only', async () => {
      const headers = { 'content-type': 'application/x-www-form-urlencoded' }
      for (const path of API) {
        const answer = await send(path, new URLSearchParams(right).toString(), headers)
        expect(refusalOf(path, answer)).toEqual({ code: 400, message: CONTENT_TYPE })
      }
      const twice = await send(
        OAUTH[0]!,
        'grant_type=client_credentials&grant_type=client_credentials',
        headers,
      )
      expect(refusalOf(OAUTH[0]!, twice)).toEqual({ code: 400, message: wrongType('grant_type') })
    })

    test('as large as allowed is read', async () => {
      const answer = await send(LOGIN, JSON.stringify({ ...right, more: 'x'.repeat(100_000) }))
      expect(answer.status).toBe(200)
      app().sink.learn(JSON.parse(answer.text).data[0].session_token as string)
    })
  })

  const wrongType = (attribute: string, type = 'string') => ({
    description: `${attribute} has incorrect data type. It should be -> ${type}`,
    attribute,
  })
  const notAllowed = (attribute: string) => ({
    description: `${attribute} has characters that are not allowed`,
    attribute,
  })

  describe('A value in a body', () => {
    const TEXTS = ['username_or_email', 'password', 'subdomain']
    const WRONG: unknown[] = [1, 0, true, false, [], ['x'], {}, { $ne: 1 }, { toString: 'x' }, { length: 3 }]

    test.each(WRONG)('%j where text belongs is told by name', async (value) => {
      for (const name of TEXTS) {
        const answer = await send(LOGIN, JSON.stringify({ ...right, [name]: value }))
        expect(refusalOf(LOGIN, answer)).toEqual({ code: 400, message: wrongType(name) })
      }
      for (const name of ['grant_type', 'client_id', 'client_secret', 'access_token', 'refresh_token']) {
        const body = { grant_type: 'client_credentials', [name]: value }
        expect(refusalOf(OAUTH[0]!, await send(OAUTH[0]!, JSON.stringify(body)))).toEqual({
          code: 400,
          message: wrongType(name),
        })
      }
    })

    test.each(['a\0b', '\0', '\ud800', 'x\udc00y', '\udfff\ud800'])(
      'with characters that nobody can keep, %j, is refused',
      async (value) => {
        for (const name of [...TEXTS, 'return_to_url', 'fields', 'ip_address', 'browser_id']) {
          const answer = await send(LOGIN, JSON.stringify({ ...right, [name]: value }))
          expect(refusalOf(LOGIN, answer)).toEqual({ code: 400, message: notAllowed(name) })
        }
        for (const name of ['state_token', 'otp_token']) {
          const path = '/api/1/saml_assertion/verify_factor'
          const answer = await send(path, JSON.stringify({ ...right, [name]: value }))
          expect(refusalOf(path, answer)).toEqual({ code: 400, message: notAllowed(name) })
        }
        for (const name of ['client_id', 'access_token']) {
          const body = JSON.stringify({ grant_type: 'refresh_token', [name]: value })
          expect(refusalOf(OAUTH[1]!, await send(OAUTH[1]!, body))).toEqual({
            code: 400,
            message: notAllowed(name),
          })
        }
      },
    )

    test('written as a lone surrogate by its escape is refused, a whole pair is text', async () => {
      const body = JSON.stringify(right).replace('"bob"', '"bob\\ud83d"')
      expect(refusalOf(LOGIN, await send(LOGIN, body)).message).toEqual(notAllowed('username_or_email'))
      const pair = JSON.stringify(right).replace('"bob"', '"bob\\ud83d\\ude00"')
      expect((await send(LOGIN, pair)).status).toBe(401)
    })

    test.each([
      ['username_or_email', 1024],
      ['subdomain', 1024],
      ['password', 4096],
      ['return_to_url', 2048],
    ])('of %s has a greatest length of %i', async (name, max) => {
      const answer = await send(LOGIN, JSON.stringify({ ...right, [name]: 'x'.repeat(max + 1) }))
      expect(refusalOf(LOGIN, answer).message).toEqual({
        description: `${name} is too long. It may have ${max} characters`,
        attribute: name,
      })
      expect((await send(LOGIN, JSON.stringify({ ...right, [name]: 'x'.repeat(max) }))).text).not.toContain(
        'too long',
      )
    })

    test.each([
      '999999999999999', '2147483648', '9007199254740993', '99999999999999999999999', '1e3', '0x10', '-1', '1.5', ' 7 ', '٧', '', 'NaN',
      1e15, 1e300, -1, 1.5, 2_147_483_648, 9_007_199_254_740_993, true, [500], { id: 500 }, null,
    ])('%j as an id finds nothing and breaks nothing', async (id) => {
      for (const path of ['/api/1/saml_assertion', '/api/2/saml_assertion', '/api/1/saml_assertion/verify_factor']) {
        const answer = await send(path, JSON.stringify({ ...right, app_id: id }))
        expect([400, 404]).toContain(answer.status)
        refusalOf(path, answer)
      }
      const verify = '/api/1/login/verify_factor'
      const answer = await send(verify, JSON.stringify({ ...right, device_id: id }))
      expect([400, 401]).toContain(answer.status)
      refusalOf(verify, answer)
    }) // prettier-ignore
  })

  describe('Keys in a body', () => {
    test('of the prototype stand for nothing', async () => {
      const { password, ...without } = right
      const bodies = [
        `{"__proto__":{"password":${JSON.stringify(password)}},`,
        `{"constructor":{"prototype":{"password":${JSON.stringify(password)}}},`,
      ].map((head) => head + JSON.stringify(without).slice(1))
      for (const body of bodies) {
        expect(refusalOf(LOGIN, await send(LOGIN, body))).toEqual({ code: 400, message: 'password is empty' })
      }
      for (const path of [...OAUTH, ...API])
        await send(
          path,
          '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"toString":1,"hasOwnProperty":1}',
        )
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
      expect(
        (await send(LOGIN, JSON.stringify({ ...right, hasOwnProperty: 1, toString: null, valueOf: {} })))
          .status,
      ).toBe(200)
    })

    test('of a form stand for nothing either', async () => {
      const form = 'grant_type=client_credentials&__proto__=x&constructor=y&__proto__[polluted]=1&toString=z'
      const answer = await send(OAUTH[0]!, form, { 'content-type': 'application/x-www-form-urlencoded' })
      expect(answer.status).toBe(200)
      app().sink.learn(JSON.parse(answer.text).access_token as string)
      expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
    })

    test('that come twice count once, the last one', async () => {
      const body = JSON.stringify(right).replace('{', '{"subdomain":"nowhere",')
      expect((await send(LOGIN, body)).status).toBe(200)
    })

    test('50,000 levels deep are no trouble, known or unknown', async () => {
      const deep = (name: string, open: string, close: string, n: number) =>
        `{"${name}":${open.repeat(n)}0${close.repeat(n)},${JSON.stringify(right).slice(1)}`
      for (const path of API) {
        const answer = await send(path, deep('unknown', '[', ']', 50_000))
        expect([200, 401]).toContain(answer.status)
      }
      expect((await send(LOGIN, deep('unknown', '{"a":', '}', 16_000))).status).toBe(200)
      const password = JSON.stringify(right).replace(
        JSON.stringify(right.password),
        '['.repeat(50_000) + ']'.repeat(50_000),
      )
      expect(refusalOf(LOGIN, await send(LOGIN, password)).message).toEqual(wrongType('password'))
      const open = await send(LOGIN, '['.repeat(100_000))
      expect(refusalOf(LOGIN, open)).toEqual({ code: 400, message: INVALID })
    })

    test('by the thousand are no trouble', async () => {
      const many = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i]))
      expect((await send(LOGIN, JSON.stringify({ ...many, ...right }))).status).toBe(200)
    })
  })

  describe('A query', () => {
    const path = '/auth/oauth2/v2/token'
    test.each([
      'grant_type=client_credentials&grant_type=client_credentials',
      'grant_type=client_credentials&grant_type=refresh_token',
    ])('with a parameter twice, %s, is refused', async (query) => {
      expect(refusalOf(path, await send(`${path}?${query}`, '{}'))).toEqual({
        code: 400,
        message: wrongType('grant_type'),
      })
    })

    test.each([
      'grant_type[]=client_credentials', 'grant_type[x]=client_credentials', '__proto__[grant_type]=client_credentials',
      'constructor=x', '%', '%ff', 'grant_type=%ff%fe', '&&&===', '?', 'a'.repeat(200),
    ])('such as %s gives no grant type', async (query) => {
      expect(refusalOf(path, await send(`${path}?${query}`, '{}'))).toEqual({
        code: 400,
        message: 'grant_type is incorrect/absent',
      })
    }) // prettier-ignore
  })

  describe('An address or method that is not there', () => {
    const ADDRESSES = [
      '/api', '/api/', '/api/1', '/api/2', '/api/3/saml_assertion', '/api/1/login', '/api/1/login/auth/x', '/api/1/login//auth',
      '/auth', '/auth/', '/auth/oauth2', '/auth/oauth2/v3/token', '/api/1/../1/login/auth2', '/api/1/%2e%2e/x', '/api/1/%ff', '/api/1/%',
      '/api/1/login/auth%00', '/api/1/login/auth;x=1', '/API/1/nowhere', '/Auth/nowhere', '//api/1/nowhere', '/api/1/__proto__', '/api/2/constructor',
      `/api/1/${'x'.repeat(200)}`,
    ] // prettier-ignore

    test.each(ADDRESSES)('%s is answered by 404 No Route Exists', async (path) => {
      for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'PROPFIND']) {
        const answer = await raw(app(), { method, path, headers: { 'content-type': JSON_TYPE }, body: '{}' })
        hasSafeHeaders(answer)
        const shape = /^\/+api\/2(\/|$)/i.test(path) ? '/api/2/x' : '/api/1/x'
        expect([method, refusalOf(shape, answer)]).toEqual([
          method,
          { code: 404, message: 'No Route Exists' },
        ])
      }
    })

    test.each([...OAUTH, ...API])('%s is POST only', async (path) => {
      for (const method of ['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'MKCOL']) {
        const answer = await raw(app(), {
          method,
          path,
          headers: { 'x-http-method-override': 'POST', authorization: `bearer:${await bearer()}` },
        })
        hasSafeHeaders(answer)
        expect([method, refusalOf(path, answer)]).toEqual([method, { code: 404, message: 'No Route Exists' }])
      }
    })
  })

  describe('A header', () => {
    test.each([
      'bearer \u0001', 'bearer é', 'Bearer null', 'Bearer undefined', 'Bearer [object Object]', 'Basic Og==', 'Basic =', 'Digest username="x"',
      `bearer:${'x'.repeat(12_000)}`, ',', ':', 'bearer:,', "bearer:' or 1=1 --",
    ])('Authorization, number %# of a list, opens nothing', async (authorization) => {
      const safe = authorization.replace('\u0001', '\t')
      for (const path of [...OAUTH, ...API]) {
        const answer = await raw(app(), { path, headers: { 'content-type': JSON_TYPE, authorization: safe }, body: JSON.stringify({ ...right, grant_type: 'client_credentials', access_token: 'x' }) })
        hasSafeHeaders(answer)
        expect([400, 401]).toContain(answer.status)
        refusalOf(path, answer)
      }
    }) // prettier-ignore

    test('that is forged in every way a proxy might set it changes nothing', async () => {
      const forged = {
        'x-forwarded-for': "127.0.0.1, ::1, ' or 1=1, \t",
        'x-forwarded-host': 'evil.test',
        'x-forwarded-proto': 'javascript',
        'x-original-url': '/auth/rate_limit',
        'x-rewrite-url': '/auth/rate_limit',
        forwarded: 'for="[::1]:x";host=evil.test',
        cookie: 'doorward=x; doorward_csrf=%ff; ;;=; __proto__=1',
        origin: 'https://evil.test',
        'content-type': JSON_TYPE,
      }
      const answer = await send(LOGIN, JSON.stringify(right), forged)
      expect(answer.status).toBe(200)
      app().sink.learn(JSON.parse(answer.text).data[0].session_token as string)
    })
  })
})
