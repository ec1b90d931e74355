import {
  pageView,
  type FieldView,
  type LinkView,
  type PageFacts,
  type PageView,
  type SummaryView,
} from '../branding/page.ts'
import { isSent, type FactorKind } from '../factors/factor-kind.ts'
import type { Setup } from '../factors/factor.ts'
import type { Language } from '../language/language.ts'
import type { Words } from '../language/text-keys.ts'
import {
  askFor,
  errorViews,
  questionViews,
  type AskView,
  type FactorError,
  type QuestionView,
} from './factor-view.ts'
import { askWords, enrolWords } from './factor-words.ts'
import type { QrView } from './qr-code.ts'
import { timeView, type AttemptTime, type TimeView } from './time-view.ts'

/** All that `views/signin/enrol.njk` may read. */
export interface EnrolView extends PageView {
  time: TimeView | null
  words: Words<'signin:enrol.words'>
  heading: string
  lead: string
  /** Where its forms go. */
  action: string
  /** The way out: a new sign-in, or back to the account. */
  back: LinkView
  person: string
  attempt: string
  summary: SummaryView | null
  /** `choose` a kind, say `where` it goes, or `prove` it. */
  stage: 'choose' | 'where' | 'prove'
  kind: FactorKind | ''
  offers: { kind: FactorKind; text: string; hint: string }[]
  number: FieldView
  qr: QrView | null
  /** The seed in groups, for those who cannot scan. */
  seed: string
  otpauthUrl: string
  codes: readonly string[]
  questions: QuestionView[]
  options: string
  /** What to do once it is set up. */
  after: string
  ask: AskView
  code: FieldView
  codeLabel: string
  digits: boolean
  codeHint: string
  sendText: string
  /** Empty when it cannot be put off. */
  laterText: string
}

export type EnrolError = FactorError | { is: 'number_wrong' }

export interface EnrolFacts {
  page: PageFacts
  /** `account`: by somebody who is signed in, beside what they have. */
  at?: 'account' | undefined
  time?: AttemptTime | undefined
  attemptId: string
  person: string
  kinds: readonly FactorKind[]
  /** Sign-ins for which it may still be put off. */
  later: number
  /** The kind that was chosen, and what it is set up with, once it has been begun. */
  chosen?: { kind: FactorKind; setup?: Setup | undefined; qr?: QrView | undefined } | undefined
  number?: string | undefined
  error: EnrolError | null
}

const grouped = (seed: string): string => seed.replace(/(.{4})(?=.)/g, '$1 ')

const stageOf = ({ chosen }: EnrolFacts): EnrolView['stage'] =>
  chosen === undefined ? 'choose' : chosen.setup === undefined ? 'where' : 'prove'

function setupViews(setup: Setup | undefined, language: Language) {
  const nothing = {
    ...{ seed: '', otpauthUrl: '', codes: [] as readonly string[], options: '', to: '' },
    questions: [] as QuestionView[],
  }
  switch (setup?.is) {
    case 'seed':
      return { ...nothing, seed: grouped(setup.seed), otpauthUrl: setup.otpauthUrl }
    case 'sent':
      return { ...nothing, to: setup.to }
    case 'browser':
      return { ...nothing, options: JSON.stringify(setup.options) }
    case 'codes':
      return { ...nothing, codes: setup.codes }
    case 'questions':
      return { ...nothing, questions: questionViews(setup.questions, language) }
    case 'elsewhere':
    case undefined:
      return nothing
  }
}

/** The large words of a stage. */
function wordsOf(
  stage: EnrolView['stage'],
  kind: FactorKind | undefined,
  address: string,
  language: Language,
  at: EnrolFacts['at'],
) {
  const { t } = language
  if (stage === 'prove' && kind !== undefined) {
    const { heading, lead, after } = enrolWords(kind, language, address)
    return {
      heading,
      lead,
      after,
      codeHint: askWords(kind, language).hint,
      sendText: isSent(kind) ? t(`signin:factor.ask.${kind}.send`) : '',
    }
  }
  const about = stage === 'choose' ? 'signin:enrol.choose' : 'signin:enrol.where'
  const lead = at === 'account' && stage === 'choose' ? t('account:factor.chooseLead') : t(`${about}.lead`)
  return { heading: t(`${about}.heading`), lead, after: '', codeHint: '', sendText: '' }
}

/** What is wrong with a phone number. */
function numberViews(facts: EnrolFacts, { t }: Language): { number: FieldView; summary?: SummaryView } {
  const field = { name: 'number', value: facts.number ?? '', error: '' }
  if (facts.error?.is !== 'number_wrong') return { number: field }
  const text = t('signin:enrol.where.wrong.text')
  return {
    number: { ...field, error: text },
    summary: { title: t('signin:enrol.where.wrong.title'), items: [{ text, href: '#number' }] },
  }
}

/** The part of a sign-in in which somebody who has no second factor sets one up. */
export function enrolView(facts: EnrolFacts): EnrolView {
  const { chosen, error, page } = facts
  const { language } = page
  const stage = stageOf(facts)
  const { to, ...setup } = setupViews(chosen?.setup, language)
  const wording = wordsOf(stage, chosen?.kind, to, language, facts.at)
  const ask = chosen ? askFor(chosen.kind) : 'code'
  const answerError = error?.is === 'number_wrong' ? null : error
  const { summary, fieldError } = errorViews(answerError, chosen?.kind ?? 'totp', ask, language)
  return {
    ...pageView(page, wording.heading, error !== null),
    words: language.words('signin:enrol.words'),
    ...wording,
    ...(facts.at === 'account'
      ? {
          action: '/account/factors/new',
          back: { text: language.t('account:factor.words.back'), href: '/account#factors' },
        }
      : { action: '/login/enrol', back: { text: language.t('signin:enrol.startAgain'), href: '/login' } }),
    time: timeView(language, facts.time),
    person: language.t('signin:factor.person', { person: facts.person }),
    attempt: facts.attemptId,
    summary,
    stage,
    kind: chosen?.kind ?? '',
    offers: facts.kinds.map((kind) => {
      const { offer, offerHint } = enrolWords(kind, language)
      return { kind, text: offer, hint: offerHint }
    }),
    ...numberViews(facts, language),
    qr: chosen?.qr ?? null,
    ...setup,
    ask,
    code: { name: 'code', value: '', error: fieldError },
    ...(({ codeLabel, digits }) => ({ codeLabel, digits }))(askWords(chosen?.kind ?? 'totp', language)),
    laterText: facts.later > 0 ? language.t('signin:enrol.later', { count: facts.later }) : '',
  }
}
