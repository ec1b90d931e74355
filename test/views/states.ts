import { homeView } from '../../server/account/home-view.ts'
import { forgotSentView, forgotView } from '../../server/account/forgot-view.ts'
import { logoutView } from '../../server/account/logout-view.ts'
import { setupDoneView, setupView, type SetupFacts } from '../../server/account/setup-view.ts'
import { brandSchema, type Brand } from '../../server/branding/brand.ts'
import type { PageFacts } from '../../server/branding/page.ts'
import { errorView, type ErrorPageCode } from '../../server/http/error-view.ts'
import type { LanguageCode } from '../../server/language/language.ts'
import { loadLanguages } from '../../server/language/languages.ts'
import { referenceView } from '../../server/reference/reference-view.ts'
import { FACTOR_KINDS } from '../../server/factors/factor-kind.ts'
import { samlPostView } from '../../server/saml/post-view.ts'
import { enrolView, type EnrolFacts } from '../../server/signin/enrol-view.ts'
import { factorView, type FactorFacts } from '../../server/signin/factor-view.ts'
import {
  loginView,
  type AccountRefusal,
  type LoginFacts,
  type LoginNotice,
} from '../../server/signin/login-view.ts'
import { qrView } from '../../server/signin/qr-code.ts'
import { continueView } from '../../server/signin/continue-view.ts'
import { linkOpenView, linkOverView } from '../../server/signin/link-view.ts'
import { newPasswordView, type NewPasswordFacts } from '../../server/signin/new-password-view.ts'
import { switchView } from '../../server/signin/switch-view.ts'

/** One page in one state. `text` stands in for everything that comes from people, so that tests can make it hostile. */
export interface PageState {
  name: string
  template: string
  view: (page: PageFacts, text?: (usual: string) => string) => object
}

/** The two companies of the demo. */
export const BRANDS: Brand[] = [
  brandSchema.parse({
    name: 'acme',
    default: true,
    title: 'Acme',
    logo: 'acme.svg',
    logo_dark: 'acme-dark.svg',
    icon: 'acme-icon.svg',
    primary_color: '#0b5fff',
    background: '#f5f7fa',
    tagline: 'Good tools for people who make things.',
    support_url: 'https://help.acme.test/',
    support_text: 'Help with signing in',
    footer_links: [{ text: 'Privacy', url: 'https://acme.test/privacy' }],
  }),
  brandSchema.parse({
    name: 'northwind',
    title: 'Northwind Traders',
    logo: 'northwind.svg',
    logo_dark: 'northwind-dark.svg',
    icon: 'northwind-icon.svg',
    primary_color: '#0e6b5c',
    background: '#f6f4ee',
    tagline: 'From every harbour to every table.',
    support_url: 'mailto:help@northwind.test',
    footer_links: [
      { text: 'Privacy', url: 'https://northwind.test/privacy' },
      { text: 'Imprint', url: 'https://northwind.test/imprint' },
    ],
  }),
]

type Make = (text: (usual: string) => string) => Omit<LoginFacts, 'page'>

const login = (name: string, make: Make): PageState => ({
  name: `login-${name}`,
  template: 'signin/login.njk',
  view: (page, text = same) => loginView({ page, ...make(text) }),
})
const same = (usual: string) => usual

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

const LOGINS: PageState[] = [
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
  login('empty', () => ({ empty: ['login', 'password'] })),
  login('empty-password', (text) => ({ empty: ['password'], login: text('sally@acme.test') })),
  ...NOTICES.map((notice) => login(notice, () => ({ notice }))),
  ...REFUSALS.map((error) =>
    login(error, (text) => ({ error, login: text('sally@acme.test'), forgotHref: '/forgot' })),
  ),
]

const PHONE = { id: '70', kind: 'totp', label: 'Phone', hint: '' } as const
const MAIL = { id: '71', kind: 'email', label: 'E-mail', hint: 's•••y@acme.test' } as const

const factor = (name: string, facts: Partial<FactorFacts>): PageState => ({
  name: `factor-${name}`,
  template: 'signin/factor.njk',
  view: (page, text = same) =>
    factorView({
      page,
      attemptId: text('a'.repeat(40)),
      person: text('sally@acme.test'),
      chosenId: '70',
      codeSent: false,
      error: null,
      ...facts,
      authenticators: (facts.authenticators ?? [PHONE, MAIL]).map((a) => ({
        ...a,
        label: text(a.label),
        hint: text(a.hint),
      })),
    }),
})

