import { endpoint, type ApiRoute, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import type { LibraryAddresses } from '../http/library-files.ts'
import type { PageRequest } from '../http/request.ts'
import { OPENAPI_PATH } from './openapi.ts'
import { groupsOf, referenceView } from './reference-view.ts'

interface ReferenceDeps {
  api: readonly ApiRoute[]
  library(): Promise<LibraryAddresses>
}

/** The document of the API as a page: a plain list of the operations, and Swagger UI in its place where scripts run. */
export function referenceRoutes(d: ReferenceDeps): Route<PageRequest>[] {
  const groups = groupsOf(d.api)
  return [
    endpoint({
      method: 'get',
      path: '/docs',
      guard: anybody,
      async handle(_input, { request }: { request: PageRequest; caller: undefined }) {
        const view = referenceView({
          page: request.page(),
          document: OPENAPI_PATH,
          library: await d.library(),
          origin: request.ownOrigin(),
          groups,
        })
        return { page: 'reference/reference.njk', view }
      },
    }),
  ]
}
