import { z } from 'zod'
import { endOwnSession, endOwnSessions, type EndDeps } from '../broker/grants.ts'
import type { EventStore } from '../events/event-store.ts'
import { profileUpdated } from '../events/events.ts'
import { availableFactors } from '../factors/enrolment.ts'
import { FACTORS, type FactorKind } from '../factors/factor-kind.ts'
import { recoveryCodesLeft } from '../factors/recovery-codes.ts'
import { endpoint, type Route } from '../http/endpoint.ts'
import { pageText } from '../http/page-input.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import { knownLanguage } from '../language/language.ts'
import { deviceOf } from '../signin/device-name.ts'
import type { RememberedBrowserStore } from '../signin/remembered-browser-store.ts'
import { forgetBrowsers } from '../signin/remembered-browsers.ts'
import { signedIn, type SessionCheckDeps, type SignedInPerson } from '../signin/signed-in.ts'
import { ACCOUNT_NOTICES, accountView, type AccountFacts } from './account-view.ts'
import { activityOf } from './activity.ts'
import { activityView } from './activity-view.ts'
import type { FactorDeps } from './factors.ts'
import { endSession, signOutElsewhere, type SessionDeps } from './sessions.ts'

export type AccountPageDeps = SessionCheckDeps &
  SessionDeps &
  FactorDeps &
  EndDeps & { events: Pick<EventStore, 'list'>; remembered: Pick<RememberedBrowserStore, 'list'> }

/** What the overview shows of recent activity; the rest has a page of its own. */
const LATEST = 5
const PER_PAGE = 25

async function factorFacts(d: AccountPageDeps, { user }: SignedInPerson) {
  const own = await d.authenticators.listForUser(user.id)
  const offered = await availableFactors(d, user)
  const isBackup = (kind: FactorKind) => FACTORS[kind].standing === 'backup'
  const hintOf = (one: (typeof own)[number]) => d.factors[one.factor].hint(user, one)
  const factors = own
    .filter(({ factor }) => !isBackup(factor))
    .map((one) => ({
      id: one.id,
      kind: one.factor,
      label: one.label,
      hint: hintOf(one),
      isDefault: one.isDefault,
    }))
  const codesLeft = factors.length === 0 ? null : await recoveryCodesLeft(d, user.id)
  return { factors, codesLeft, mayAdd: offered.some((kind) => !isBackup(kind)) }
}

async function sessionFacts(
  d: AccountPageDeps,
  request: PageRequest,
  { user }: SignedInPerson,
): Promise<AccountFacts['sessions']> {
  const listed = await d.sessionList.list(user.id, user.sessionEpoch)
  const withDevice = async (one: (typeof listed)[number]) => ({
    ...one,
    device: await deviceOf(one.from?.userAgent ?? ''),
  })
  return {
    sessions: await Promise.all(listed.map(withDevice)),
    currentId: request.sessionId,
    now: d.clock(),
  }
}

async function rememberedFacts(
  d: AccountPageDeps,
  { user }: SignedInPerson,
): Promise<AccountFacts['remembered']> {
  const all = await d.remembered.list(user.id, user.sessionEpoch, d.clock())
  return Promise.all(all.map(async (one) => ({ ...one, device: await deviceOf(one.userAgent) })))
}

const showAccount = (d: AccountPageDeps) =>
  endpoint({
    method: 'get',
    path: '/account',
    guard: signedIn(d),
    input: {
      query: z.looseObject({ notice: z.enum(ACCOUNT_NOTICES).optional().catch(undefined) }),
    },
    async handle({ query }, { caller, request }) {
      const { user } = caller
      const { items } = await activityOf(d, user.id, LATEST)
      const view = accountView({
        page: request.page(),
        person: user,
        notice: query.notice,
        chosenLanguage: knownLanguage(user.preferredLocaleCode),
        passwordChangedAt: user.passwordChangedAt,
        ...(await factorFacts(d, caller)),
        sessions: await sessionFacts(d, request, caller),
        remembered: await rememberedFacts(d, caller),
        commandLines: await d.brokerSessions.list(user.id, d.clock()),
        events: items,
      })
      return { page: 'account/account.njk', view }
    },
  })

