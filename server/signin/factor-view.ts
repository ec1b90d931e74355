import {
  pageView,
  type FieldView,
  type PageFacts,
  type PageView,
  type SummaryView,
} from '../branding/page.ts'
import { FACTORS, isSent, type FactorKind } from '../factors/factor-kind.ts'
import type { Shown } from '../factors/factor.ts'
import type { Language } from '../language/language.ts'
import type { Words } from '../language/text-keys.ts'
import { askWords } from './factor-words.ts'
import { answerName } from './typed-answer.ts'
import { timeView, type AttemptTime, type TimeView } from './time-view.ts'

/** How the page takes the answer: by typing, by the browser's own API, by waiting; or it sends something first. */
export type AskView = 'send' | 'code' | 'browser' | 'wait' | 'answers'

/** How long an answer that is given elsewhere is waited for; a script asks for it and counts down. */
export interface WaitView {
  secondsLeft: number
  timeLeft: string
}

/** All that `views/signin/factor.njk` may read. */
export interface FactorView extends PageView {
  time: TimeView | null
  words: Words<'signin:factor.words'>
  heading: string
  lead: string
  person: string
  attempt: string
  deviceId: string
  summary: SummaryView | null
  ask: AskView
  code: FieldView
  codeLabel: string
  /** Whether the answer is digits: then a phone shows its number pad. */
  digits: boolean
  codeHint: string
  /** JSON for the script that talks to the browser's API; empty without one. */
  options: string
  /** An input for each, where several answers are asked for. */
  questions: QuestionView[]
  /** To be compared on the other screen; empty without one. */
  number: string
  /** What is told while an answer that is given elsewhere is waited for; null while none is. */
  wait: WaitView | null
  /** Of the box by which this browser is remembered; empty without one. */
  rememberText: string
  remember: boolean
  /** Empty when this authenticator sends nothing. */
  sendText: string
  others: { id: string; text: string; hint: string; kind: FactorKind }[]
}

export interface FactorChoice {
  id: string
  kind: FactorKind
  /** The name its owner gave it, e.g. `Work phone`. */
  label: string
  /** A masked address for what is sent, else empty. */
  hint: string
}

export type FactorError =
  | { is: 'wrong_code'; triesLeft?: number | undefined }
  | { is: 'resend_too_soon'; waitSeconds?: number | undefined }
  | { is: 'code_missing' }
  | { is: 'still_pending'; shows?: Shown | undefined }
  | { is: 'denied' }
  | { is: 'lapsed' }
  | { is: 'locked' }
  | { is: 'asked_elsewhere'; waitSeconds?: number | undefined }

export interface FactorFacts {
  page: PageFacts
  time?: AttemptTime | undefined
  attemptId: string
  /** Who is signing in, for people to see: their e-mail. */
  person: string
  authenticators: readonly FactorChoice[]
  chosenId: string
  /** Whether something is on its way for the chosen authenticator. */
  codeSent: boolean
  /** Days for which this browser may be remembered; 0 or absent: it may not. */
  rememberDays?: number | undefined
  remember?: boolean | undefined
  shows?: Shown | undefined
  error: FactorError | null
}

function errorText(error: FactorError, kind: FactorKind, language: Language): string {
  const { t, duration } = language
  switch (error.is) {
    case 'wrong_code': {
      const { triesLeft: count } = error
      const left = count === undefined ? '' : ` ${t('signin:factor.triesLeft', { count })}`
      return askWords(kind, language).wrong + left
    }
    case 'resend_too_soon':
      return error.waitSeconds === undefined
        ? t('signin:factor.sentMomentAgo')
        : t('signin:factor.sentJustNow', { wait: duration(error.waitSeconds) })
    case 'code_missing':
      return askWords(kind, language).codeMissing
    case 'still_pending':
    case 'denied':
    case 'lapsed':
    case 'locked':
      return t(`signin:factor.${error.is}`)
    case 'asked_elsewhere':
      return t('signin:factor.asked_elsewhere', { wait: duration(error.waitSeconds ?? 60) })
  }
}

/** What stands at the input; the summary above says the rest. */
function fieldErrorOf({ is }: FactorError, kind: FactorKind, language: Language): string {
  if (is === 'code_missing') return askWords(kind, language).codeMissing
  return is === 'wrong_code' ? language.t('signin:factor.field.wrong_code') : ''
}

