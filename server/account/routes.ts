import type { AppStore } from '../directory/app-store.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import type { PageRequest } from '../http/request.ts'
import { signedIn, type SessionCheckDeps } from '../signin/signed-in.ts'
import { homeView } from './home-view.ts'

type HomeDeps = SessionCheckDeps & { apps: Pick<AppStore, 'listForRoles'> }

const home = (d: HomeDeps) =>
  endpoint({
    method: 'get',
    path: '/',
    guard: signedIn(d),
    async handle(_input, { caller: { user }, request }) {
      const apps = (await d.apps.listForRoles(user.roleIds)).filter(({ visible }) => visible)
      const view = homeView({
        page: request.page(),
        person: user,
        apps: apps.map(({ id, name, icon }) => ({ id, name, icon: request.picture(icon) })),
      })
      return { page: 'account/home.njk', view }
    },
  })

/** What a signed-in person finds about themselves: their apps. */
export const accountRoutes = (d: HomeDeps): Route<PageRequest>[] => [home(d)]
