import { summaryOf, type FieldView, type PageFacts, type SummaryView } from '../branding/page.ts'
import { passwordHint, strengthView, type StrengthView } from '../directory/password-words.ts'
import type { Words } from '../language/text-keys.ts'
import type { ChoiceFault } from '../signin/choose-password.ts'
import { portalView, type PortalPerson, type PortalView } from './portal-view.ts'

/** All that `views/account/password.njk` may read. */
export interface PasswordView extends PortalView {
  words: Words<'account:password.words'>
  summary: SummaryView | null
  login: string
  current: FieldView
  password: FieldView
  hint: string
  strength: StrengthView
}

export type PasswordError =
  { field: 'current'; is: 'empty' | 'wrong' | 'paused' } | { field: 'password'; is: ChoiceFault | 'empty' }

export interface PasswordFacts {
  page: PageFacts
  person: PortalPerson & { username: string }
  minLength: number
  errors?: readonly PasswordError[] | undefined
}

/** The form that changes a password for somebody who knows the one they have. Neither ever comes back. */
export function passwordView({ page, person, minLength, errors = [] }: PasswordFacts): PasswordView {
  const { t, words } = page.language
  const textOf = (error: PasswordError) =>
    error.field === 'current'
      ? t(`account:password.fault.${error.is}`)
      : t(`password:fault.${error.is}`, { min: minLength })
  const field = (name: PasswordError['field']): FieldView => {
    const error = errors.find((one) => one.field === name)
    return { name, value: '', error: error ? textOf(error) : '' }
  }
  const [current, password] = [field('current'), field('password')]
  const summary = summaryOf(t('account:password.summary'), [current, password])
  return {
    ...portalView(page, t('account:password.words.heading'), person, 'account', summary !== null),
    words: words('account:password.words'),
    summary,
    login: person.email || person.username,
    current,
    password,
    hint: passwordHint(page.language, minLength),
    strength: strengthView(page.language, minLength),
  }
}
