import { FACTOR_KINDS, FACTORS as KINDS } from '../../server/factors/factor-kind.ts'
import { enrolView, type EnrolFacts } from '../../server/signin/enrol-view.ts'
import { factorView, type FactorFacts } from '../../server/signin/factor-view.ts'
import { qrView } from '../../server/signin/qr-code.ts'
import { SAMPLE_TIME, same, type PageState, type Text } from './page-state.ts'

export const PHONE = { id: '70', kind: 'totp', label: 'Phone', hint: '' } as const
const MAIL = { id: '71', kind: 'email', label: 'E-mail', hint: 's•••y@acme.test' } as const

const LAPTOP = { id: '72', kind: 'push', label: 'Office laptop', hint: 'Office laptop' } as const

export const factor = (name: string, facts: Partial<FactorFacts>): PageState => ({
  name: `factor-${name}`,
  template: 'signin/factor.njk',
  view: (page, text = same) =>
    factorView({
      page,
      time: SAMPLE_TIME,
      attemptId: text('a'.repeat(40)),
      person: text('sally@acme.test'),
      chosenId: '70',
      codeSent: false,
      error: null,
      ...facts,
      authenticators: (facts.authenticators ?? [PHONE, MAIL]).map((a) => ({
        ...a,
        label: text(a.label),
        hint: text(a.hint),
      })),
    }),
})

const ANSWERS: PageState[] = [
  factor('totp', {}),
  factor('totp-only', { authenticators: [PHONE] }),
  factor('totp-remember', { rememberDays: 30 }),
  factor('totp-wrong', { error: { is: 'wrong_code', triesLeft: 3 } }),
  factor('totp-more-time', { time: { left: 600, more: true, given: true } }),
  factor('totp-last-time', { time: { left: 90, more: false } }),
  factor('totp-missing', { error: { is: 'code_missing' } }),
  factor('email-unsent', { chosenId: '71' }),
  factor('email-sent', { chosenId: '71', codeSent: true }),
  factor('email-wrong', { chosenId: '71', codeSent: true, error: { is: 'wrong_code', triesLeft: 1 } }),
  factor('email-too-soon', {
    chosenId: '71',
    codeSent: true,
    error: { is: 'resend_too_soon', waitSeconds: 40 },
  }),
]

const PUSH = { chosenId: '72', authenticators: [PHONE, MAIL, LAPTOP] } as const
const NUMBER = { number: '42', secondsLeft: 57 }

const PUSHES: PageState[] = [
  factor('push-unsent', PUSH),
  factor('push-waiting', { ...PUSH, codeSent: true, shows: NUMBER }),
  factor('push-pending', { ...PUSH, codeSent: true, shows: NUMBER, error: { is: 'still_pending' } }),
  factor('push-denied', { ...PUSH, error: { is: 'denied' } }),
  factor('push-lapsed', { ...PUSH, error: { is: 'lapsed' } }),
  factor('push-locked', { ...PUSH, error: { is: 'locked' } }),
  factor('push-elsewhere', { ...PUSH, error: { is: 'asked_elsewhere', waitSeconds: 40 } }),
]

const KEY = { id: '73', kind: 'webauthn', label: 'Passkey', hint: '' } as const
const ASKED = { challenge: 'A'.repeat(43), rpId: 'localhost', allowCredentials: [] }

const TEXTS = { id: '74', kind: 'sms', label: 'Text message', hint: '•••••67' } as const
const CALLS = { id: '75', kind: 'voice', label: 'Phone call', hint: '•••••67' } as const
const YUBIKEY = { id: '76', kind: 'yubikey', label: 'YubiKey', hint: '' } as const

