import {
  pageView,
  type FieldView,
  type NoticeView,
  type PageFacts,
  type PageView,
  type SummaryView,
} from '../branding/page.ts'

/** All that `views/signin/login.njk` may read. */
export interface LoginView extends PageView {
  heading: string
  lead: string
  notice: NoticeView | null
  summary: SummaryView | null
  login: FieldView
  password: FieldView
  /** Both inputs are marked: it is not said which of the two is wrong. */
  wrong: boolean
  returnTo: string
  forgotHref: string
  focus: '' | 'summary' | 'login' | 'password'
}

/** Why a person sees the sign-in page although they did not ask for it. */
export type LoginNotice =
  'signed_out' | 'session_expired' | 'attempt_expired' | 'password_changed' | 'unavailable' | 'busy'

/** Why an account may not sign in although the password was right. A locked one is not here: it must not show. */
export type AccountRefusal =
  | 'unactivated'
  | 'suspended'
  | 'password_expired'
  | 'awaiting_reset'
  | 'pending'
  | 'password_pending'
  | 'security_questions'
  | 'unapproved'
  | 'rejected'
  | 'unlicensed'
  | 'no_usable_factor'

export type LoginField = 'login' | 'password'

export interface LoginFacts {
  page: PageFacts
  /** What was typed, or what is known, e.g. from an AuthnRequest. */
  login?: string | undefined
  returnTo?: string | undefined
  /** The app the person is on the way to. */
  appName?: string | undefined
  notice?: LoginNotice | undefined
  /** `wrong_credentials` covers unknown people, wrong passwords and paused accounts alike. */
  error?: 'wrong_credentials' | AccountRefusal | undefined
  /** Fields that were sent empty. */
  empty?: readonly LoginField[] | undefined
  /** Where a forgotten password is reset; no link without it. */
  forgotHref?: string | undefined
}

const NOTICES: Record<LoginNotice, NoticeView> = {
  signed_out: {
    tone: 'good',
    title: 'You are signed out',
    text: 'On a shared computer, close the browser as well.',
  },
  session_expired: {
    tone: 'info',
    title: 'Please sign in again',
    text: 'Your last session has ended. Nothing is wrong with your account.',
  },
  attempt_expired: {
    tone: 'info',
    title: 'That took a little too long',
    text: 'To keep your account safe, signing in has to be finished within a few minutes. Please start again.',
  },
  password_changed: {
    tone: 'good',
    title: 'Your password is changed',
    text: 'Sign in with the new one.',
  },
  unavailable: {
    tone: 'warning',
    title: 'Signing in does not work right now',
    text: 'The fault is ours, not your password. Please try again in a minute.',
  },
  busy: {
    tone: 'warning',
    title: 'Many people are signing in right now',
    text: 'Your password has not been checked. Please try again in a few seconds.',
  },
}

const REFUSALS: Record<AccountRefusal, [title: string, text: string]> = {
  unactivated: [
    'Your account is not active yet',
    'If you have an invitation e-mail, open it and follow its link. Otherwise ask your administrator to activate you.',
  ],
  suspended: [
    'Your account is suspended',
    'Your password is right, but an administrator has suspended this account. Only they can make it active again.',
  ],
  password_expired: [
    'Your password has expired',
    'It was right, but it is too old to sign in with. Choose a new password, or ask your administrator for one.',
  ],
  awaiting_reset: [
    'Your password has to be reset',
    'Open the link in the e-mail about your reset. If you cannot find it, ask your administrator for a new one.',
  ],
  pending: [
    'Your account is not ready yet',
    'It is still being set up. Please try again later, or ask your administrator.',
  ],
  password_pending: [
    'Your account needs a password first',
    'Open your invitation e-mail and choose a password there. If you cannot find it, ask your administrator.',
  ],
  security_questions: [
    'One step of your set-up is missing',
    'Your account asks for security questions, which are not answered here. Ask your administrator to finish it.',
  ],
  unapproved: [
    'Your account is waiting for approval',
    'Your password is right, but an administrator has yet to approve this account. Ask them if it takes long.',
  ],
  rejected: [
    'Your account was not approved',
    'An administrator has declined this account. Ask them if you think that this is a mistake.',
  ],
  unlicensed: [
    'Your account has no licence',
    'Your password is right, but no licence is assigned to this account. Ask your administrator for one.',
  ],
  no_usable_factor: [
    'You need a second way to prove it is you',
    'Your company asks for a code besides the password, and none is set up for you. Ask your administrator to add one.',
  ],
}

const WRONG = {
  title: 'We could not sign you in',
  text: 'Check your e-mail or username and your password.',
  more: 'After several wrong tries, signing in pauses for a while.',
}

const EMPTY: Record<LoginField, string> = {
  login: 'Enter your e-mail or username',
  password: 'Enter your password',
}

function summary({ error, empty = [], forgotHref = '' }: LoginFacts): SummaryView | null {
  if (empty.length > 0)
    return { title: WRONG.title, items: empty.map((name) => ({ text: EMPTY[name], href: `#${name}` })) }
  if (error === undefined) return null
  if (error === 'wrong_credentials') {
    return {
      title: WRONG.title,
      items: [
        { text: WRONG.text, href: '#login' },
        { text: WRONG.more, href: '' },
      ],
    }
  }
  const [title, text] = REFUSALS[error]
  const reset = error === 'password_expired' && forgotHref !== ''
  return {
    title,
    items: [{ text, href: '' }, ...(reset ? [{ text: 'Choose a new password', href: forgotHref }] : [])],
  }
}

function focusOf(facts: LoginFacts, box: SummaryView | null): LoginView['focus'] {
  if (box) return 'summary'
  if (facts.notice) return ''
  return facts.login ? 'password' : 'login'
}

/** The sign-in page in any of its states. What was typed as login stays; a password never comes back. */
export function loginView(facts: LoginFacts): LoginView {
  const box = summary(facts)
  const field = (name: LoginField, value: string): FieldView => ({
    name,
    value,
    error: facts.empty?.includes(name) ? EMPTY[name] : '',
  })
  return {
    ...pageView(facts.page, 'Sign in', box !== null),
    heading: 'Sign in',
    lead: facts.appName ? `to continue to ${facts.appName}` : `with your ${facts.page.brand.title} account`,
    notice: facts.notice ? NOTICES[facts.notice] : null,
    summary: box,
    login: field('login', facts.login ?? ''),
    password: field('password', ''),
    wrong: facts.error === 'wrong_credentials',
    returnTo: facts.returnTo ?? '',
    forgotHref: facts.forgotHref ?? '',
    focus: focusOf(facts, box),
  }
}
