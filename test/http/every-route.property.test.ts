import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { OPENAPI_PATH, type OpenApiDocument } from '../../server/reference/openapi.ts'
import { LEGACY, legacyKeyOf } from '../legacy/legacy-calls.ts'
import { inEveryWorld, type TestApp } from '../support/app.ts'
import { PASSWORDS } from '../support/people.ts'
import { documentOf, operationFinder, validators } from '../reference/document.ts'
import { mountedRoutes, type MountedRoute } from './mounted-routes.ts'
import { raw, type RawAnswer, type RawRequest } from './raw-request.ts'

const RUNS = 150

/** What this test cannot tell apart from the rest: a machine's doors and files have shapes of their own. */
const OTHER_SHAPES = [
  '/healthz',
  '/readyz',
  '/metrics',
  '/static/*name',
  '/docs/:file',
  '/brand/:file',
  '/saml/metadata/:app_id',
  '/approve/worker.js',
  '/.well-known/webauthn',
  '/approve/waiting',
  '/login/passkey/options',
  '/login/factor/waiting',
  '/client/apps/embed2',
  '/.well-known/oauth-authorization-server',
  '/oauth/token',
  '/oauth/revoke',
  '/oauth/device_authorization',
  '/broker/v1/session',
  '/broker/v1/sessions',
  '/broker/v1/aws/roles',
  '/broker/v1/aws/assertions',
]

/** The same for everybody, so anybody may keep it. */
const KEPT = ['/api/1/events/types', OPENAPI_PATH]

const FIELDS = [
  'username_or_email', 'password', 'subdomain', 'app_id', 'device_id', 'state_token', 'otp_token', 'do_not_notify', 'fields',
  'return_to_url', 'grant_type', 'client_id', 'client_secret', 'access_token', 'refresh_token', 'login', 'return_to', 'attempt',
  'code', 'action', 'choose', 'choice', 'session_token', 'auth_token', 'setup_token', 'company', 'email', 'SAMLRequest', 'RelayState',
  '_csrf', 'brand', 'notice', 'limit', 'after_cursor', 'before_cursor', 'sort', 'since', 'until', 'id', 'user_id', 'role_id_array',
  'api_key', 'username', 'page', 'from_id', 'status', 'per_page', 'roles', 'include_custom_attributes', 'event-type-id', 'group-id',
  'asked', 'redirect_uri', 'role_arn', 'duration_seconds', 'user_code', 'code_verifier', 'token', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '',
] // prettier-ignore

/** Things that have broken servers before. */
const HOSTILE = [
  '', ' ', '\0', '\ud800', '\u2028', '%', '%00', '%ff', '../../etc/passwd', '{{7*7}}', '<script>', "' or 1=1 --", '$ne', '\r\nX: y', '🙂',
  'true', 'null', '-1', '0', '1e309', '9'.repeat(30), '99999999999', '500', 'bob', 'client_credentials', 'refresh_token', 'x'.repeat(600),
] // prettier-ignore

const text = fc.oneof(fc.constantFrom(...HOSTILE), fc.string({ unit: 'binary', maxLength: 40 }))
const value = fc.oneof(
  { weight: 3, arbitrary: text },
  fc.jsonValue({ maxDepth: 3 }),
  fc.double(),
  fc.maxSafeInteger(),
)
const fields = fc.array(fc.tuple(fc.constantFrom(...FIELDS), value), { maxLength: 12 })

const asText = (of: unknown): string => (typeof of === 'string' ? of : JSON.stringify(of))
const asForm = (entries: [string, unknown][]): string =>
  entries
    .map(([name, of]) => `${encodeURIComponent(name)}=${encodeURIComponent(asText(of).toWellFormed())}`)
    .join('&')
const asJson = (entries: [string, unknown][]): string =>
  `{${entries.map(([name, of]) => `${JSON.stringify(name)}:${JSON.stringify(of)}`).join(',')}}`

/** Names that XML cannot have stay as they are: then it is not well-formed. */
const asXml = (root: string, entries: [string, unknown][]): string =>
  `<${root}>${entries.map(([name, of]) => `<${name}>${asText(of).replaceAll('&', '&amp;').replaceAll('<', '&lt;')}</${name}>`).join('')}</${root}>`