/** Empty: whatever the browser asks for. The address says it too, since that is what pages go by first. */
const postLanguage = (d: AccountPageDeps) =>
  endpoint({
    method: 'post',
    path: '/account/language',
    guard: signedIn(d),
    input: { body: z.looseObject({ locale: pageText(35) }) },
    async handle({ body }, { caller: { user }, request }) {
      const code = knownLanguage(body.locale)
      const preferredLocaleCode = code ?? null
      if (preferredLocaleCode !== user.preferredLocaleCode)
        await d.transact(async ({ userDirectory, events }) => {
          await userDirectory.update(user.id, { preferredLocaleCode, updatedAt: d.clock() })
          await events.append(profileUpdated(originOf(request), user, 'preferred_locale_code'))
        })
      return { redirect: `/account?notice=language_kept${code === undefined ? '' : `&locale=${code}`}` }
    },
  })

const postEndSession = (d: AccountPageDeps) =>
  endpoint({
    method: 'post',
    path: '/account/sessions/end',
    guard: signedIn(d),
    input: { body: z.looseObject({ session: pageText(64) }) },
    async handle({ body: { session = '' } }, { caller: { user }, request }) {
      const ended = await endSession(d, user, session, originOf(request))
      if (ended && session === request.sessionId) return { redirect: '/login?notice=signed_out' }
      return { redirect: `/account?notice=${ended ? 'session_ended' : 'session_gone'}#sessions` }
    },
  })

const postEndOthers = (d: AccountPageDeps) =>
  endpoint({
    method: 'post',
    path: '/account/sessions/end-others',
    guard: signedIn(d),
    async handle(_input, { caller, request }) {
      const start = await signOutElsewhere(d, caller, request.sessionId, originOf(request))
      return { redirect: '/account?notice=signed_out_elsewhere#sessions', session: { start } }
    },
  })

/** Without a name: in all of them. */
const postAskAgain = (d: AccountPageDeps) =>
  endpoint({
    method: 'post',
    path: '/account/remembered/forget',
    guard: signedIn(d),
    input: { body: z.looseObject({ browser: pageText(20) }) },
    async handle({ body: { browser } }, { caller: { user }, request }) {
      const which = browser === undefined ? 'all' : { id: Number(browser) || 0 }
      const done = await forgetBrowsers(d, user, which, originOf(request))
      return { redirect: `/account${done ? '?notice=browser_forgotten' : ''}#remembered` }
    },
  })

/** Without a name: all of them. */
const postEndCommandLine = (d: AccountPageDeps) =>
  endpoint({
    method: 'post',
    path: '/account/command-lines/end',
    guard: signedIn(d),
    input: { body: z.looseObject({ session: pageText(20) }) },
    async handle({ body: { session } }, { caller: { user }, request }) {
      const origin = originOf(request)
      const ended =
        session === undefined
          ? (await endOwnSessions(d, user, origin)) > 0
          : await endOwnSession(d, user, Number(session) || 0, origin)
      return { redirect: `/account?notice=${ended ? 'command_line_ended' : 'command_line_gone'}` }
    },
  })

const showActivity = (d: AccountPageDeps) =>
  endpoint({
    method: 'get',
    path: '/account/activity',
    guard: signedIn(d),
    input: {
      query: z.looseObject({ after: z.coerce.number().int().positive().optional().catch(undefined) }),
    },
    async handle({ query: { after } }, { caller: { user }, request }) {
      const found = await activityOf(d, user.id, PER_PAGE, after)
      const view = activityView({
        page: request.page(),
        person: user,
        events: found.items,
        olderThan: found.after?.id,
      })
      return { page: 'account/activity.njk', view }
    },
  })

/** What a person sees of their account, and the sessions they can end. */
export const accountPageRoutes = (d: AccountPageDeps): Route<PageRequest>[] => [
  showAccount(d),
  postLanguage(d),
  postEndSession(d),
  postEndOthers(d),
  postAskAgain(d),
  postEndCommandLine(d),
  showActivity(d),
]