/** What went wrong with an answer, as the box above the form and at the input. */
export function errorViews(
  error: FactorError | null,
  kind: FactorKind,
  ask: AskView,
  language: Language,
): { summary: SummaryView | null; fieldError: string } {
  if (!error) return { summary: null, fieldError: '' }
  const fieldError = ask === 'code' ? fieldErrorOf(error, kind, language) : ''
  const item = { text: errorText(error, kind, language), href: fieldError === '' ? '' : '#code' }
  const isCode = error.is !== 'wrong_code' || ask === 'code'
  const title = isCode
    ? language.t(`signin:factor.title.${error.is}`)
    : language.t('signin:factor.title.wrong_answer')
  return { summary: { title, items: [item] }, fieldError }
}

const ASKS = { text: 'code', json: 'browser', poll: 'wait', answers: 'answers' } as const

/** How the answer of this kind is taken once everything it needs is there. */
export const askFor = (kind: FactorKind): AskView => ASKS[FACTORS[kind].answeredBy]

/** What the page says about an authenticator: while it asks, or before it has sent what it asks for. */
function wordsFor({ kind, label, hint: address }: FactorChoice, sent: boolean, language: Language) {
  const { t } = language
  const names = { label, address }
  const { heading, lead, hint, codeLabel, digits } = askWords(kind, language, names)
  const about = {
    heading,
    lead,
    codeHint: hint,
    codeLabel,
    digits,
    sendText: isSent(kind) && askFor(kind) !== 'wait' ? t(`signin:factor.ask.${kind}.send`) : '',
    ask: askFor(kind),
  }
  if (sent || !isSent(kind)) return about
  const unsent = `signin:factor.unsent.${kind}` as const
  return {
    ...about,
    heading: t(`${unsent}.heading`),
    lead: t(`${unsent}.lead`, names),
    sendText: t(`${unsent}.send`),
    ask: 'send' as const,
  }
}

export interface QuestionView {
  name: string
  value: string
  error: string
  label: string
}

/** Their texts, each with its input; what was answered is never shown again. */
export const questionViews = (questions: readonly number[], { t }: Language): QuestionView[] =>
  questions.flatMap((id) => {
    const text = QUESTIONS[id]
    return text === undefined ? [] : [{ name: answerName(id), value: '', error: '', label: t(text) }]
  })

const QUESTIONS = [
  'codes:questions.q0',
  'codes:questions.q1',
  'codes:questions.q2',
  'codes:questions.q3',
  'codes:questions.q4',
  'codes:questions.q5',
  'codes:questions.q6',
  'codes:questions.q7',
] as const

function numberViews(shows: Shown | undefined, { t, duration }: Language) {
  if (!shows || !('number' in shows)) return { number: '', wait: null }
  const timeLeft = t('signin:factor.timeLeft', { time: duration(shows.secondsLeft) })
  return { number: shows.number, wait: { secondsLeft: shows.secondsLeft, timeLeft } }
}

/** The page that asks for the second factor. It opens on the chosen authenticator, else on the first. */
export function factorView(facts: FactorFacts): FactorView {
  const { authenticators, error, shows, page } = facts
  const { language } = page
  const chosen = authenticators.find(({ id }) => id === facts.chosenId) ?? authenticators[0]
  if (!chosen) throw new Error('a second factor is asked of someone who has none')
  const wording = wordsFor(chosen, facts.codeSent, language)
  const { summary, fieldError } = errorViews(error, chosen.kind, wording.ask, language)
  return {
    ...pageView(page, wording.heading, error !== null),
    words: language.words('signin:factor.words'),
    ...wording,
    time: timeView(language, facts.time),
    person: language.t('signin:factor.person', { person: facts.person }),
    attempt: facts.attemptId,
    deviceId: chosen.id,
    summary,
    code: { name: 'code', value: '', error: fieldError },
    questions: questionViews(shows && 'questions' in shows ? shows.questions : [], language),
    options: shows && 'options' in shows ? JSON.stringify(shows.options) : '',
    ...numberViews(shows, language),
    rememberText:
      facts.rememberDays && wording.ask !== 'send'
        ? language.t('signin:factor.remember', { count: facts.rememberDays })
        : '',
    remember: facts.remember === true,
    others: authenticators
      .filter(({ id }) => id !== chosen.id)
      .map(({ id, kind, label, hint }) => ({
        id,
        kind,
        text: askWords(kind, language).other,
        hint: askWords(kind, language, { label, address: hint }).otherHint,
      })),
  }
}
