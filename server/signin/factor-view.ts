import {
  pageView,
  type FieldView,
  type PageFacts,
  type PageView,
  type SummaryView,
} from '../branding/page.ts'

/** The kinds of authenticator this page can ask for. */
export type FactorViewKind = 'totp' | 'email'

/** All that `views/signin/factor.njk` may read. */
export interface FactorView extends PageView {
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
  lead: (choice: FactorChoice) => string
  hint: string
  send: string
  wrong: string
  other: (choice: FactorChoice) => { text: string; hint: string }
}

const ASK: Record<FactorViewKind, Wording> = {
  totp: {
    heading: 'Enter your code',
    lead: ({ label }) =>
      `Open your authenticator app (${label}) and enter the 6-digit code it shows for this account.`,
    hint: 'A new code appears every 30 seconds.',
    send: '',
    wrong: 'Wait for the next code in your app and enter that one. Each code works only once.',
    other: ({ label }) => ({ text: 'Use your authenticator app', hint: label }),
  },
  email: {
    heading: 'Check your e-mail',
    lead: ({ hint }) => `We have sent a 6-digit code to ${hint}. Enter it here.`,
    hint: 'It can take a minute. Look in your spam folder too.',
    send: 'Send a new code',
    wrong: 'Enter the code from our newest e-mail.',
    other: ({ hint }) => ({ text: 'Get a code by e-mail', hint }),
  },
}

const UNSENT: Record<FactorViewKind, Pick<Wording, 'heading' | 'lead' | 'send'> | null> = {
  totp: null,
  email: {
    heading: 'Get a code by e-mail',
    lead: ({ hint }) =>
      `Your password is right. To be sure it is you, we will send a 6-digit code to ${hint}.`,
    send: 'Send the code',
  },
}

const triesLeft = (n: number | undefined): string => {
  if (n === undefined) return ''
  return n === 1 ? ' You have one try left.' : ` You have ${n} tries left.`
}

function errorText(error: FactorError, kind: FactorViewKind): string {
  switch (error.is) {
    case 'wrong_code':
      return ASK[kind].wrong + triesLeft(error.triesLeft)
    case 'resend_too_soon':
      return `We have just sent you a code. You can ask for another in ${waitText(error.waitSeconds)}.`
    case 'code_missing':
      return FIELD_ERRORS.code_missing
  }
}

const waitText = (seconds: number | undefined): string => {
  if (seconds === undefined) return 'a moment'
  return seconds === 1 ? '1 second' : `${seconds} seconds`
}

const TITLES: Record<FactorError['is'], string> = {
  wrong_code: 'That code is not right',
  resend_too_soon: 'Please wait a moment',
  code_missing: 'The code is missing',
}

/** What stands at the input; the summary above says the rest. */
const FIELD_ERRORS: Record<FactorError['is'], string> = {
  wrong_code: 'That code is not right',
  resend_too_soon: '',
  code_missing: 'Enter the 6-digit code',
}

const summaryFor = (error: FactorError, kind: FactorViewKind, href: string): SummaryView => ({
  title: TITLES[error.is],
  items: [{ text: errorText(error, kind), href }],
})

/** The page that asks for the second factor. It opens on the chosen authenticator, else on the first. */
export function factorView(facts: FactorFacts): FactorView {
  const { authenticators, error } = facts
  const chosen = authenticators.find(({ id }) => id === facts.chosenId) ?? authenticators[0]
  if (!chosen) throw new Error('a second factor is asked of someone who has none')
  const unsent = facts.codeSent ? null : UNSENT[chosen.kind]
  const words = { ...ASK[chosen.kind], ...unsent }
  const fieldError = error && !unsent ? FIELD_ERRORS[error.is] : ''
  return {
    ...pageView(facts.page, words.heading, error !== null),
    heading: words.heading,
    lead: words.lead(chosen),
    person: facts.person,
    attempt: facts.attemptId,
    deviceId: chosen.id,
    summary: error && summaryFor(error, chosen.kind, fieldError === '' ? '' : '#code'),
    code: { name: 'code', value: '', error: fieldError },
    codeLabel: '6-digit code',
    codeHint: words.hint,
    asksCode: unsent === null,
    sendText: words.send,
    others: authenticators
      .filter(({ id }) => id !== chosen.id)
      .map((choice) => ({ id: choice.id, kind: choice.kind, ...ASK[choice.kind].other(choice) })),
  }
}
