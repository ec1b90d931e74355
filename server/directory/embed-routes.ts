import { z } from 'zod'
import { endpoint, type ApiRoute } from '../http/endpoint.ts'
import { open } from '../http/guards.ts'
import type { Reply } from '../http/reply.ts'
import { sameSecret, sha256 } from '../platform/master-key.ts'
import { element, shownText, type Xml } from '../saml/xml.ts'
import type { AccountStore } from './account-store.ts'
import type { AppStore } from './app-store.ts'
import { toUserApp } from './app-wire.ts'
import { APP_OPERATIONS } from './lists-operations.ts'
import type { UserStore } from './user-store.ts'
import { loginKey, USER_STATE, USER_STATUS, type User } from './user.ts'

export interface EmbedDeps {
  account: Pick<AccountStore, 'embedTokenHash'>
  users: Pick<UserStore, 'findByLogin'>
  apps: Pick<AppStore, 'listForRoles'>
  /** The address of a company's picture by its file name, empty when there is none. */
  pictureOf(file: string | null): string
}

const xmlReply = (body: string): Reply => ({ body, type: 'text/xml' })
/** One answer for a bad token, a person nobody knows and a person without apps. */
const NO_APPS = xmlReply('<apps />')

/** The active person with this e-mail; a username is none. */
async function personOf({ users }: EmbedDeps, email: string): Promise<User | undefined> {
  const user = await users.findByLogin(email)
  const isTheirs = user !== undefined && loginKey(user.email) === loginKey(email)
  const mayUse = user?.status === USER_STATUS.active && user.state === USER_STATE.approved
  return isTheirs && mayUse ? user : undefined
}

const field = (name: string, value: string | number | boolean | null): Xml =>
  element(name, {}, shownText(String(value ?? '')))

const toXml = (app: ReturnType<typeof toUserApp>): Xml =>
  element(
    'app',
    {},
    field('id', app.id),
    field('icon', app.icon),
    field('name', app.name),
    field('provisioned', 0),
    field('extension_required', app.extension),
    field('personal', app.personal),
    field('login_id', app.login_id),
  )

/** A part of the query that is missing, or comes twice, is as good as a wrong one. */
const part = z.string().catch('')

const getEmbedApps = (d: EmbedDeps) =>
  endpoint({
    method: 'get',
    path: '/client/apps/embed2',
    guard: open, // the account's embed token proves the caller, and a wrong one is answered, not refused
    doc: APP_OPERATIONS.getEmbedApps,
    input: { query: z.looseObject({ token: part.describe('The embed token of the account.'), email: part }) },
    async handle({ query }, { request }) {
      const expected = await d.account.embedTokenHash()
      const isRight = sameSecret(expected ?? '', sha256(query.token))
      const user = isRight ? await personOf(d, query.email) : undefined
      const apps = user ? await d.apps.listForRoles(user.roleIds) : []
      const shown = apps.filter((app) => app.visible)
      if (shown.length === 0) return NO_APPS
      const items = shown.map((app) => toXml(toUserApp(app, request.ownOrigin(), d.pictureOf(app.icon))))
      return xmlReply(element('apps', {}, ...items))
    },
  })

/** A person's apps for other sites to show, as OneLogin's SDKs ask for them. */
export const embedRoutes = (d: EmbedDeps): ApiRoute[] => [getEmbedApps(d)]
