import type { Route } from '../http/endpoint.ts'
import type { RequestFacts } from '../http/request.ts'
import { legacyEventRoutes, type LegacyEventDeps } from './events-routes.ts'
import { legacyInviteRoutes, type LegacyInviteDeps } from './invites-routes.ts'
import { namedListRoutes, type NamedListDeps } from './lists-routes.ts'
import { legacySignInRoutes, type LegacySignInDeps } from './sign-in-routes.ts'
import { readPeopleRoutes } from './users-routes.ts'
import { writePeopleRoutes, type WritePeopleDeps } from './users-write-routes.ts'

/**
 * OneLogin's deprecated v1-v3 resources: a skin over the directory, events and signing in, with no rule of its own.
 * Paths are written as `/api/v3/…` without `.xml`; `http/legacy-surface.ts` leads every spelling there.
 */
export const legacyRoutes = (
  d: WritePeopleDeps & NamedListDeps & LegacyEventDeps & LegacySignInDeps & LegacyInviteDeps,
): Route<RequestFacts>[] => [
  ...readPeopleRoutes(d),
  ...writePeopleRoutes(d),
  ...namedListRoutes(d),
  ...legacyEventRoutes(d),
  ...legacySignInRoutes(d),
  ...legacyInviteRoutes(d),
]
