import {
  pageView,
  type FieldView,
  type PageFacts,
  type PageView,
  type SummaryView,
} from '../branding/page.ts'
import type { Language } from '../language/language.ts'
import type { Words } from '../language/text-keys.ts'

/** The kinds of authenticator this page can ask for. */
export type FactorViewKind = 'totp' | 'email'

/** All that `views/signin/factor.njk` may read. */
export interface FactorView extends PageView {
  words: Words<'signin:factor.words'>
  heading: string
  lead: string
  person: string
  attempt: string
  deviceId: string
  summary: SummaryView | null
  code: FieldView
  codeLabel: string
  codeHint: string
  /** False while nothing has been sent yet: there is no code to enter. */
  asksCode: boolean
  /** Empty when this authenticator sends nothing. */
  sendText: string
  others: { id: string; text: string; hint: string; kind: FactorViewKind }[]
}

export interface FactorChoice {
  id: string
  kind: FactorViewKind
  /** The name its owner gave it, e.g. `Work phone`. */
  label: string
  /** A masked address for what is sent, else empty. */
  hint: string
}

export type FactorError =
  | { is: 'wrong_code'; triesLeft?: number | undefined }
  | { is: 'resend_too_soon'; waitSeconds?: number | undefined }
  | { is: 'code_missing' }

export interface FactorFacts {
  page: PageFacts
  attemptId: string
  /** Who is signing in, for people to see: their e-mail. */
  person: string
  authenticators: readonly FactorChoice[]
  chosenId: string
  /** Whether a code is on its way for the chosen authenticator. */
  codeSent: boolean
  error: FactorError | null
}

interface Wording {
  heading: string
  lead: string
  hint: string
  /** Empty when this authenticator sends nothing. */
  send: string
}

/** What the page says while it asks for the code of an authenticator. */
function askFor({ kind, label, hint: address }: FactorChoice, { t }: Language): Wording {
  switch (kind) {
    case 'totp':
      return {
        heading: t('signin:factor.ask.totp.heading'),
        lead: t('signin:factor.ask.totp.lead', { label }),
        hint: t('signin:factor.ask.totp.hint'),
        send: '',
      }
    case 'email':
      return {
        heading: t('signin:factor.ask.email.heading'),
        lead: t('signin:factor.ask.email.lead', { address }),
        hint: t('signin:factor.ask.email.hint'),
        send: t('signin:factor.ask.email.send'),
      }
  }
}

/** What it says before anything was sent; `null` for authenticators that need nothing sent. */
function offerTo({ kind, hint: address }: FactorChoice, { t }: Language): Omit<Wording, 'hint'> | null {
  if (kind === 'totp') return null
  return {
    heading: t('signin:factor.unsent.email.heading'),
    lead: t('signin:factor.unsent.email.lead', { address }),
    send: t('signin:factor.unsent.email.send'),
  }
}

function errorText(error: FactorError, kind: FactorViewKind, { t, duration }: Language): string {
  switch (error.is) {
    case 'wrong_code': {
      const { triesLeft: count } = error
      const left = count === undefined ? '' : ` ${t('signin:factor.triesLeft', { count })}`
      return t(`signin:factor.ask.${kind}.wrong`) + left
    }
    case 'resend_too_soon':
      return error.waitSeconds === undefined
        ? t('signin:factor.sentMomentAgo')
        : t('signin:factor.sentJustNow', { wait: duration(error.waitSeconds) })
    case 'code_missing':
      return t('signin:factor.field.code_missing')
  }
}

/** What stands at the input; the summary above says the rest. */
const fieldErrorOf = ({ is }: FactorError, { t }: Language): string =>
  is === 'resend_too_soon' ? '' : t(`signin:factor.field.${is}`)

/** The page that asks for the second factor. It opens on the chosen authenticator, else on the first. */
export function factorView(facts: FactorFacts): FactorView {
  const { authenticators, error, page } = facts
  const { language } = page
  const { t } = language
  const chosen = authenticators.find(({ id }) => id === facts.chosenId) ?? authenticators[0]
  if (!chosen) throw new Error('a second factor is asked of someone who has none')
  const unsent = facts.codeSent ? null : offerTo(chosen, language)
  const wording = { ...askFor(chosen, language), ...unsent }
  const fieldError = error && !unsent ? fieldErrorOf(error, language) : ''
  return {
    ...pageView(page, wording.heading, error !== null),
    words: language.words('signin:factor.words'),
    heading: wording.heading,
    lead: wording.lead,
    person: t('signin:factor.person', { person: facts.person }),
    attempt: facts.attemptId,
    deviceId: chosen.id,
    summary: error && {
      title: t(`signin:factor.title.${error.is}`),
      items: [{ text: errorText(error, chosen.kind, language), href: fieldError === '' ? '' : '#code' }],
    },
    code: { name: 'code', value: '', error: fieldError },
    codeLabel: t('signin:factor.codeLabel'),
    codeHint: wording.hint,
    asksCode: unsent === null,
    sendText: wording.send,
    others: authenticators
      .filter(({ id }) => id !== chosen.id)
      .map(({ id, kind, label, hint }) => ({
        id,
        kind,
        text: t(`signin:factor.ask.${kind}.other`),
        hint: kind === 'totp' ? label : hint,
      })),
  }
}