const PHONES_AND_KEYS: PageState[] = [
  factor('sms-unsent', { chosenId: '74', authenticators: [TEXTS, CALLS, YUBIKEY] }),
  factor('sms-sent', { chosenId: '74', authenticators: [TEXTS, PHONE], codeSent: true }),
  factor('voice-unsent', { chosenId: '75', authenticators: [CALLS] }),
  factor('voice-sent', { chosenId: '75', authenticators: [CALLS], codeSent: true }),
  factor('yubikey', { chosenId: '76', authenticators: [YUBIKEY, TEXTS] }),
  factor('yubikey-wrong', {
    chosenId: '76',
    authenticators: [YUBIKEY],
    error: { is: 'wrong_code', triesLeft: 3 },
  }),
]

const QUESTIONS = { id: '77', kind: 'security_questions', label: 'Security questions', hint: '' } as const
const ASKING = { chosenId: '77', authenticators: [QUESTIONS], shows: { questions: [0, 3, 7] } } as const

const QUESTION_STATES: PageState[] = [
  factor('questions', ASKING),
  factor('questions-wrong', { ...ASKING, error: { is: 'wrong_code', triesLeft: 3 } }),
]

const PASSKEYS: PageState[] = [
  factor('webauthn', {
    chosenId: '73',
    authenticators: [PHONE, KEY],
    codeSent: true,
    shows: { options: ASKED },
  }),
  factor('webauthn-wrong', {
    chosenId: '73',
    authenticators: [KEY],
    codeSent: true,
    shows: { options: ASKED },
    error: { is: 'wrong_code', triesLeft: 2 },
  }),
]

const SEED = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP'
const OTPAUTH = `otpauth://totp/Acme:sally%40acme.test?issuer=Acme&secret=${SEED}&algorithm=SHA1&digits=6&period=30`
const QR = await qrView(OTPAUTH)

const enrol = (name: string, facts: (text: Text) => Partial<EnrolFacts> = () => ({})): PageState => ({
  name: `enrol-${name}`,
  template: 'signin/enrol.njk',
  view: (page, text = same) =>
    enrolView({
      page,
      time: SAMPLE_TIME,
      attemptId: text('a'.repeat(40)),
      person: text('sally@acme.test'),
      kinds: FACTOR_KINDS.filter((kind) => KINDS[kind].standing === 'full'),
      later: 0,
      error: null,
      ...facts(text),
    }),
})

const ENROLMENTS: PageState[] = [
  enrol('choose'),
  enrol('later', () => ({ later: 3 })),
  enrol('totp', (text) => ({
    chosen: { kind: 'totp', setup: { is: 'seed', seed: text(SEED), otpauthUrl: OTPAUTH }, qr: QR },
  })),
  enrol('totp-wrong', (text) => ({
    chosen: { kind: 'totp', setup: { is: 'seed', seed: text(SEED), otpauthUrl: OTPAUTH }, qr: QR },
    error: { is: 'wrong_code', triesLeft: 4 },
  })),
  enrol('webauthn', () => ({
    chosen: { kind: 'webauthn', setup: { is: 'browser', options: { ...ASKED, pubKeyCredParams: [] } } },
  })),
  enrol('sms-where', () => ({ chosen: { kind: 'sms' } })),
  enrol('sms-number-wrong', (text) => ({
    chosen: { kind: 'sms' },
    number: text('+49 12'),
    error: { is: 'number_wrong' },
  })),
  enrol('questions', () => ({
    chosen: { kind: 'security_questions', setup: { is: 'questions', questions: [0, 1, 2, 3, 4, 5, 6, 7] } },
  })),
  enrol('yubikey', () => ({ chosen: { kind: 'yubikey', setup: { is: 'elsewhere' } } })),
  enrol('email', (text) => ({
    chosen: { kind: 'email', setup: { is: 'sent', to: text('s•••y@acme.test') } },
  })),
]

/** Answering with a factor, and setting one up while signing in. */
export const FACTOR_STATES: PageState[] = [
  ...ANSWERS,
  ...PUSHES,
  ...PASSKEYS,
  ...PHONES_AND_KEYS,
  ...QUESTION_STATES,
  ...ENROLMENTS,
]
