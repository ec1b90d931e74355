import { TEMPORARY_TOKEN } from '../events/events.ts'

/** How a factor stands up to somebody who tries to get at it; the first is what `phishing_resistant` asks for. */
export type FactorStrength =
  'phishing_resistant' | 'possession' | 'out_of_band' | 'look_up_secret' | 'knowledge'

/**
 * `full` is a second factor by itself. `backup` answers in its place, and is not enough to have. `extra` is asked only of
 * people who have nothing stronger.
 */
export type Standing = 'full' | 'backup' | 'extra'

/** What every door has to know of a factor; nothing else in the house tells one from another. */
export interface FactorDescription {
  /** `factor_id` of the account's factors on OneLogin's wire. */
  id: number
  /** `auth_factor_name`, `type_display_name` and `device_type` there; programs compare it literally. */
  name: string
  /** What a new one is called until its owner names it. */
  label: string
  strength: FactorStrength
  standing: Standing
  /**
   * `text` is typed in, `json` is what the browser's own API gave, `poll` is given elsewhere and asked for, `answers`
   * are several texts, one a question.
   */
  answeredBy: 'text' | 'json' | 'poll' | 'answers'
  /** What comes before the answer: nothing, something made whenever the page shows, or something sent on a wish. */
  challenge: 'none' | 'on_show' | 'on_request'
  /** What its owner has to give before it can be set up. */
  asksFirst: 'nothing' | 'phone_number'
  /** The page of its own where a person sets it up, for a kind that is set up nowhere else. */
  setUpAt?: string
  /** Never part of a directory document: its secret is not to be moved. */
  staysHere?: true
  /** Nobody sets it up: an administrator hands it out, and it has no authenticator of its own. */
  handedOut?: true
  /** Whether `verified: true` may enrol it by API at once: it goes to an address that the caller may have proved. */
  preVerifiable: boolean
  /** RFC 8176 section 2, without `mfa`. */
  amr: readonly string[]
  /** What programs are told while the person has yet to answer; SDKs look for "pending". */
  pending: string
  /** Nobody has it until a policy names it. */
  offByDefault?: true
}

/** The ways to prove a second factor: one entry here and one file in this folder each. */
const DESCRIPTIONS = {
  totp: {
    id: 1,
    name: 'Google Authenticator',
    label: 'Authenticator app',
    strength: 'possession',
    standing: 'full',
    answeredBy: 'text',
    challenge: 'none',
    asksFirst: 'nothing',
    preVerifiable: false,
    amr: ['otp'],
    pending: 'Authentication pending.',
  },
  email: {
    id: 2,
    name: 'OneLogin Email',
    label: 'E-mail',
    strength: 'out_of_band',
    standing: 'full',
    answeredBy: 'text',
    challenge: 'on_request',
    asksFirst: 'nothing',
    preVerifiable: true,
    amr: ['otp'],
    pending: 'Code sent to your email address. Authentication pending.',
  },
  webauthn: {
    id: 10,
    name: 'WebAuthn',
    label: 'Passkey',
    strength: 'phishing_resistant',
    standing: 'full',
    answeredBy: 'json',
    challenge: 'on_show',
    asksFirst: 'nothing',
    preVerifiable: false,
    amr: ['hwk', 'user'],
    pending: 'Authentication pending.',
  },
  sms: {
    id: 7,
    name: 'OneLogin SMS',
    label: 'Text message',
    strength: 'out_of_band',
    standing: 'full',
    answeredBy: 'text',
    challenge: 'on_request',
    asksFirst: 'phone_number',
    preVerifiable: true,
    amr: ['sms'],
    pending: 'SMS token sent to your mobile device. Authentication pending.',
  },
  voice: {
    id: 8,
    name: 'OneLogin Voice',
    label: 'Phone call',
    strength: 'out_of_band',
    standing: 'full',
    answeredBy: 'text',
    challenge: 'on_request',
    asksFirst: 'phone_number',
    preVerifiable: true,
    amr: ['tel'],
    pending: 'Calling your phone with a code. Authentication pending.',
  },
  yubikey: {
    id: 9,
    name: 'Yubico YubiKey',
    label: 'YubiKey',
    strength: 'possession',
    standing: 'full',
    answeredBy: 'text',
    challenge: 'none',
    asksFirst: 'nothing',
    preVerifiable: false,
    amr: ['otp', 'hwk'],
    pending: 'Authentication pending.',
  },
  security_questions: {
    id: 11,
    name: 'Security Questions',
    label: 'Security questions',
    strength: 'knowledge',
    standing: 'extra',
    answeredBy: 'answers',
    challenge: 'on_show',
    asksFirst: 'nothing',
    staysHere: true,
    preVerifiable: false,
    amr: ['kba'],
    pending: 'Authentication pending.',
    offByDefault: true,
  },
  push: {
    id: 3,
    name: 'OneLogin Protect',
    label: 'Approve in a browser',
    strength: 'out_of_band',
    standing: 'full',
    answeredBy: 'poll',
    challenge: 'on_request',
    asksFirst: 'nothing',
    setUpAt: '/approve',
    preVerifiable: false,
    amr: ['mca'],
    pending: 'Authentication pending on OL Protect',
  },
  recovery_code: {
    id: 5,
    name: 'Recovery Codes',
    label: 'Recovery codes',
    strength: 'look_up_secret',
    standing: 'backup',
    answeredBy: 'text',
    challenge: 'none',
    asksFirst: 'nothing',
    setUpAt: '/account',
    staysHere: true,
    preVerifiable: false,
    amr: ['otp'],
    pending: 'Authentication pending.',
  },
  temporary_token: {
    id: 6,
    name: 'Temporary Token',
    label: TEMPORARY_TOKEN.name,
    strength: 'look_up_secret',
    standing: 'backup',
    answeredBy: 'text',
    challenge: 'none',
    asksFirst: 'nothing',
    handedOut: true,
    staysHere: true,
    preVerifiable: false,
    amr: ['otp'],
    pending: 'Authentication pending.',
  },
} satisfies Record<string, FactorDescription>

export type FactorKind = keyof typeof DESCRIPTIONS
export const FACTORS: Record<FactorKind, FactorDescription> = DESCRIPTIONS

/** The factors that something is sent for on a wish. */
export type SentKind = {
  [K in FactorKind]: (typeof DESCRIPTIONS)[K]['challenge'] extends 'on_request' ? K : never
}[FactorKind]
export const isSent = (kind: FactorKind): kind is SentKind => FACTORS[kind].challenge === 'on_request'

export const FACTOR_KINDS = Object.keys(FACTORS) as [FactorKind, ...FactorKind[]]

/** The kinds that a policy may name; what an administrator hands out counts by that. */
export const POLICY_KINDS = FACTOR_KINDS.filter((kind) => !FACTORS[kind].handedOut)

/** The kinds that a directory document may hold. */
export const DOCUMENT_KINDS = FACTOR_KINDS.filter((kind) => !FACTORS[kind].staysHere)
