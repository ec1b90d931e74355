import type { Route } from '../http/endpoint.ts'
import type { RequestFacts } from '../http/request.ts'
import { listsRoutes, type ListDeps } from './lists-routes.ts'
import { readUsersRoutes, type ReadUsersDeps } from './users-routes.ts'
import { writeUsersRoutes, type WriteUsersDeps } from './users-write-routes.ts'

/** The directory as programs read and manage it. */
export const directoryRoutes = (d: ReadUsersDeps & WriteUsersDeps & ListDeps): Route<RequestFacts>[] => [
  ...readUsersRoutes(d),
  ...writeUsersRoutes(d),
  ...listsRoutes(d),
]
