import {
  pageView,
  summaryOf,
  type FieldView,
  type PageFacts,
  type PageView,
  type SummaryView,
} from '../branding/page.ts'
import {
  passwordFaultText,
  passwordHint,
  strengthView,
  type StrengthView,
} from '../directory/password-words.ts'
import type { Words } from '../language/text-keys.ts'
import type { ChoiceFault } from './choose-password.ts'
import type { NewPasswordReason } from './journey.ts'
import { timeView, type AttemptTime, type TimeView } from './time-view.ts'

/** All that `views/signin/new-password.njk` may read. */
export interface NewPasswordView extends PageView {
  time: TimeView | null
  words: Words<'password:choose.words'>
  heading: string
  lead: string
  login: string
  personText: string
  startAgain: string
  attempt: string
  summary: SummaryView | null
  password: FieldView
  hint: string
  strength: StrengthView
  buttonText: string
}

export interface NewPasswordFacts {
  page: PageFacts
  time?: AttemptTime | undefined
  attemptId: string
  /** Whose password it will be, as they sign in: password managers keep it under that name. */
  person: string
  firstname: string
  company: string
  reason: NewPasswordReason
  minLength: number
  fault?: ChoiceFault | 'empty' | undefined
}

function faultText({ page: { language }, fault, minLength }: NewPasswordFacts): string {
  if (fault === undefined) return ''
  if (fault === 'empty' || fault === 'unchanged') return language.t(`password:fault.${fault}`)
  return passwordFaultText(language, fault, minLength)
}

/** Who chooses their first password is welcomed; everybody else is told why they need another one. */
function wording({ page: { language }, reason, firstname, company }: NewPasswordFacts) {
  const { t } = language
  if (reason === 'invite' || reason === 'pending') {
    const welcome =
      firstname === '' ? t('account:home.welcomeNameless') : t('account:home.welcome', { name: firstname })
    return {
      heading: welcome,
      lead: t('password:choose.first', { company }),
      buttonText: t('password:choose.submit.first'),
    }
  }
  return {
    heading: t('password:choose.heading'),
    lead: t(`password:choose.lead.${reason}`),
    buttonText: t('password:choose.submit.change'),
  }
}

/** The page on which a person chooses a password, with no old one to enter: that was just proved, or there is none. */
export function newPasswordView(facts: NewPasswordFacts): NewPasswordView {
  const { page, minLength } = facts
  const { t, words } = page.language
  const said = wording(facts)
  const password = { name: 'password', value: '', error: faultText(facts) }
  const summary = summaryOf(t('password:choose.summary'), [password])
  return {
    ...pageView(page, said.heading, summary !== null),
    ...said,
    words: words('password:choose.words'),
    time: timeView(page.language, facts.time),
    login: facts.person,
    personText: t('password:choose.person', { person: facts.person }),
    startAgain: t('signin:factor.words.startAgain'),
    attempt: facts.attemptId,
    summary,
    password,
    hint: passwordHint(page.language, minLength),
    strength: strengthView(page.language, minLength),
  }
}
