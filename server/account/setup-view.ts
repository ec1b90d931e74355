import {
  pageView,
  summaryOf,
  type FieldView,
  type PageFacts,
  type PageView,
  type SummaryView,
} from '../branding/page.ts'

/** The inputs of the set-up form, by the names they are posted under. */
export const SETUP_FIELDS = ['company', 'subdomain', 'firstname', 'lastname', 'email', 'password'] as const
export type SetupField = (typeof SETUP_FIELDS)[number]

/** All that `views/account/setup.njk` may read. */
export interface SetupView extends PageView {
  heading: string
  lead: string
  action: string
  setupToken: string
  summary: SummaryView | null
  fields: Record<SetupField, FieldView>
  passwordHint: string
}

export interface SetupFacts {
  page: PageFacts
  /** Where the form is posted. */
  action: string
  /** The one-time token of the set-up address, sent back in the form; empty when the address carries it. */
  setupToken?: string | undefined
  values?: Partial<Record<SetupField, string>> | undefined
  errors?: Partial<Record<SetupField, string>> | undefined
  passwordMinLength: number
}

function field({ values = {}, errors = {} }: SetupFacts, name: SetupField): FieldView {
  const value = name === 'password' ? '' : (values[name] ?? '') // a password never comes back
  return { name, value, error: errors[name] ?? '' }
}

/** The form that makes the first administrator of a new installation. */
export function setupView(facts: SetupFacts): SetupView {
  const fields = {
    company: field(facts, 'company'),
    subdomain: field(facts, 'subdomain'),
    firstname: field(facts, 'firstname'),
    lastname: field(facts, 'lastname'),
    email: field(facts, 'email'),
    password: field(facts, 'password'),
  }
  const summary = summaryOf('Please check the form', Object.values(fields))
  return {
    ...pageView(facts.page, 'Set up your portal', summary !== null),
    heading: 'Set up your portal',
    lead: 'You are making the first administrator. This page works once and then closes for good.',
    action: facts.action,
    setupToken: facts.setupToken ?? '',
    summary,
    fields,
    passwordHint: `At least ${facts.passwordMinLength} characters. Several words in a row are easy to remember.`,
  }
}

/** All that `views/account/setup-done.njk` may read. */
export interface SetupDoneView extends PageView {
  heading: string
  lead: string
  clientId: string
  clientSecret: string
  steps: { title: string; text: string }[]
}

export interface SetupDoneFacts {
  page: PageFacts
  company: string
  email: string
  clientId: string
  clientSecret: string
}

/** Shows the first API credential, once, and what to do next. */
export function setupDoneView({
  page,
  company,
  email,
  clientId,
  clientSecret,
}: SetupDoneFacts): SetupDoneView {
  return {
    ...pageView(page, 'Your portal is ready'),
    heading: 'Your portal is ready',
    lead: `${company} can sign in now. Your programs use this API credential. Keep it in your password manager: the secret is shown only here and only once.`,
    clientId,
    clientSecret,
    steps: [
      { title: 'Sign in', text: `Use ${email} and the password you have just chosen.` },
      {
        title: 'Bring in your people and apps',
        text: 'Run “doorward import” with a directory document, or use the API.',
      },
      { title: 'Make it yours', text: 'Add your logo and colour to the brands of the directory document.' },
    ],
  }
}
