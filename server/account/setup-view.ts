import {
  pageView,
  summaryOf,
  type FieldView,
  type PageFacts,
  type PageView,
  type SummaryView,
} from '../branding/page.ts'
import type { PasswordFault } from '../directory/password-rules.ts'
import {
  passwordFaultText,
  passwordHint,
  strengthView,
  type StrengthView,
} from '../directory/password-words.ts'
import type { Words } from '../language/text-keys.ts'

/** The inputs of the set-up form, by the names they are posted under. */
export const SETUP_FIELDS = ['company', 'subdomain', 'firstname', 'lastname', 'email', 'password'] as const
export type SetupField = (typeof SETUP_FIELDS)[number]

/** What can be wrong with an input of the form. */
export type SetupFault =
  | `${Exclude<SetupField, 'password'>}_missing`
  | 'subdomain_wrong'
  | 'email_wrong'
  | 'password_missing'
  | PasswordFault
  | 'line_long'
  | 'unreadable'

/** How many characters an input may have; the company's name becomes the title of the first brand. */
export const longest = (field: SetupField): number => (field === 'company' ? 80 : 200)

/** All that `views/account/setup.njk` may read. */
export interface SetupView extends PageView {
  words: Words<'account:setup.words'>
  action: string
  setupToken: string
  summary: SummaryView | null
  fields: Record<SetupField, FieldView>
  passwordHint: string
  strength: StrengthView
}

export interface SetupFacts {
  page: PageFacts
  /** Where the form is posted. */
  action: string
  /** The one-time token of the set-up address, sent back in the form; empty when the address carries it. */
  setupToken?: string | undefined
  values?: Partial<Record<SetupField, string>> | undefined
  errors?: Partial<Record<SetupField, SetupFault>> | undefined
  passwordMinLength: number
}

function faultText(facts: SetupFacts, name: SetupField): string {
  const fault = facts.errors?.[name]
  const { language } = facts.page
  const { t } = language
  switch (fault) {
    case undefined:
      return ''
    case 'line_long':
      return t('account:setup.fault.line_long', { max: longest(name) })
    case 'too_short':
    case 'too_long':
    case 'not_typeable':
    case 'common':
    case 'about_you':
      return passwordFaultText(language, fault, facts.passwordMinLength)
    case 'company_missing':
    case 'email_missing':
    case 'email_wrong':
    case 'firstname_missing':
    case 'lastname_missing':
    case 'password_missing':
    case 'subdomain_missing':
    case 'subdomain_wrong':
    case 'unreadable':
      return t(`account:setup.fault.${fault}`)
  }
}

function field(facts: SetupFacts, name: SetupField): FieldView {
  const value = name === 'password' ? '' : (facts.values?.[name] ?? '') // a password never comes back
  return { name, value, error: faultText(facts, name) }
}

/** The form that makes the first administrator of a new installation. */
export function setupView(facts: SetupFacts): SetupView {
  const { t, words } = facts.page.language
  const fields = {
    company: field(facts, 'company'),
    subdomain: field(facts, 'subdomain'),
    firstname: field(facts, 'firstname'),
    lastname: field(facts, 'lastname'),
    email: field(facts, 'email'),
    password: field(facts, 'password'),
  }
  const summary = summaryOf(t('account:setup.summary'), Object.values(fields))
  return {
    ...pageView(facts.page, t('account:setup.words.heading'), summary !== null),
    words: words('account:setup.words'),
    action: facts.action,
    setupToken: facts.setupToken ?? '',
    summary,
    fields,
    passwordHint: passwordHint(facts.page.language, facts.passwordMinLength),
    strength: strengthView(facts.page.language, facts.passwordMinLength),
  }
}

/** All that `views/account/setup-done.njk` may read. */
export interface SetupDoneView extends PageView {
  words: Words<'account:setupDone.words'>
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
  const { t, words } = page.language
  return {
    ...pageView(page, t('account:setupDone.words.heading')),
    words: words('account:setupDone.words'),
    lead: t('account:setupDone.lead', { company }),
    clientId,
    clientSecret,
    steps: [
      {
        title: t('account:setupDone.step.signIn.title'),
        text: t('account:setupDone.step.signIn.text', { email }),
      },
      { title: t('account:setupDone.step.import.title'), text: t('account:setupDone.step.import.text') },
      { title: t('account:setupDone.step.brand.title'), text: t('account:setupDone.step.brand.text') },
    ],
  }
}
