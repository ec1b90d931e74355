import { z } from 'zod'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import { open } from '../http/guards.ts'
import { operations } from '../http/operation.ts'
import { OPENAPI_PATH, openApiDocument } from './openapi.ts'

const OPERATIONS = operations('This document', {
  getOpenApi: {
    summary: 'Get this document',
    description: 'OpenAPI 3.1, for generators of clients and for tools. No token is asked for.',
    example: {},
    answers: [
      {
        means: 'The document.',
        schema: z.looseObject({ openapi: z.literal('3.1.0') }),
        example: { openapi: '3.1.0', info: { title: 'Doorward API', version: '1' }, paths: {} },
      },
    ],
    refusals: [],
  },
})

const getOpenApi = (document: () => string) =>
  endpoint({
    method: 'get',
    path: OPENAPI_PATH,
    guard: open, // it tells nothing of the account
    doc: OPERATIONS.getOpenApi,
    async handle() {
      return {
        body: document(),
        type: 'application/json',
        headers: { 'Cache-Control': 'public, max-age=300' },
      }
    },
  })

/** The routes of the API, and one more that describes them all. The document is made when it is first asked for. */
export function describedRoutes(routes: readonly ApiRoute[]): ApiRoute[] {
  let made: string | undefined
  const all: ApiRoute[] = [...routes, getOpenApi(() => (made ??= JSON.stringify(openApiDocument(all))))]
  return all
}