const FACTORS: PageState[] = [
  factor('totp', {}),
  factor('totp-only', { authenticators: [PHONE] }),
  factor('totp-wrong', { error: { is: 'wrong_code', triesLeft: 3 } }),
  factor('totp-missing', { error: { is: 'code_missing' } }),
  factor('email-unsent', { chosenId: '71' }),
  factor('email-sent', { chosenId: '71', codeSent: true }),
  factor('email-wrong', { chosenId: '71', codeSent: true, error: { is: 'wrong_code', triesLeft: 1 } }),
  factor('email-too-soon', {
    chosenId: '71',
    codeSent: true,
    error: { is: 'resend_too_soon', waitSeconds: 40 },
  }),
]

const newPassword = (name: string, facts: Partial<NewPasswordFacts>): PageState => ({
  name: `new-password-${name}`,
  template: 'signin/new-password.njk',
  view: (page, text = same) =>
    newPasswordView({
      page,
      attemptId: text('a'.repeat(40)),
      person: text('sally@acme.test'),
      firstname: text('Sally'),
      company: text('Acme'),
      reason: 'expired',
      minLength: 12,
      ...facts,
    }),
})

const NEW_PASSWORDS: PageState[] = [
  ...(['invite', 'pending', 'reset', 'expired', 'awaiting_reset'] as const).map((reason) =>
    newPassword(reason, { reason }),
  ),
  ...(['empty', 'too_short', 'common', 'about_you', 'unchanged'] as const).map((fault) =>
    newPassword(`fault-${fault}`, { fault }),
  ),
]

const SEED = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const OTPAUTH = `otpauth://totp/Acme:sally%40acme.test?issuer=Acme&secret=${SEED}&algorithm=SHA1&digits=6&period=30`
const QR = await qrView(OTPAUTH)

const enrol = (
  name: string,
  facts: (text: (usual: string) => string) => Partial<EnrolFacts> = () => ({}),
): PageState => ({
  name: `enrol-${name}`,
  template: 'signin/enrol.njk',
  view: (page, text = same) =>
    enrolView({
      page,
      attemptId: text('a'.repeat(40)),
      person: text('sally@acme.test'),
      kinds: FACTOR_KINDS,
      later: 0,
      error: null,
      ...facts(text),
    }),
})

const ENROLMENTS: PageState[] = [
  enrol('choose'),
  enrol('later', () => ({ later: 3 })),
  enrol('totp', (text) => ({
    chosen: { kind: 'totp', setup: { is: 'seed', seed: text(SEED), otpauthUrl: OTPAUTH }, qr: QR },
  })),
  enrol('totp-wrong', (text) => ({
    chosen: { kind: 'totp', setup: { is: 'seed', seed: text(SEED), otpauthUrl: OTPAUTH }, qr: QR },
    error: { is: 'wrong_code', triesLeft: 4 },
  })),
  enrol('email', (text) => ({
    chosen: { kind: 'email', setup: { is: 'sent', to: text('s•••y@acme.test') } },
  })),
]

const LINKS: PageState[] = [
  ...(['invite', 'reset'] as const).flatMap((purpose): PageState[] => [
    {
      name: `link-open-${purpose}`,
      template: 'signin/link-open.njk',
      view: (page, text = same) => linkOpenView({ page, purpose, token: text('e'.repeat(40)) }),
    },
    {
      name: `error-link-over-${purpose}`,
      template: 'signin/link-over.njk',
      view: (page) => linkOverView({ page, purpose }),
    },
  ]),
  { name: 'forgot', template: 'account/forgot.njk', view: (page) => forgotView({ page }) },
  { name: 'forgot-empty', template: 'account/forgot.njk', view: (page) => forgotView({ page, empty: true }) },
  {
    name: 'forgot-sent',
    template: 'account/forgot-sent.njk',
    view: (page, text = same) => forgotSentView({ page, login: text('sally@acme.test'), lifeSeconds: 1800 }),
  },
]

const APPS = ['AWS', 'Wiki', 'Payroll', 'Travel & Expenses', 'Design Library', 'GitHub Enterprise', 'Zendesk']

