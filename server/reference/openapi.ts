/** The API's document (OpenAPI 3.1), made from the routes that serve the requests. */
import type { ApiRoute } from '../http/endpoint.ts'
import { REFUSAL_SCHEMAS } from '../http/api-schema.ts'
import { refusalShapeAt } from '../http/api-wire.ts'
import { GROUPS, type Answer } from '../http/operation.ts'
import { schemaWriter, type JsonSchema, type SchemaWriter } from './json-schema.ts'
import { refusalsOf, type Refusal } from './refusals.ts'

export const OPENAPI_PATH = '/api/1/openapi.json'

const ABOUT = `The API /1 of OneLogin as Doorward speaks it, and what SDKs call of API /2. Unmodified OneLogin clients work against it; only \
their base address changes.

1. Get an API credential: the first start prints one, and \`doorward import\` makes more.
2. Trade its id and secret for an access token: \`POST /auth/oauth2/v2/token\`.
3. Send that with every call as \`Authorization: bearer:<access token>\`. It lives for ten hours.

Answers of version 1 lie in an envelope: \`status\` says how it went, \`data\` is a list even where there is one, and an empty list is \
\`[[]]\`. Times are UTC. Every answer counts down \`X-RateLimit-Remaining\`.`

/** \`/users/:id\` as OpenAPI writes it. */
const toTemplate = (path: string): string => path.replace(/:(\w+)/g, '{$1}')

const json = (schema: JsonSchema, examples: JsonSchema): JsonSchema => ({
  'application/json': { schema, ...(Object.keys(examples).length > 0 && { examples }) },
})

function parametersOf(write: SchemaWriter, { input, doc }: ApiRoute): JsonSchema[] {
  const parts = [
    ['path', input.params, doc.example.params],
    ['query', input.query, doc.example.query],
  ] as const
  return parts.flatMap(([where, schema, example = {}]) => {
    if (!schema) return []
    const { properties = {}, required = [] } = write(schema, 'input') as {
      properties?: Record<string, JsonSchema>
      required?: string[]
    }
    return Object.entries(properties).map(([name, { description, ...of }]) => ({
      name,
      in: where,
      required: where === 'path' || required.includes(name),
      ...(description !== undefined && { description }),
      schema: of,
      ...(Object.hasOwn(example, name) && { example: example[name] }),
    }))
  })
}

function requestBodyOf(write: SchemaWriter, { input, doc }: ApiRoute): JsonSchema {
  if (!input.body) return {}
  const examples = { example: { value: doc.example.body } }
  return { requestBody: { required: true, content: json(write(input.body, 'input'), examples) } }
}

const unionOf = (schemas: readonly JsonSchema[]): JsonSchema =>
  schemas.length === 1 ? schemas[0]! : { anyOf: schemas }

/** The answers under one status: a choice of schemas, an example of each. */
function answersAs(write: SchemaWriter, answers: readonly Answer[]): JsonSchema {
  const schemas = answers.flatMap(({ schema }) => (schema ? [write(schema, 'output')] : []))
  const examples = answers.map(({ means, example }, index) => [
    `answer${index + 1}`,
    { summary: means, value: example },
  ])
  const description = answers.map(({ means }) => means).join(' Or: ')
  if (schemas.length === 0) return { description }
  const type = answers[0]?.type
  const content = json(unionOf(schemas), Object.fromEntries(examples) as JsonSchema)
  return { description, content: type ? { [type]: content['application/json'] } : content }
}

function refusalsAs(schema: JsonSchema, refusals: readonly Refusal[]): JsonSchema {
  const examples = refusals.map(({ code, name }) => [code, { $ref: `#/components/examples/${name}` }])
  return {
    description: refusals.map(({ when }) => `- ${when}`).join('\n'),
    content: json(schema, Object.fromEntries(examples) as JsonSchema),
  }
}

/** In order of first appearance; `Map.groupBy` is not in Node 20. */
function byStatus<T extends { status?: number }>(items: readonly T[]): [status: number, items: T[]][] {
  const groups = new Map<number, T[]>()
  for (const item of items) {
    const { status = 200 } = item
    groups.set(status, [...(groups.get(status) ?? []), item])
  }
  return [...groups]
}

/** Every refusal that the API knows, once. */
const refusalExamples = (routes: readonly ApiRoute[]): Record<string, JsonSchema> =>
  Object.fromEntries(
    routes.flatMap(refusalsOf).map(({ name, when, body }) => [name, { summary: when, value: body }]),
  )

/** What leaves, by status. */
function responsesOf(write: SchemaWriter, route: ApiRoute): JsonSchema {
  const shape = write(REFUSAL_SCHEMAS[refusalShapeAt(route.paths[0]!)], 'output')
  return Object.fromEntries([
    ...byStatus(route.doc.answers).map(([status, of]) => [status, answersAs(write, of)]),
    ...byStatus(refusalsOf(route)).map(([status, of]) => [status, refusalsAs(shape, of)]),
  ]) as JsonSchema
}

const BEARER = { accessToken: [] }
const CLIENT = { clientSecret: [] }

function operationOf(write: SchemaWriter, route: ApiRoute, spelling: number): JsonSchema {
  const { doc, guard } = route
  const needs = guard.scopes && `Scopes: ${guard.scopes.map((scope) => `\`${scope}\``).join(', ')}.`
  const privilege = guard.action && `Privilege, for a credential that somebody owns: \`${guard.action}\`.`
  const other = spelling > 0 ? `Another spelling of \`${toTemplate(route.paths[0]!)}\`.` : undefined
  const parameters = parametersOf(write, route)
  return {
    operationId: spelling === 0 ? doc.id : `${doc.id}Spelling${spelling + 1}`,
    tags: [doc.group],
    summary: doc.summary,
    description: [doc.description, other, needs, privilege].filter((text) => text !== undefined).join('\n\n'),
    ...(spelling > 0 && { deprecated: true }),
    security: guard.scopes ? [BEARER] : doc.byClientSecret ? [CLIENT] : [],
    ...(guard.scopes && { 'x-scopes': guard.scopes }),
    ...(guard.action && { 'x-privilege': guard.action }),
    ...(parameters.length > 0 && { parameters }),
    ...requestBodyOf(write, route),
    responses: responsesOf(write, route),
  }
}

export interface OpenApiDocument {
  paths: Record<string, Record<string, JsonSchema>>
  components: Record<'schemas' | 'examples' | 'securitySchemes', Record<string, JsonSchema>>
  [key: string]: unknown
}

/** @throws when two operations have one id */
export function openApiDocument(routes: readonly ApiRoute[]): OpenApiDocument {
  const ids = new Set(routes.map(({ doc }) => doc.id))
  if (ids.size !== routes.length) throw new Error('two operations of the API have one id')
  const schemas: Record<string, JsonSchema> = {}
  const write = schemaWriter(schemas)
  const paths: OpenApiDocument['paths'] = {}
  for (const route of routes) {
    for (const [spelling, path] of route.paths.entries()) {
      const at = (paths[toTemplate(path)] ??= {})
      at[route.method] = operationOf(write, route, spelling)
    }
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Doorward API',
      version: '1',
      summary: 'Sign-in, second factors and the directory.',
      description: ABOUT,
    },
    servers: [{ url: '/', description: 'Where this document was found.' }],
    tags: Object.entries(GROUPS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      schemas,
      examples: refusalExamples(routes),
      securitySchemes: {
        accessToken: { type: 'http', scheme: 'bearer', description: 'An access token of an API credential.' },
        clientSecret: { type: 'http', scheme: 'basic', description: 'Id and secret of an API credential.' },
      },
    },
  }
}
