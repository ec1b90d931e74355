import { continueView } from '../../server/signin/continue-view.ts'
import {
  loginView,
  type AccountRefusal,
  type LoginFacts,
  type LoginNotice,
} from '../../server/signin/login-view.ts'
import { switchView } from '../../server/signin/switch-view.ts'
import { same, type PageState, type Text } from './page-state.ts'

type Make = (text: Text) => Omit<LoginFacts, 'page'>

const login = (name: string, make: Make): PageState => ({
  name: `login-${name}`,
  template: 'signin/login.njk',
  view: (page, text = same) => loginView({ page, ...make(text) }),
})

const NOTICES: LoginNotice[] = [
  'signed_out',
  'session_expired',
  'attempt_expired',
  'password_changed',
  'unavailable',
  'busy',
]
const REFUSALS: AccountRefusal[] = [
  'unactivated',
  'suspended',
  'pending',
  'unapproved',
  'rejected',
  'unlicensed',
  'security_questions',
  'no_usable_factor',
]

/** The same in a brand that asks for one thing after the other. */
const stepwise = (state: PageState): PageState => ({
  ...state,
  name: state.name.replace('login-', 'login-stepwise-'),
  view: (page, text) => state.view({ ...page, brand: { ...page.brand, identifier_first: true } }, text),
})

/** Signing in, and changing who is signed in. */
export const SIGNIN_STATES: PageState[] = [
  stepwise(login('identifier', () => ({}))),
  stepwise(login('password', (text) => ({ login: text('sally@acme.test'), forgotHref: '/forgot' }))),
  stepwise(login('wrong', (text) => ({ login: text('sally@acme.test'), error: 'wrong_credentials' }))),
  login('plain', () => ({ forgotHref: '/forgot' })),
  login('for-app', (text) => ({
    appName: text('Wiki'),
    returnTo: text('/apps/501/launch'),
    login: text('sally'),
  })),
  login('wrong', (text) => ({
    error: 'wrong_credentials',
    login: text('sally@acme.test'),
    forgotHref: '/forgot',
  })),
  login('wrong-passkey', () => ({ error: 'wrong_passkey' })),
  login('empty', () => ({ empty: ['login', 'password'] })),
  login('empty-password', (text) => ({ empty: ['password'], login: text('sally@acme.test') })),
  ...NOTICES.map((notice) => login(notice, () => ({ notice }))),
  ...REFUSALS.map((error) =>
    login(error, (text) => ({ error, login: text('sally@acme.test'), forgotHref: '/forgot' })),
  ),
  {
    name: 'switch',
    template: 'signin/switch.njk',
    view: (page, text = same) =>
      switchView({
        page,
        current: text('sally@acme.test'),
        next: text('omar@acme.test'),
        sessionToken: text('b'.repeat(40)),
        returnTo: text('/'),
      }),
  },
  {
    name: 'session-continue',
    template: 'signin/continue.njk',
    view: (page, text = same) => continueView({ page, sessionToken: text('b'.repeat(40)) }),
  },
]
