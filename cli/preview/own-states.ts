import { ACCOUNT_NOTICES, accountView, type AccountFacts } from '../../server/account/account-view.ts'
import { activityView, type ShownEvent } from '../../server/account/activity-view.ts'
import { TOLD_EVENTS } from '../../server/account/activity.ts'
import { codesView } from '../../server/account/codes-view.ts'
import { factorPageView, type FactorPageFacts } from '../../server/account/factor-page-view.ts'
import { notMeView } from '../../server/account/not-me-view.ts'
import { passwordView, type PasswordError } from '../../server/account/password-view.ts'
import { FACTORS, FACTOR_KINDS } from '../../server/factors/factor-kind.ts'
import { enrolView, type EnrolFacts } from '../../server/signin/enrol-view.ts'
import { same, type PageState, type Text } from './page-state.ts'

const NOW = Date.UTC(2030, 0, 14, 9, 30)
const MINUTE = 60_000

const sally = (text: Text) => ({
  firstname: text('Sally'),
  lastname: text('Tyler'),
  email: text('sally@acme.test'),
  username: text('styler'),
})

const event = (
  text: Text,
  eventTypeId: number,
  minutesAgo: number,
  more: Partial<ShownEvent> = {},
): ShownEvent => ({
  eventTypeId,
  createdAt: NOW - minutesAgo * MINUTE,
  ipaddr: text('203.0.113.7'),
  appName: text('Wiki'),
  otpDeviceName: text('Phone'),
  ...more,
})

const session = (
  text: Text,
  id: string,
  [browser, system, kind]: readonly [string, string, 'phone' | 'tablet' | 'computer'],
  minutesAgo: number,
) => ({
  id,
  userId: 7,
  epoch: 0,
  amr: ['pwd', 'otp', 'mfa'],
  passed: ['password', 'totp'],
  authTime: NOW - minutesAgo * MINUTE,
  lastSeenAt: NOW - (minutesAgo / 3) * MINUTE,
  endsAt: NOW + 600 * MINUTE,
  from: { address: text('203.0.113.7'), userAgent: '' },
  device: { browser: browser === '' ? '' : text(browser), system: system === '' ? '' : text(system), kind },
})

const account = (
  name: string,
  change: (facts: AccountFacts, text: Text) => Partial<AccountFacts>,
): PageState => ({
  name: `account-${name}`,
  template: 'account/account.njk',
  view: (page, text = same) => {
    const usual: AccountFacts = {
      page,
      person: sally(text),
      chosenLanguage: undefined,
      passwordChangedAt: NOW - 90 * 1440 * MINUTE,
      factors: [
        { id: 70, kind: 'totp', label: text('Phone'), hint: '', isDefault: true },
        { id: 71, kind: 'email', label: text('E-mail'), hint: text('s•••y@acme.test'), isDefault: false },
      ],
      codesLeft: 7,
      mayAdd: true,
      sessions: {
        currentId: 'b',
        now: NOW,
        sessions: [
          session(text, 'a', ['Safari', 'iOS', 'phone'], 240),
          session(text, 'b', ['Firefox', 'Linux', 'computer'], 12),
          session(text, 'c', ['', '', 'computer'], 500),
        ],
      },
      remembered: [
        {
          id: 1,
          address: text('203.0.113.7'),
          endsAt: NOW + 20 * 1440 * MINUTE,
          lastUsedAt: NOW - 300 * MINUTE,
          device: { browser: text('Firefox'), system: text('Linux'), kind: 'computer' },
        },
        {
          id: 2,
          address: text('2001:db8::7'),
          endsAt: NOW + 3 * 1440 * MINUTE,
          lastUsedAt: NOW - 3000 * MINUTE,
          device: { browser: text('Safari'), system: text('iOS'), kind: 'phone' },
        },
      ],
      commandLines: [
        {
          id: 1,
          deviceName: text('sallys-laptop'),
          authTime: NOW - 300 * MINUTE,
          address: text('203.0.113.7'),
          endsAt: NOW + 300 * MINUTE,
          lastUsedAt: NOW - 20 * MINUTE,
        },
        {
          id: 2,
          deviceName: text('build-box'),
          authTime: NOW - 60 * MINUTE,
          address: text('2001:db8::7'),
          endsAt: NOW + 540 * MINUTE,
          lastUsedAt: NOW - 50 * MINUTE,
        },
      ],
      events: [event(text, 5, 12), event(text, 6, 14), event(text, 8, 200), event(text, 22, 1500)],
    }
    return accountView({ ...usual, ...change(usual, text) })
  },
})