const TYPES = ['application/json', 'application/x-www-form-urlencoded', 'application/json; charset=utf-8', 'text/plain', 'multipart/form-data; boundary=x', '', '*/*'] // prettier-ignore
const body = fc.oneof(
  {
    weight: 4,
    arbitrary: fields.map((entries) => ({ type: TYPES[0]!, bytes: asJson(entries) })),
  },
  {
    weight: 4,
    arbitrary: fields.map((entries) => ({ type: TYPES[1]!, bytes: asForm(entries) })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('user', 'event'), fields).map(([root, entries]) => ({
      type: 'application/xml',
      bytes: asXml(root, entries),
    })),
  },
  fc.record({
    type: fc.constantFrom(...TYPES),
    bytes: fc.uint8Array({ maxLength: 200 }).map((array): string | Buffer => Buffer.from(array)),
  }),
  fc.constant(undefined),
)

/** One piece of a path: whole, escaped, or with escapes that cannot be read. */
const piece = fc.oneof(
  fc.constantFrom(
    '500',
    '501',
    '0',
    '-1',
    '%',
    '%ff',
    '%E0%A4%A',
    '%00',
    '%2e%2e',
    '%2F',
    '9'.repeat(15),
    '9'.repeat(40),
    'x',
    'acme.css',
  ),
  fc
    .string({ unit: 'binary', minLength: 1, maxLength: 12 })
    .map((one) => encodeURIComponent(one.toWellFormed())),
)
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND']
const headerValue = fc.string({
  unit: fc.constantFrom(...Array.from('abc019 ,;=:"%<>\\/@[]{}é\t')),
  maxLength: 30,
})
const HEADERS = [
  'accept', 'accept-language', 'content-encoding', 'cookie', 'origin', 'referer', 'sec-fetch-site', 'x-forwarded-for', 'x-forwarded-proto',
  'x-csrf-token', 'custom-allowed-origin-header-1', 'if-none-match', 'range', 'user-agent', 'authorization', 'x-requested-with',
] // prettier-ignore
const headers = fc.dictionary(fc.constantFrom(...HEADERS), headerValue, { maxKeys: 4 })
const host = fc.constantFrom(
  undefined,
  undefined,
  'evil.test',
  'login.acme.test',
  '[::1',
  'a b',
  '%',
  'localhost:99999',
)

interface Shot {
  route: MountedRoute
  request: RawRequest
}

const shots = (routes: MountedRoute[], proofs: Proof[]): fc.Arbitrary<Shot> =>
  fc
    .record({
      route: fc.constantFrom(...routes),
      method: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, fc.constantFrom(...METHODS)),
      pieces: fc.array(piece, { minLength: 2, maxLength: 2 }),
      tail: fc.constantFrom('', '', '', '/', '//', '/x', '%', '?', ';a=b'),
      query: fc.oneof(
        fc.constant(''),
        fields.map(asForm),
        text.map((one) => encodeURI(one.toWellFormed())),
      ),
      body,
      headers,
      host,
      proof: fc.constantFrom({}, ...proofs),
    })
    .map(({ route, method, pieces, tail, query, body, headers, host, proof }) => {
      let next = 0
      const path = route.path.replace(/[:*]\w+/g, () => pieces[next++ % pieces.length]!) + tail
      const verb = method ?? route.method
      const sends = body !== undefined && verb !== 'TRACE'
      return {
        route,
        request: {
          method: verb,
          path: query === '' ? path : `${path}?${query}`,
          headers: {
            ...headers,
            ...proof,
            ...(host !== undefined && { host }),
            ...(sends && { 'content-type': body.type }),
          },
          ...(sends && { body: body.bytes }),
        },
      }
    })

