import { z } from 'zod'
import type { AppStore } from '../directory/app-store.ts'
import { displayName } from '../directory/user.ts'
import type { EventStore } from '../events/event-store.ts'
import { signedOutOfPortal } from '../events/events.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { open as anybody } from '../http/guards.ts'
import { pageText } from '../http/page-input.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import { personOf, signedIn, type SessionCheckDeps } from '../signin/signed-in.ts'
import type { Transact } from '../stores.ts'
import { recentApps } from './activity.ts'
import { homeView } from './home-view.ts'
import { logoutView } from './logout-view.ts'

type AccountDeps = SessionCheckDeps & {
  apps: Pick<AppStore, 'listForRoles'>
  events: Pick<EventStore, 'list'>
  transact: Transact
}

const home = (d: AccountDeps) =>
  endpoint({
    method: 'get',
    path: '/',
    guard: signedIn(d),
    input: { query: z.looseObject({ q: pageText(200).catch(undefined) }) },
    async handle({ query: { q } }, { caller: { user }, request }) {
      const apps = (await d.apps.listForRoles(user.roleIds)).filter(({ visible }) => visible)
      const view = homeView({
        page: request.page(),
        person: user,
        recent: await recentApps(d, user.id),
        query: q,
        apps: apps.map(({ id, name, icon }) => ({ id, name, icon: request.picture(icon) })),
      })
      return { page: 'account/home.njk', view }
    },
  })

const showLogout = (d: AccountDeps) =>
  endpoint({
    method: 'get',
    path: '/logout',
    guard: anybody,
    async handle(_input, { request }: { request: PageRequest; caller: undefined }) {
      const person = await personOf(d, request.session)
      if (!person) return { redirect: '/login' }
      const view = logoutView({ page: request.page(), person: displayName(person.user) })
      return { page: 'account/logout.njk', view }
    },
  })

const postLogout = (d: AccountDeps) =>
  endpoint({
    method: 'post',
    path: '/logout',
    guard: signedIn(d),
    async handle(_input, { caller, request }) {
      await d.transact(({ events }) => events.append(signedOutOfPortal(originOf(request), caller.user)))
      return { redirect: '/login?notice=signed_out', session: 'end' as const }
    },
  })

/** What a signed-in person finds about themselves: their apps, and the way out. */
export const accountRoutes = (d: AccountDeps): Route<PageRequest>[] => [home(d), showLogout(d), postLogout(d)]
