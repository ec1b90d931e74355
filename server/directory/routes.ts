import type { ApiRoute } from '../http/endpoint.ts'
import { embedRoutes, type EmbedDeps } from './embed-routes.ts'
import { inviteRoutes, type InviteRouteDeps } from './invite-routes.ts'
import { listsRoutes, type ListDeps } from './lists-routes.ts'
import { privilegesRoutes, type PrivilegeDeps } from './privileges-routes.ts'
import { rolesV2Routes, type RoleV2Deps } from './roles-v2-routes.ts'
import { readUsersRoutes, type ReadUsersDeps } from './users-routes.ts'
import { writeUsersRoutes, type WriteUsersDeps } from './users-write-routes.ts'

/** The directory as programs read and manage it. */
export const directoryRoutes = (
  d: ReadUsersDeps & WriteUsersDeps & ListDeps & RoleV2Deps & PrivilegeDeps & EmbedDeps & InviteRouteDeps,
): ApiRoute[] => [
  ...readUsersRoutes(d),
  ...writeUsersRoutes(d),
  ...listsRoutes(d),
  ...rolesV2Routes(d),
  ...privilegesRoutes(d),
  ...embedRoutes(d),
  ...inviteRoutes(d),
]
