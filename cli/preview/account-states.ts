import { homeView } from '../../server/account/home-view.ts'
import { logoutView } from '../../server/account/logout-view.ts'
import { setupDoneView, setupView, type SetupFacts } from '../../server/account/setup-view.ts'
import { same, type PageState, type Text } from './page-state.ts'

const APPS = ['AWS', 'Wiki', 'Payroll', 'Travel & Expenses', 'Design Library', 'GitHub Enterprise', 'Zendesk']

const home = (name: string, apps: readonly string[], firstname = 'Sally'): PageState => ({
  name: `home-${name}`,
  template: 'account/home.njk',
  view: (page, text = same) =>
    homeView({
      page,
      person: { firstname: text(firstname), lastname: text('Tyler'), email: text('sally@acme.test') },
      ...(name === 'nothing-found' && { query: text('zzz') }),
      ...(name === 'found' && { query: 'wi' }),
      apps: apps.map((app, at) => ({
        id: 500 + at,
        name: text(app),
        ...(at % 3 === 0 ? { description: text(`For ${app} in your day`) } : {}),
      })),
    }),
})

const setup = (name: string, facts: (text: Text) => Partial<SetupFacts>): PageState => ({
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

/** What somebody who is signed in sees, and the first administrator's set-up. */
export const ACCOUNT_STATES: PageState[] = [
  home('apps', APPS),
  home('found', APPS),
  home('nothing-found', APPS),
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
]