const home = (name: string, apps: readonly string[], firstname = 'Sally'): PageState => ({
  name: `home-${name}`,
  template: 'account/home.njk',
  view: (page, text = same) =>
    homeView({
      page,
      person: { firstname: text(firstname), lastname: text('Tyler'), email: text('sally@acme.test') },
      nav: apps.length > 3 ? [{ text: text('Security'), href: '/account/security' }] : [],
      apps: apps.map((app, at) => ({
        id: 500 + at,
        name: text(app),
        ...(at % 3 === 0 ? { description: text(`For ${app} in your day`) } : {}),
      })),
    }),
})

const setup = (name: string, facts: (text: (usual: string) => string) => Partial<SetupFacts>): PageState => ({
  name: `setup-${name}`,
  template: 'account/setup.njk',
  view: (page, text = same) =>
    setupView({
      page,
      action: '/setup',
      setupToken: text('dw_setup_1'),
      passwordMinLength: 12,
      ...facts(text),
    }),
})

const ERRORS: [code: ErrorPageCode, status: number, retryAfterSeconds?: number][] = [
  ['no_route', 404],
  ['insufficient_permission', 403],
  ['csrf_invalid', 403],
  ['rate_limited', 429, 42],
  ['attempt_invalid', 401],
  ['app_not_assigned', 403],
  ['unavailable', 503],
  ['busy', 503, 2],
  ['internal', 500],
]

/** Every page in every state that looks different. */
export const STATES: PageState[] = [
  ...LOGINS,
  ...FACTORS,
  ...NEW_PASSWORDS,
  ...ENROLMENTS,
  ...LINKS,
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
  home('apps', APPS),
  home('one', ['AWS']),
  home('empty', []),
  home(
    'long',
    ['Verwaltungsvorschriftensammlung-und-Formularverzeichnis', 'Wiki'],
    'Maximiliana-Alexandrina',
  ),
  {
    name: 'logout',
    template: 'account/logout.njk',
    view: (page, text = same) => logoutView({ page, person: text('sally@acme.test') }),
  },
  setup('plain', () => ({})),
  setup('errors', (text) => ({
    values: {
      company: text('Acme'),
      subdomain: text('Acme Inc'),
      firstname: text('Sally'),
      email: text('sally@'),
    },
    errors: {
      subdomain: 'subdomain_wrong',
      lastname: 'lastname_missing',
      email: 'email_wrong',
      password: 'too_short',
    },
  })),
  {
    name: 'setup-done',
    template: 'account/setup-done.njk',
    view: (page, text = same) =>
      setupDoneView({
        page,
        company: text('Acme'),
        email: text('sally@acme.test'),
        clientId: text('4a2cbd1f09d35a7be0d9c6f7b6a0c0f1b3a54d0c8c2fb2b7a6f4a1f5d9c03e77'),
        clientSecret: text('9f1c7a5e3d0b8f6249e1c7a5b3d0f8e62419c7a5e3b0d8f62419e7a5c3b0d8f6'),
      }),
  },
  {
    name: 'saml-post',
    template: 'saml/post.njk',
    view: (page, text = same) =>
      samlPostView({
        page,
        acsUrl: 'https://sp.example.test/acs?a=1&b=2',
        samlResponse: text('PHNhbWxwOlJlc3BvbnNlLz4='),
        relayState: text('deep/link'),
        appName: text('Wiki'),
      }),
  },
  {
    name: 'reference',
    template: 'reference/reference.njk',
    view: (page, text = same) =>
      referenceView({
        page,
        document: '/api/1/openapi.json',
        library: { script: '/static/js/copy.js', style: '/static/css/reference.css' }, // the library is not there
        origin: 'https://login.acme.test',
        groups: [
          {
            name: 'Users',
            anchor: 'users',
            text: 'The people of the directory.',
            operations: ['GET', 'DELETE'].map((method) => ({
              method,
              path: '/api/1/users/:id',
              summary: text('Get a person'),
              needs: 'Read Users, Manage All',
            })),
          },
        ],
      }),
  },
  ...ERRORS.map(([code, status, retryAfterSeconds]): PageState => ({
    name: `error-${code}`,
    template: 'error/error.njk',
    view: (page, text = same) =>
      errorView({ page, status, code, requestId: text('req-7f3a9c21'), retryAfterSeconds }),
  })),
]

const LANGUAGES_LOADED = loadLanguages()

/** The facts of a page for tests: a brand, a language and a token as they would come from the request. */
export const pageFacts = (brand: Brand, code: LanguageCode = 'en'): PageFacts => ({
  brand,
  csrf: 'csrf-token-of-the-test',
  language: LANGUAGES_LOADED[code],
})
