/** The pages of a sign-in, one for each step that it may stand at. */
import { oncePerBrand } from '../branding/page.ts'
import type { Authenticator } from '../factors/authenticator-store.ts'
import type { User } from '../directory/user.ts'
import { FACTORS, type FactorKind } from '../factors/factor-kind.ts'
import type { Shown } from '../factors/factor.ts'
import { recoveryCodesLeft } from '../factors/recovery-codes.ts'
import { newBrowserSession } from '../http/browser-session.ts'
import type { Reply } from '../http/reply.ts'
import { originOf, type PageRequest } from '../http/request.ts'
import { SECOND } from '../platform/clock.ts'
import { safePath } from './allowed-origins.ts'
import { challengeWith, type AnswerOutcome, type Asker, type OpenQuestion } from './answer-factor.ts'
import { mayExtend, type KeptAttempt } from './attempt.ts'
import type { ChoiceFault, OpenChoice } from './choose-password.ts'
import type { OpenEnrolment } from './enrol-factor.ts'
import { enrolView, type EnrolFacts } from './enrol-view.ts'
import { factorChoice } from './factor-choice.ts'
import { factorView, type FactorError } from './factor-view.ts'
import { factorsIn, type Refusal } from './journey.ts'
import {
  loginView,
  type AccountRefusal,
  type LoginFacts,
  type LoginNotice,
  type LoginView,
} from './login-view.ts'
import { tellOfNewBrowser } from './new-browser.ts'
import { newPasswordView } from './new-password-view.ts'
import { recoveryUsedView } from './recovery-used-view.ts'
import type { OpenAttempt, Progress, SignedIn, SignInDeps } from './sign-in.ts'
import { rememberBrowser } from './remembered-browsers.ts'
import { personOf } from './signed-in.ts'
import type { AttemptTime } from './time-view.ts'

export const loginPage = (request: PageRequest, facts: Omit<LoginFacts, 'page'>, status = 200): Reply => ({
  page: 'signin/login.njk',
  view: loginView({ page: request.page(), forgotHref: '/forgot', ...facts }),
  status,
})

type SharedLogin = Omit<LoginView, 'csrf'>

/** Every one of a brand in a language, by its notice. */
const sharedLogins = oncePerBrand(() => new Map<string, SharedLogin>())

/** The sign-in page of somebody of whom nothing is known, on the way to their apps. */
export function sharedLoginPage(request: PageRequest, notice: LoginNotice | undefined): Reply {
  const page = request.page()
  const kept = sharedLogins(page)
  const key = `${notice} ${page.passkeys}`
  const view: SharedLogin =
    kept.get(key) ??
    loginView({ page: { ...page, csrf: '' }, forgotHref: '/forgot', returnTo: safePath(undefined), notice })
  kept.set(key, view)
  return { sharedPage: 'signin/login.njk', view, csrf: page.csrf }
}

/** Hands out a browser session: a new session id, and on to where the person was going. */
async function enter(
  d: SignInDeps,
  request: PageRequest,
  { user, amr, passed, authTime, factorAt, remembered, remember, extras }: SignedIn,
  isTold: boolean,
): Promise<Reply> {
  if (!isTold) await tellOfNewBrowser(d, request, user)
  const { policy } = await d.account.account()
  const facts = { userId: user.id, epoch: user.sessionEpoch, amr, passed, authTime, factorAt, remembered }
  const session = { start: newBrowserSession(facts, policy.session_hours), owner: user }
  const next = safePath(extras.returnTo)
  if (passed.at(-1) !== 'recovery_code') {
    const cookie = remember ? await rememberedFrom(d, request, user, passed) : undefined
    return { redirect: next, session, ...(cookie && { cookie }) }
  }
  const left = (await recoveryCodesLeft(d, user.id)) ?? 0
  return {
    page: 'signin/recovery-used.njk',
    view: recoveryUsedView({ page: request.page(), left, next }),
    session,
  }
}

const rememberedFrom = (d: SignInDeps, request: PageRequest, user: User, passed: SignedIn['passed']) =>
  rememberBrowser(d, user, factorsIn(passed).at(-1), {
    origin: originOf(request),
    userAgent: (request.header('user-agent') ?? '').slice(0, 400),
  })

/** Who asks, for what is sent and shown to the person. */
export function askerOf(request: PageRequest): Asker {
  const { brand, language } = request.page()
  const { browser } = request
  const pages = request.ownOrigin()
  return { origin: originOf(request), pages, browser, reader: { brand, language } }
}

/** What a page says of the time that its attempt has. `given`: it was given more just now. */
function timeOf(d: Pick<SignInDeps, 'clock'>, { attempt }: KeptAttempt, given = false): AttemptTime {
  const now = d.clock()
  const left = Math.max(0, Math.ceil(((attempt.endsAt ?? now) - now) / SECOND))
  return { left, more: mayExtend(attempt), given }
}

export interface FactorPageState {
  given?: boolean
  /** Whether the box was ticked. */
  remember?: boolean | undefined
  codeSent?: boolean
  shows?: Shown | undefined
  error?: FactorError | undefined
  status?: number
}