const FEW: (facts: AccountFacts) => Partial<AccountFacts> = ({ sessions }) => ({
  factors: [],
  codesLeft: null,
  passwordChangedAt: null,
  events: [],
  remembered: [],
  commandLines: [],
  sessions: { ...sessions, sessions: sessions.sessions.slice(1, 2) },
})

const factor = (name: string, facts: (text: Text) => Partial<FactorPageFacts>): PageState => ({
  name: `account-factor-${name}`,
  template: 'account/factor.njk',
  view: (page, text = same) =>
    factorPageView({
      page,
      person: sally(text),
      factor: { id: 70, kind: 'totp', label: text('Phone'), hint: '' },
      canBeDefault: true,
      isLast: false,
      ...facts(text),
    }),
})

const add = (name: string, facts: Partial<EnrolFacts>): PageState => ({
  name: `account-add-${name}`,
  template: 'signin/enrol.njk',
  view: (page, text = same) =>
    enrolView({
      page,
      at: 'account',
      attemptId: '70',
      person: text('sally@acme.test'),
      kinds: FACTOR_KINDS.filter((kind) => FACTORS[kind].standing !== 'backup'),
      later: 0,
      error: null,
      ...facts,
    }),
})

const password = (name: string, errors: PasswordError[]): PageState => ({
  name: `account-password-${name}`,
  template: 'account/password.njk',
  view: (page, text = same) => passwordView({ page, person: sally(text), minLength: 12, errors }),
})

const activity = (name: string, types: readonly number[], olderThan: number | undefined): PageState => ({
  name: `account-activity-${name}`,
  template: 'account/activity.njk',
  view: (page, text = same) =>
    activityView({
      page,
      person: sally(text),
      olderThan,
      events: types.map((typeId, at) => event(text, typeId, 30 * at)),
    }),
})

const notMe = (name: string, token: string): PageState => ({
  name: `not-me-${name}`,
  template: 'account/not-me.njk',
  view: (page) => notMeView({ page, token }),
})

/** The pages on which people look after their account. */
export const OWN_STATES: PageState[] = [
  {
    name: 'account-codes',
    template: 'account/codes.njk',
    view: (page, text = same) =>
      codesView(
        page,
        sally(text),
        Array.from({ length: 10 }, (_, at) => text(`7k2m-q9xd-4tz${at}`)),
      ),
  },
  account('full', () => ({})),
  account('bare', FEW),
  account('no-codes', () => ({ codesLeft: undefined })),
  account('no-factor-asked', (facts) => ({ ...FEW(facts), mayAdd: false })),
  ...ACCOUNT_NOTICES.map((notice) => account(notice, () => ({ notice }))),
  factor('one', () => ({})),
  factor('last', () => ({ canBeDefault: false, isLast: true })),
  factor('empty', () => ({ fault: 'empty', given: '' })),
  factor('long', (text) => ({ fault: 'long', given: text('x'.repeat(61)) })),
  add('choose', {}),
  add('sent', { chosen: { kind: 'email', setup: { is: 'sent', to: 's•••y@acme.test' } } }),
  password('plain', []),
  password('empty', [
    { field: 'current', is: 'empty' },
    { field: 'password', is: 'empty' },
  ]),
  password('wrong', [{ field: 'current', is: 'wrong' }]),
  password('paused', [{ field: 'current', is: 'paused' }]),
  password('common', [{ field: 'password', is: 'common' }]),
  activity('all', Object.keys(TOLD_EVENTS).map(Number), 12),
  activity('none', [], undefined),
  notMe('ask', 'dw_notme_1'),
  notMe('over', ''),
]
