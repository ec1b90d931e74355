import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { OPENAPI_PATH, type OpenApiDocument } from '../../server/reference/openapi.ts'
import type { TestApp } from '../support/app.ts'

export const METHODS = ['get', 'post', 'put', 'delete'] as const

export interface Parameter {
  name: string
  in: 'path' | 'query'
  required: boolean
  schema: object
  example?: unknown
}
type Examples = Record<string, { summary?: string; value?: unknown; $ref?: string }>
export type Content = Record<string, { schema: object; examples?: Examples }>

/** An operation of the document, as a reader of JSON finds it. */
export interface Operation {
  method: string
  path: string
  operationId: string
  tags: string[]
  summary: string
  description: string
  security: Record<string, string[]>[]
  'x-scopes'?: string[]
  parameters?: Parameter[]
  requestBody?: { content: Content }
  responses: Record<string, { description: string; content?: Content }>
}

export async function documentOf(app: TestApp): Promise<OpenApiDocument> {
  return (await app.call('GET', OPENAPI_PATH)).json as OpenApiDocument
}

export const operationsOf = ({ paths }: OpenApiDocument): Operation[] =>
  Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      ...(operation as unknown as Operation),
      method,
      path,
    })),
  )

/** `/users/{id}` as Express writes it. */
export const toRoutePath = (path: string): string => path.replace(/\{(\w+)\}/g, ':$1')

export const bodyOf = (content: Content | undefined): { schema: object; examples?: Examples } | undefined =>
  Object.values(content ?? {})[0]

/** Finds the operation that a request reaches, as the server matches addresses: first come, first served. */
export function operationFinder(document: OpenApiDocument) {
  const known = operationsOf(document).map((operation) => {
    const pattern = operation.path.replace(/[.]/g, '\\.').replace(/\{\w+\}/g, '[^/]+')
    return { operation, pattern: new RegExp(`^/+${pattern.slice(1)}/?$`, 'i') }
  })
  return (method: string, target: string): Operation | undefined => {
    const [path = ''] = target.split('?', 1)
    const verb = method === 'HEAD' ? 'get' : method.toLowerCase()
    return known.find(({ operation, pattern }) => operation.method === verb && pattern.test(path))?.operation
  }
}

/** Compiles schemas of the document, each once. */
export function validators({ components }: OpenApiDocument): (schema: object) => ValidateFunction {
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateFormats: false })
  ajv.addSchema({ $id: 'doc:/document', components })
  const made = new Map<object, ValidateFunction>()
  const absolute = (schema: object): object =>
    JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"doc:/document#/components/')) as object
  return (schema) => {
    const known = made.get(schema) ?? ajv.compile(absolute(schema))
    made.set(schema, known)
    return known
  }
}