/** The attempt's id rides in the form of this tab, so that every tab has an attempt of its own and no address shows it. */
export async function factorPage(
  d: SignInDeps,
  request: PageRequest,
  open: OpenQuestion,
  chosen: Authenticator | undefined,
  state: FactorPageState = {},
): Promise<Reply> {
  const { attemptId, user, step } = open
  request.speakTo(user) // the password was right: from here on it is no secret who has which language
  const shown = chosen ?? step.choices[0]!
  const { challenge, standing } = FACTORS[shown.factor]
  const { policy } = open
  const made =
    challenge === 'on_show' && !state.shows
      ? await challengeWith(d, open, shown, askerOf(request))
      : undefined
  const view = factorView({
    page: request.page(),
    time: timeOf(d, open, state.given),
    attemptId,
    person: user.email || user.username,
    authenticators: step.choices.map((choice) => factorChoice(d.factors, choice, user)),
    chosenId: String(shown.id),
    codeSent: state.codeSent ?? challenge !== 'on_request',
    rememberDays: standing === 'backup' ? 0 : policy.remember_browser_days,
    remember: state.remember,
    shows: state.shows ?? made?.shows ?? shownBy(state.error),
    error: state.error ?? null,
  })
  return { page: 'signin/factor.njk', view, status: state.status ?? 200 }
}

const shownBy = (error: FactorError | undefined): Shown | undefined =>
  error?.is === 'still_pending' ? error.shows : undefined

export type EnrolPageState = Partial<Pick<EnrolFacts, 'chosen' | 'number' | 'error'>> & {
  given?: boolean
  status?: number
}

export function enrolPage(
  d: SignInDeps,
  request: PageRequest,
  open: OpenEnrolment,
  state: EnrolPageState = {},
): Reply {
  const { attemptId, user, step } = open
  request.speakTo(user)
  const view = enrolView({
    page: request.page(),
    time: timeOf(d, open, state.given),
    attemptId,
    person: user.email || user.username,
    kinds: step.kinds,
    later: step.later,
    chosen: state.chosen,
    number: state.number,
    error: state.error ?? null,
  })
  return { page: 'signin/enrol.njk', view, status: state.status ?? 200 }
}

/** The same page for somebody who is signed in and sets one up beside what they have. */
export function ownEnrolPage(
  request: PageRequest,
  user: User,
  kinds: readonly FactorKind[],
  state: EnrolPageState & { authenticatorId?: number } = {},
): Reply {
  const view = enrolView({
    page: request.page(),
    at: 'account',
    attemptId: String(state.authenticatorId ?? ''),
    person: user.email || user.username,
    kinds,
    later: 0,
    chosen: state.chosen,
    number: state.number,
    error: state.error ?? null,
  })
  return { page: 'signin/enrol.njk', view, status: state.status ?? 200 }
}

export async function newPasswordPage(
  d: SignInDeps,
  request: PageRequest,
  open: OpenChoice,
  more: { fault?: ChoiceFault | 'empty'; given?: boolean; status?: number } = {},
): Promise<Reply> {
  const { attemptId, user, step } = open
  request.speakTo(user)
  const { policy, name } = await d.account.account()
  const view = newPasswordView({
    page: request.page(),
    time: timeOf(d, open, more.given),
    attemptId,
    person: user.email || user.username,
    firstname: user.firstname,
    company: name,
    reason: step.reason,
    minLength: policy.password_min_length,
    fault: more.fault,
  })
  return { page: 'signin/new-password.njk', view, status: more.status ?? 200 }
}

/** The page of the step that an attempt stands at, whatever was asked for. */
export async function stepPage(d: SignInDeps, request: PageRequest, open: OpenAttempt): Promise<Reply> {
  const { step } = open
  switch (step.step) {
    case 'factor':
      return factorPage(d, request, { ...open, step }, undefined)
    case 'enrol':
      return enrolPage(d, request, { ...open, step })
    case 'new_password':
      return newPasswordPage(d, request, { ...open, step })
  }
}

/** What a person is told who may not sign in. A lock is told to nobody, and a password to change is no refusal here. */
const TOLD: Partial<Record<Refusal, AccountRefusal>> = {
  unactivated: 'unactivated',
  suspended: 'suspended',
  pending: 'pending',
  security_questions: 'security_questions',
  unapproved: 'unapproved',
  rejected: 'rejected',
  unlicensed: 'unlicensed',
  no_usable_factor: 'no_usable_factor',
}
export const refusalTold = (refusal: Refusal): NonNullable<LoginFacts['error']> =>
  TOLD[refusal] ?? 'wrong_credentials'

/**
 * Where a person is after a step: in, at the next step, back at the beginning, or refused. `isTold`: a letter about this
 * very sign-in is on its way already.
 */
export async function progressPage(
  d: SignInDeps,
  request: PageRequest,
  progress: Progress,
  { isTold = false } = {},
): Promise<Reply> {
  switch (progress.is) {
    case 'done':
      return enter(d, request, progress.signedIn, isTold)
    case 'next':
      return stepPage(d, request, progress.open)
    case 'password':
      return loginPage(request, { notice: 'password_changed' })
    case 'refused':
      return loginPage(request, { error: refusalTold(progress.refusal) }, 401)
  }
}

/** The page after an answer: on with what it led to, or once more with what was wrong. */
export async function afterAnswer(
  d: SignInDeps,
  request: PageRequest,
  outcome: AnswerOutcome,
  again: (error: FactorError, status: number) => Promise<Reply>,
): Promise<Reply> {
  switch (outcome.is) {
    case 'wrong':
      return again({ is: 'wrong_code', triesLeft: outcome.triesLeft }, 401)
    case 'denied':
      return again({ is: 'denied' }, 401)
    case 'lapsed':
      return again({ is: 'lapsed' }, 200)
    case 'pending':
      return again({ is: 'still_pending', shows: outcome.shows }, 200)
    case 'ended':
      return attemptEnded(d, request)
    case 'done':
    case 'next':
    case 'refused':
      return progressPage(d, request, outcome)
  }
}

/** Another tab may have finished it: then this one moves on. Otherwise start again, with the reason. */
export async function attemptEnded(d: SignInDeps, request: PageRequest): Promise<Reply> {
  if (await personOf(d, request.session)) return { redirect: '/' }
  return loginPage(request, { notice: 'attempt_expired' }, 401)
}