const OUR_INSIDES = /node_modules|\.ts:\d+|\bat \S+ \(|select .* from |TypeError|SyntaxError|ZodError/i
const isApi = (path: string): boolean =>
  /^\/+(api|auth)(\/|$|\?|%|;)/i.test(path) && !/^\/+(api|auth)[%;]/i.test(path)

/** The v1-v3 resources speak XML, but for a few. */
const isLegacy = (path: string): boolean =>
  /^\/+(api\/v[123](\/|$|\?)|users\.xml($|\?)|users\/[^/]+\.xml($|\?))/i.test(path)

function expectLegacyShape(method: string, { status, headers, text }: RawAnswer): void {
  expect(headers['cache-control']).toBe('no-store')
  expect(headers['set-cookie']).toBeUndefined()
  expect(headers['content-type']).toMatch(/^application\/(xml|json); charset=utf-8$/)
  if (method === 'HEAD' || text === '') return
  if (headers['content-type']!.includes('json')) expect(JSON.parse(text).status.code).toBe(status)
  else
    expect(text).toMatch(
      status < 400 ? /^<(users?|roles?|groups?|events?|custom_attributes|response)[ >]/ : /^<errors?>/,
    )
}

function expectShape(
  { route, request }: Shot,
  documented: Documented,
  { status, headers, text }: RawAnswer,
): void {
  expect(status).toBeGreaterThanOrEqual(200)
  expect(status).toBeLessThan(500)
  expect(text).not.toMatch(OUR_INSIDES)
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['x-powered-by']).toBeUndefined()
  const type = headers['content-type'] ?? ''
  if (isLegacy(request.path)) return expectLegacyShape(request.method!, { status, headers, text })
  if (isApi(request.path)) {
    if (status !== 204) expect(type).toBe('application/json; charset=utf-8')
    if (!KEPT.includes(route.path)) expect(headers['cache-control']).toBe('no-store')
    expect(headers['set-cookie']).toBeUndefined()
    if (request.method !== 'HEAD') expectApiShape(request.path, status, text)
    documented(request, status, text)
    return
  }
  if (OTHER_SHAPES.includes(route.path)) return
  expect(headers['cache-control']).toBe('no-store')
  if (status === 204) expect(text).toBe('')
  else if (status === 303) expect(headers.location).toMatch(/^\/(?!\/)/)
  else if (
    route.path === '/session_via_api_token' &&
    /^application\/json/i.test(asText(request.headers?.['content-type'] ?? ''))
  )
    expect(type).toMatch(/^(application\/json|text\/html)/)
  else expect(type).toBe('text/html; charset=utf-8')
}

/** API 2 and the newer services of API 1 have no envelope. */
const isFlat = (path: string): boolean => /^\/+api\/(2|1\/privileges)(\/|$|\?)/i.test(path)

function expectApiShape(path: string, status: number, text: string): void {
  if (status === 204) return expect(text).toBe('')
  const json = JSON.parse(text)
  expect(json).toBeTypeOf('object')
  if (status < 400) return
  if (isFlat(path)) expect(Object.keys(json as object).sort()).toEqual(['message', 'name', 'statusCode'])
  else expect(json.status).toMatchObject({ error: true, code: status })
}

type Documented = (request: RawRequest, status: number, text: string) => void

/** Holds an answer against what the API's document says of the operation: its status, and the schema of that. */
function documentedBy(document: OpenApiDocument): Documented {
  const find = operationFinder(document)
  const validator = validators(document)
  return ({ method, path }, status, text) => {
    const operation = find(method ?? 'GET', path)
    if (!operation) return expect(status, `${method} ${path}`).toBe(404)
    const { operationId, responses } = operation
    expect(Object.keys(responses), `${operationId}: ${text}`).toContain(String(status))
    const schema = responses[status]?.content?.['application/json']?.schema
    if (schema === undefined || method === 'HEAD') return
    const isDocumented = validator(schema)
    isDocumented(JSON.parse(text))
    expect(isDocumented.errors ?? [], `${operationId} ${status}: ${text}`).toEqual([])
  }
}

type Proof = Record<string, string>

/** A bearer, an API key and a signed-in browser, so that what lies behind the guards is reached too. */
async function proofsOf(app: TestApp): Promise<Proof[]> {
  const key = Buffer.from(`${await legacyKeyOf(app)}:x`).toString('base64')
  return [
    { authorization: `bearer:${await app.token()}` },
    { authorization: `Basic ${key}` },
    { cookie: `doorward=${await sessionOf(app)}` },
  ]
}

async function sessionOf(app: TestApp): Promise<string> {
  const browser = app.browser()
  const login = await browser.tab().open(`${app.url}/login`)
  await login.form().fill({ login: 'bob', password: PASSWORDS.bob }).submit()
  return browser.cookies.get(app.url, 'doorward')!
}

/** `FC_SEED=…` repeats a run that failed. */
const seed = process.env.FC_SEED === undefined ? {} : { seed: Number(process.env.FC_SEED) }

describe('Whatever is sent to any route,', () => {
  inEveryWorld(
    (app) => {
      let proofs: Proof[]
      beforeAll(async () => {
        proofs = await proofsOf(app())
      })

      test('the answer is no fault of ours, in the shape of its door, and tells nothing of our insides', async () => {
        const routes = mountedRoutes(app().ctx)
        expect(routes.length).toBeGreaterThan(25)
        const documented = documentedBy(await documentOf(app()))
        const property = fc.asyncProperty(shots(routes, proofs), async (shot) => {
          expectShape(shot, documented, await raw(app(), shot.request))
        })
        await fc.assert(property, { numRuns: RUNS, endOnFailure: true, ...seed })
        expect(app().log()).not.toContain('request failed')
      }, 60_000)
    },
    { env: LEGACY },
  )
})
