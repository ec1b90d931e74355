import { validate } from '@readme/openapi-parser'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp } from '../../server/app.ts'
import { OPENAPI_PATH, openApiDocument, type OpenApiDocument } from '../../server/reference/openapi.ts'
import { endpoint } from '../../server/http/endpoint.ts'
import { open } from '../../server/http/guards.ts'
import { BEARER_ROUTES } from '../oauth/api-routes.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { mountedRoutes } from '../http/mounted-routes.ts'
import { bodyOf, documentOf, operationsOf, toRoutePath, validators, type Operation } from './document.ts'

let app: TestApp
let document: OpenApiDocument
let operations: Operation[]
beforeAll(async () => {
  app = await startApp()
  document = await documentOf(app)
  operations = operationsOf(document)
})
afterAll(() => app.close())

const named = ({ method, path }: { method: string; path: string }) =>
  `${method.toUpperCase()} ${toRoutePath(path)}`
const refusalStatuses = ({ responses }: Operation) =>
  Object.keys(responses).filter((status) => status >= '400')

describe('The document of the API', () => {
  test('is valid OpenAPI 3.1 in the eyes of an independent validator', async () => {
    expect(document.openapi).toBe('3.1.0')
    expect(await validate(structuredClone(document) as never)).toMatchObject({ valid: true })
  })

  test('is served to everybody, as JSON that may be kept for a while', async () => {
    const { status, headers } = await app.call('GET', OPENAPI_PATH)
    expect([status, headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8'])
    expect(headers.get('cache-control')).toBe('public, max-age=300')
  })

  test('has every route of the API that is mounted, and no other', () => {
    const mounted = mountedRoutes(app.ctx).filter(({ path }) => /^\/(api|auth|client)\//.test(path))
    expect(operations.map(named).sort()).toEqual(mounted.map(named).sort())
    expect(mounted.length).toBeGreaterThan(60)
  })

  test('says of every operation who may call it, what to send, what comes back and what is refused', () => {
    const poor = operations.filter((operation) => {
      const { summary, security, requestBody, parameters = [], responses } = operation
      const sent =
        requestBody === undefined || bodyOf(requestBody.content)?.examples?.example?.value !== undefined
      const placed = parameters.every((one) => one.in !== 'path' || one.example !== undefined)
      const good = Object.entries(responses).filter(([status]) => status < '300')
      const shown = good.every(
        ([status, { content }]) => status === '204' || bodyOf(content)?.examples !== undefined,
      )
      const refused = refusalStatuses(operation).every(
        (status) => bodyOf(responses[status]?.content)?.examples,
      )
      const guarded = Array.isArray(security) && (security.length > 0 || isOpen(operation))
      return !(
        summary &&
        sent &&
        placed &&
        good.length > 0 &&
        shown &&
        refused &&
        guarded &&
        refusalStatuses(operation).length > 0
      )
    })
    expect(poor.map(named)).toEqual([])
  })

  test('names the scopes that the guards ask for', () => {
    const scopesOf = new Map(operations.map((one) => [named(one), one['x-scopes']]))
    for (const { method, path, scopes } of BEARER_ROUTES) {
      expect(new Set(scopesOf.get(`${method} ${path}`)), `${method} ${path}`).toEqual(new Set(scopes))
    }
  })

  test('has examples that fit their own schemas', () => {
    const validator = validators(document)
    const faults = operations.flatMap(({ operationId, requestBody, responses }) =>
      [requestBody?.content, ...Object.values(responses).map(({ content }) => content)].flatMap((content) => {
        const { schema = {}, examples = {} } = bodyOf(content) ?? {}
        return Object.entries(examples).flatMap(([name, { value, $ref }]) => {
          const shared = document.components.examples[$ref?.split('/').at(-1) ?? '']
          const isFit = validator(schema)
          return isFit(shared ? shared.value : value) ? [] : [{ operationId, name, errors: isFit.errors }]
        })
      }),
    )
    expect(faults).toEqual([])
  })

  test('has examples of parameters that fit their own schemas', () => {
    const validator = validators(document)
    const faults = operations.flatMap(({ operationId, parameters = [] }) =>
      parameters
        .filter(({ schema, example }) => example !== undefined && !validator(schema)(example))
        .map(({ name }) => `${operationId}: ${name}`),
    )
    expect(faults).toEqual([])
  })

  test('refuses two operations of one name', () => {
    const doc = {
      id: 'twice',
      group: 'Apps',
      summary: '',
      example: {},
      refusals: [],
      answers: [{ means: '' }],
    } as const
    const route = endpoint({
      method: 'get',
      path: '/api/1/x',
      guard: open,
      doc,
      handle: async () => ({ empty: 204 }),
    })
    expect(() => openApiDocument([route, route])).toThrow('one id')
  })
})

/** Open to everybody, each for the reason that stands at its guard. */
const isOpen = ({ path }: Operation): boolean =>
  ['/api/1/events/types', OPENAPI_PATH, '/client/apps/embed2'].includes(path)

test('a document is made in a blink, and not before it is asked for', async () => {
  const startedAt = performance.now()
  createApp(app.ctx)
  const started = performance.now() - startedAt
  expect(started).toBeLessThan(1000)
})
