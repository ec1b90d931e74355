import { forgotSentView, forgotView } from '../../server/account/forgot-view.ts'
import { linkOpenView, linkOverView } from '../../server/signin/link-view.ts'
import { newPasswordView, type NewPasswordFacts } from '../../server/signin/new-password-view.ts'
import { SAMPLE_TIME, same, type PageState } from './page-state.ts'

const newPassword = (name: string, facts: Partial<NewPasswordFacts>): PageState => ({
  name: `new-password-${name}`,
  template: 'signin/new-password.njk',
  view: (page, text = same) =>
    newPasswordView({
      page,
      time: SAMPLE_TIME,
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

const LINKS: PageState[] = [
  ...(['invite', 'reset', 'sign_in'] as const).flatMap((purpose): PageState[] => [
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

/** New passwords, and the links that lead to them. */
export const PASSWORD_STATES: PageState[] = [...NEW_PASSWORDS, ...LINKS]
