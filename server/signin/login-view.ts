import {
  oncePerBrand,
  pageView,
  type FieldView,
  type NoticeView,
  type PageFacts,
  type PageView,
  type SummaryView,
} from '../branding/page.ts'
import type { Language } from '../language/language.ts'
import type { Words } from '../language/text-keys.ts'
import { loginPath } from './login-path.ts'

/** All that `views/signin/login.njk` may read. */
export interface LoginView extends PageView {
  words: Words<'signin:login.words'>
  /** The brand's own sentence under the form; mostly empty. */
  note: string
  lead: string
  notice: NoticeView | null
  summary: SummaryView | null
  login: FieldView
  password: FieldView
  /** Both inputs are marked: it is not said which of the two is wrong. */
  wrong: boolean
  /** What is asked here: brands may ask for one after the other. Who it is stands in both forms, for password managers. */
  step: LoginStep
  submitText: string
  /** Where somebody else can sign in. */
  otherHref: string
  returnTo: string
  forgotHref: string
  /** Whether the sign-in is to be as if this browser were not remembered. */
  fresh: boolean
  /** Whether a passkey is offered in place of a password. */
  passkeys: boolean
  focus: '' | 'summary' | 'login' | 'password'
}

/** Why a person sees the sign-in page although they did not ask for it. */
export type LoginNotice =
  'signed_out' | 'session_expired' | 'attempt_expired' | 'password_changed' | 'unavailable' | 'busy'

/** Why an account may not sign in although the password was right. A locked one is not here: it must not show. */
export type AccountRefusal =
  | 'unactivated'
  | 'suspended'
  | 'pending'
  | 'security_questions'
  | 'unapproved'
  | 'rejected'
  | 'unlicensed'
  | 'no_usable_factor'

/** `password` shows the identifier without letting it be changed. */
export type LoginStep = 'both' | 'login' | 'password'

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
  error?: 'wrong_credentials' | 'wrong_passkey' | AccountRefusal | undefined
  /** Fields that were sent empty. */
  empty?: readonly LoginField[] | undefined
  /** Where a forgotten password is reset; no link without it. */
  forgotHref?: string | undefined
  /** Somebody who is signed in proves anew who they are. */
  fresh?: boolean | undefined
}

const TONES: Record<LoginNotice, NoticeView['tone']> = {
  signed_out: 'good',
  session_expired: 'info',
  attempt_expired: 'info',
  password_changed: 'good',
  unavailable: 'warning',
  busy: 'warning',
}

const noticeOf = (notice: LoginNotice, { t }: Language): NoticeView => ({
  tone: TONES[notice],
  title: t(`signin:login.notice.${notice}.title`),
  text: t(`signin:login.notice.${notice}.text`),
})

function summary({ page, error, empty = [] }: LoginFacts, step: LoginStep): SummaryView | null {
  const { t } = page.language
  const title = t('signin:login.wrong.title')
  if (empty.length > 0)
    return {
      title,
      items: empty.map((name) => ({ text: t(`signin:login.empty.${name}`), href: `#${name}` })),
    }
  if (error === undefined) return null
  if (error === 'wrong_credentials') {
    return {
      title,
      items: [
        { text: t('signin:login.wrong.text'), href: step === 'password' ? '#password' : '#login' },
        { text: t('signin:login.wrong.more'), href: '' },
      ],
    }
  }
  return {
    title: t(`signin:login.refusal.${error}.title`),
    items: [{ text: t(`signin:login.refusal.${error}.text`), href: '' }],
  }
}

function stepOf({ page, login = '' }: LoginFacts): LoginStep {
  if (!page.brand.identifier_first) return 'both'
  return login.trim() === '' ? 'login' : 'password'
}

function focusOf(facts: LoginFacts, box: SummaryView | null): LoginView['focus'] {
  if (box) return 'summary'
  if (facts.notice) return ''
  return facts.login ? 'password' : 'login'
}

/** What the page says in the brand's own words, or as everywhere. */
const brandWords = oncePerBrand(({ title: company, texts }, { code, t, words }) => {
  const { login_heading, login_lead, login_label, login_note = '' } = texts[code] ?? {}
  const usual = words('signin:login.words')
  return {
    words: { ...usual, heading: login_heading ?? usual.heading, login: login_label ?? usual.login },
    lead: login_lead ?? t('signin:login.lead', { company }),
    note: login_note,
  }
})

/** The sign-in page in any of its states. What was typed as login stays; a password never comes back. */
export function loginView(facts: LoginFacts): LoginView {
  const step = stepOf(facts)
  const empty = facts.empty?.filter((name) => step === 'both' || step === name)
  const box = summary({ ...facts, empty }, step)
  const { page, appName } = facts
  const { t } = page.language
  const own = brandWords(page)
  const field = (name: LoginField, value: string): FieldView => ({
    name,
    value,
    error: empty?.includes(name) ? t(`signin:login.empty.${name}`) : '',
  })
  return {
    ...pageView(page, own.words.heading, box !== null),
    words: own.words,
    note: own.note,
    lead: appName ? t('signin:login.leadToApp', { app: appName }) : own.lead,
    notice: facts.notice ? noticeOf(facts.notice, page.language) : null,
    summary: box,
    login: field('login', facts.login ?? ''),
    password: field('password', ''),
    wrong: facts.error === 'wrong_credentials',
    step,
    submitText: step === 'login' ? own.words.next : own.words.submit,
    otherHref: loginPath(facts.returnTo ?? '/'),
    returnTo: facts.returnTo ?? '',
    forgotHref: facts.forgotHref ?? '',
    fresh: facts.fresh === true,
    passkeys: page.passkeys === true && step !== 'password',
    focus: focusOf(facts, box),
  }
}
