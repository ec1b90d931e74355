import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { OpenApiDocument } from '../../server/reference/openapi.ts'
import { startApp, WORLDS, type TestApp, type World } from '../support/app.ts'
import { aBrokerSession } from '../broker/broker-session-store.contract.ts'
import { CLIENTS, company } from '../support/people.ts'
import { bodyOf, documentOf, operationsOf, validators, type Operation } from './document.ts'

let app: TestApp
let document: OpenApiDocument
let token: string

/** What the examples call `3f2a9c1e-…` is made here with an id of its own. */
const PRIVILEGE = /3f2a9c1e-5b7d-4e8a-9f00-1c2d3e4f5a6b/g
let privilegeId: string

const start = (world: World) => async () => {
  const document_ = company()
  const users = document_.users?.map((user) =>
    user.id === 8 ? { ...user, password: 'quiet harbour 52' } : user,
  )
  app = await startApp({ world, document: { ...document_, ...(users && { users }) } })
  document = await documentOf(app)
  token = await app.token()
  const sent = exampleBody(operation('createPrivilege'))
  privilegeId = (await app.post('/api/1/privileges', sent, token)).json.id
  await app.post('/api/1/events', exampleBody(operation('createEvent')), token)
  for (const userId of [8, 8, 7]) await addBrokerSession(userId)
}

async function addBrokerSession(userId: number): Promise<void> {
  const now = app.clock.now()
  const { sessionEpoch } = (await app.ctx.users.find(userId))!
  await app.ctx.brokerSessions.add(aBrokerSession(userId, { epoch: sessionEpoch, now }))
}

const operation = (id: string): Operation => {
  const found = operationsOf(document).find(({ operationId }) => operationId === id)
  if (!found) throw new Error(`no operation ${id}`)
  return found
}
const exampleBody = ({ requestBody }: Operation): unknown =>
  bodyOf(requestBody?.content)?.examples?.example?.value

const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value))

/** Sends the request that the document shows. */
function send(one: Operation) {
  const given = (where: 'path' | 'query') =>
    (one.parameters ?? []).filter((each) => each.in === where && each.example !== undefined)
  const path = given('path').reduce(
    (at, { name, example }) => at.replace(`{${name}}`, asText(example)),
    one.path,
  )
  const query = new URLSearchParams(
    given('query').map(({ name, example }): [string, string] => [name, asText(example)]),
  )
  const address = `${path.replace(PRIVILEGE, privilegeId)}?${query.toString()}`
  const body = exampleBody(one)
  const { id, secret } = CLIENTS['Manage All']
  const [security = {}] = one.security
  return app.call(one.method.toUpperCase(), address, {
    headers: {
      ...('clientSecret' in security && { authorization: `Basic ${btoa(`${id}:${secret}`)}` }),
      ...('accessToken' in security && { authorization: `Bearer ${token}` }),
    },
    ...(body !== undefined && { body }),
  })
}

/** Where two answers differ in the names and kinds of what they hold. A list is known by its first item; null fits all. */
function differences(a: unknown, b: unknown, at = '$'): string[] {
  if (a === null || b === null) return []
  if (Array.isArray(a) && Array.isArray(b))
    return a.length > 0 && b.length > 0 ? differences(a[0], b[0], `${at}[0]`) : []
  if (typeof a !== typeof b || Array.isArray(a) !== Array.isArray(b)) return [at]
  if (typeof a !== 'object') return []
  const [left, right] = [a as Record<string, unknown>, b as Record<string, unknown>]
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((key) =>
    key in left && key in right ? differences(left[key], right[key], `${at}.${key}`) : [`${at}.${key}`],
  )
}

/** Those that need a token or a code which only the run itself brings forth. */
const NEED_A_SECRET = ['verifyFactor', 'verifyFactorSamlV1', 'verifyFactorSamlV2', 'verifyEnrolledFactor']

/** Changes come last, and what takes away after everything else, from the inside out. */
const order = ({ method }: Operation) => ['get', 'post', 'put', 'delete'].indexOf(method)

describe.each(WORLDS)('%s', (world) => {
  beforeAll(start(world))
  afterAll(() => app.close())

  test('every request that the document shows is answered as the document shows', async () => {
    const validator = validators(document)
    const asked = operationsOf(document)
      .filter(({ operationId }) => !NEED_A_SECRET.includes(operationId))
      .sort((a, b) => order(a) - order(b) || b.path.length - a.path.length)
    expect(asked.length).toBeGreaterThan(60)
    for (const one of asked) {
      const answer = await send(one)
      const what = `${one.operationId}: ${answer.text.slice(0, 600)}`
      const [status, usual] = Object.entries(one.responses)[0]!
      expect(answer.status, what).toBe(Number(status))
      const { schema, examples } = bodyOf(usual.content) ?? {}
      if (!schema || answer.json === undefined) continue
      const isDocumented = validator(schema)
      isDocumented(answer.json)
      expect(isDocumented.errors ?? [], what).toEqual([])
      if (one.operationId === 'getOpenApi') continue // its example is shortened
      expect(differences(answer.json, examples?.answer1?.value), what).toEqual([])
    }
  })
})
