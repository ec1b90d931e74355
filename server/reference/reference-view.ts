import { pageView, type PageFacts, type PageView } from '../branding/page.ts'
import type { ApiRoute } from '../http/endpoint.ts'
import { GROUPS } from '../http/operation.ts'

interface OperationView {
  method: string
  path: string
  summary: string
  /** Who may call. */
  needs: string
}

interface GroupView {
  name: string
  anchor: string
  text: string
  operations: OperationView[]
}

/** All that `views/reference/reference.njk` may read. The page is for programmers, and in English as the API is. */
export interface ReferenceView extends PageView {
  document: string
  /** The library that shows the document to browsers with scripts. */
  library: { script: string; style: string }
  origin: string
  groups: readonly GroupView[]
}

function needsOf({ guard, doc }: ApiRoute): string {
  if (guard.scopes) return guard.scopes.join(', ')
  return doc.byClientSecret ? 'Client id and secret' : 'No token'
}

/** The operations of the API by chapter, each under every spelling of its address. */
export const groupsOf = (routes: readonly ApiRoute[]): GroupView[] =>
  Object.entries(GROUPS).flatMap(([name, text]) => {
    const own = routes.filter(({ doc }) => doc.group === name)
    const operations = own.flatMap((route) =>
      route.paths.map((path) => ({
        method: route.method.toUpperCase(),
        path,
        summary: route.doc.summary,
        needs: needsOf(route),
      })),
    )
    const anchor = name.toLowerCase().replace(/[^a-z0-9]+/g, '-')
    return operations.length === 0 ? [] : [{ name, anchor, text, operations }]
  })

interface ReferenceFacts {
  page: PageFacts
  document: string
  library: ReferenceView['library']
  origin: string
  groups: readonly GroupView[]
}

export const referenceView = ({ page, ...facts }: ReferenceFacts): ReferenceView => ({
  ...pageView(page, 'API reference'),
  lang: 'en',
  dir: 'ltr',
  ...facts,
})
