import { describe, expect, test } from 'vitest'
import { USER_STATE, USER_STATUS } from '../../server/directory/user.ts'
import type { FactorKind } from '../../server/factors/factor-kind.ts'
import {
  nextStep,
  refusalOf,
  signInRefusal,
  type JourneyFacts,
  type NewPasswordReason,
  type Step,
} from '../../server/signin/journey.ts'

type Choice = { id: number; factor: FactorKind }
type Facts = JourneyFacts<Choice>

const totp: Choice = { id: 1, factor: 'totp' }
const email: Choice = { id: 2, factor: 'email' }

const password: Step<Choice> = { step: 'password' }
const alone: Step<Choice> = { step: 'done', secondFactor: false }
const both: Step<Choice> = { step: 'done', secondFactor: true }
const factor = (...choices: Choice[]): Step<Choice> => ({ step: 'factor', choices })
const choose = (reason: NewPasswordReason): Step<Choice> => ({ step: 'new_password', reason })
const enrol = (...kinds: FactorKind[]): Step<Choice> => ({ step: 'enrol', kinds, later: 0 })
const refused = (refusal: NonNullable<Facts['refusal']>): Step<Choice> => ({ step: 'refused', refusal })

type Row = [does: string, facts: Partial<Facts>, want: Step<Choice>]

const passwordOnly: Facts['passed'] = ['password']
// prettier-ignore
const ROWS: Row[] = [
  ['asks for the password first', {}, password],
  ['asks for the password first, although a factor was proved', { passed: ['totp'], authenticators: [totp] }, password],
  ['asks for the password before it tells why somebody may not sign in', { refusal: 'suspended' }, password],
  ['lets a password in alone when no factor is wanted', { passed: passwordOnly, mfa: 'none', authenticators: [totp] }, alone],
  ['lets a password in alone when there is no factor to ask', { passed: passwordOnly, mfa: 'enrolled' }, alone],
  ['offers every factor in the order given', { passed: passwordOnly, mfa: 'enrolled', authenticators: [email, totp] }, factor(email, totp)],
  ['asks for a factor where one is required', { passed: passwordOnly, mfa: 'required', authenticators: [totp] }, factor(totp)],
  ['has a person without a factor set one up where one is required', { passed: passwordOnly, mfa: 'required', enrollable: ['totp', 'email'] }, enrol('totp', 'email')],
  ['has nobody set up a factor where none is required', { passed: passwordOnly, mfa: 'enrolled', enrollable: ['totp'] }, alone],
  ['has nobody set up a second one before the first was proved', { passed: passwordOnly, mfa: 'required', authenticators: [email], enrollable: ['totp'] }, factor(email)],
  ['lets it be put off while sign-ins are granted without', { passed: passwordOnly, mfa: 'required', enrollable: ['totp'], graceLeft: 2 }, { step: 'enrol', kinds: ['totp'], later: 2 }],
  ['lets in who put it off', { passed: ['password', 'later'], mfa: 'required', enrollable: ['totp'], graceLeft: 1 }, alone],
  ['takes putting it off for no factor that somebody has', { passed: ['password', 'later'], mfa: 'required', authenticators: [totp] }, factor(totp)],
  ['uses one of the granted sign-ins up where none can be set up', { passed: passwordOnly, mfa: 'required', enrollable: ['totp'], canEnrol: false, graceLeft: 1 }, { step: 'done', secondFactor: false, spendsGrace: true }],
  ['refuses at such a door when all are used up', { passed: passwordOnly, mfa: 'required', enrollable: ['totp'], canEnrol: false }, refused('no_usable_factor')],
  ['offers only the factors that count', { passed: passwordOnly, allowed_factors: ['email'], authenticators: [totp, email] }, factor(email)],
  ['has a factor that does not count proved before one that does is set up', { passed: passwordOnly, allowed_factors: ['totp'], authenticators: [email], enrollable: ['totp'] }, factor(email)],
  ['then has the one that counts set up', { passed: ['password', 'email'], allowed_factors: ['totp'], authenticators: [email], enrollable: ['totp'] }, enrol('totp')],
  ['lets nobody in with codes where phishing must be resisted', { passed: ['password', 'totp'], mfa: 'phishing_resistant', authenticators: [totp], enrollable: ['totp', 'email'] }, refused('no_usable_factor')],
  ['has a new password chosen before a factor is set up', { passed: passwordOnly, refusal: 'password_expired', mfa: 'required', enrollable: ['totp'] }, choose('expired')],
  ['refuses a person without a factor where one is required and none can be set up', { passed: passwordOnly, mfa: 'required' }, refused('no_usable_factor')],
  ['lets in with password and TOTP', { passed: ['password', 'totp'], mfa: 'required', authenticators: [totp] }, both],
  ['lets in with password and e-mail code', { passed: ['password', 'email'], mfa: 'enrolled', authenticators: [email] }, both],
  ['lets in with a factor that was proved and then taken away', { passed: ['password', 'totp'], mfa: 'required' }, both],
  ['refuses before it asks for a factor', { passed: passwordOnly, refusal: 'locked', mfa: 'required', authenticators: [totp] }, refused('locked')],
  ['refuses although both factors were proved', { passed: ['password', 'totp'], refusal: 'suspended', authenticators: [totp] }, refused('suspended')],
  ['asks for a new password where an old one expired', { passed: passwordOnly, refusal: 'password_expired' }, choose('expired')],
  ['asks for a new password where an administrator wants one', { passed: passwordOnly, refusal: 'awaiting_reset' }, choose('awaiting_reset')],
  ['asks for a new password where it was the first', { passed: passwordOnly, refusal: 'password_pending' }, choose('pending')],
  ['asks for the factor before the new password', { passed: passwordOnly, refusal: 'password_expired', authenticators: [totp] }, factor(totp)],
  ['asks for the new password after the factor', { passed: ['password', 'totp'], refusal: 'password_expired', authenticators: [totp] }, choose('expired')],
  ['refuses whose password has expired where none can be chosen', { passed: passwordOnly, refusal: 'password_expired', canChangePassword: false, authenticators: [totp] }, refused('password_expired')],
  ['lets in after the new password', { passed: ['password', 'new_password'] }, alone],
  ['lets in after the factor and the new password', { passed: ['password', 'totp', 'new_password'], authenticators: [totp] }, both],
  ['takes no new password for a factor', { passed: ['password', 'new_password'], authenticators: [totp] }, factor(totp)],
  ['lets nobody in by a new password where a factor is required', { passed: ['invite', 'new_password'], mfa: 'required' }, refused('no_usable_factor')],
  ['asks an invited person for a password', { passed: ['invite'], refusal: 'unactivated' }, choose('invite')],
  ['asks an invited person for a password although they have one', { passed: ['invite'] }, choose('invite')],
  ['asks an invited person for their factor first', { passed: ['invite'], authenticators: [email] }, factor(email)],
  ['asks an invited person for no code by another letter', { passed: ['invite'], authenticators: [email, totp] }, factor(totp)],
  ['asks an invited person for the code by mail where only that counts', { passed: ['invite'], allowed_factors: ['email'], authenticators: [email, totp] }, factor(email)],
  ['lets an invited person in', { passed: ['invite', 'new_password'] }, alone],
  ['refuses an invited person who is suspended', { passed: ['invite'], refusal: 'suspended' }, refused('suspended')],
  ['asks who forgot their password for a new one', { passed: ['reset'] }, choose('reset')],
  ['asks who forgot their password for their factor first', { passed: ['reset'], authenticators: [totp] }, factor(totp)],
  ['asks who came by a letter for no code by another', { passed: ['reset'], authenticators: [email, totp] }, factor(totp)],
  ['refuses who has nothing but letters to prove a reset', { passed: ['reset'], authenticators: [email] }, refused('no_usable_factor')],
  ['sends a reset to the sign-in page at its end', { passed: ['reset', 'totp', 'new_password'], authenticators: [totp] }, password],
  ['lets nobody activate themselves by a reset', { passed: ['reset'], refusal: 'password_pending' }, refused('password_pending')],
  ['refuses a reset during a lock', { passed: ['reset'], refusal: 'locked', authenticators: [totp] }, refused('locked')],
  ['refuses although no factor is wanted', { passed: passwordOnly, refusal: 'security_questions', mfa: 'none' }, refused('security_questions')],
]

describe('nextStep', () => {
  for (const [does, facts, want] of ROWS) {
    test(does, () => {
      const nothing: Facts = {
        passed: [],
        refusal: undefined,
        canChangePassword: true,
        mfa: 'enrolled',
        authenticators: [],
        enrollable: [],
        canEnrol: true,
        allowed_factors: null,
        graceLeft: 0,
      }
      expect(nextStep({ ...nothing, ...facts })).toEqual(want)
    })
  }

  const usual = {
    canChangePassword: true,
    enrollable: ['totp' as const],
    canEnrol: true,
    allowed_factors: null,
    graceLeft: 0,
  }

  test('says done only after the password, without a refusal, and with every factor that is asked', () => {
    const passes: Facts['passed'][] = [
      [],
      ['totp'],
      ['password'],
      ['password', 'totp'],
      ['email', 'password'],
      ['password', 'new_password'],
      ['invite'],
      ['invite', 'totp'],
      ['invite', 'new_password'],
      ['invite', 'totp', 'new_password'],
      ['reset'],
      ['reset', 'totp'],
      ['reset', 'totp', 'new_password'],
    ]
    for (const passed of passes)
      for (const refusal of [undefined, 'locked', 'suspended', 'pending'] as const)
        for (const mfa of ['none', 'enrolled', 'required'] as const)
          for (const authenticators of [[], [totp], [totp, email]]) {
            const { step } = nextStep({ ...usual, passed, refusal, mfa, authenticators })
            const proved = passed.some((name) => name === 'totp' || name === 'email')
            const asked = mfa === 'required' || (mfa === 'enrolled' && authenticators.length > 0)
            const first = passed.includes('password') || /^invite.*new_password/.test(passed.join())
            const may = first && !refusal && (proved || !asked)
            expect([passed, refusal, mfa, authenticators.length, step === 'done']).toEqual([
              passed,
              refusal,
              mfa,
              authenticators.length,
              may,
            ])
          }
  })
})

const NOW = Date.UTC(2030, 0, 1)
const { active, locked, suspended } = USER_STATUS

type RefusalRow = [does: string, status: number, lockedUntil: number | null, want: string | undefined]
const REFUSALS: RefusalRow[] = [
  ['lets an active person in', active, null, undefined],
  ['lets an active person in whose lock has ended', active, NOW - 1, undefined],
  ['lets nobody in during a lock, to its last millisecond', active, NOW + 1, 'locked'],
  ['lets in at the end of a lock', active, NOW, undefined],
  ['lets a person in whose status says locked once their lock has ended', locked, NOW, undefined],
  ['keeps a locked person out during the lock', locked, NOW + 1, 'locked'],
  ['keeps a person out whom a lock without an end holds', locked, null, 'locked'],
  ['keeps a suspended person out', suspended, null, 'suspended'],
  ['keeps a suspended person out after a lock has ended', suspended, NOW - 1, 'suspended'],
  ['tells the lock first', suspended, NOW + 1, 'locked'],
  ['keeps out who was never activated', USER_STATUS.unactivated, null, 'unactivated'],
  ['keeps out whose password has expired', USER_STATUS.passwordExpired, null, 'password_expired'],
  ['keeps out who must reset', USER_STATUS.awaitingPasswordReset, null, 'awaiting_reset'],
  ['keeps out who has no password yet', USER_STATUS.passwordPending, null, 'password_pending'],
  ['keeps out who owes answers', USER_STATUS.securityQuestionsRequired, null, 'security_questions'],
  ['keeps out a status it does not know', 6, null, 'pending'],
  ['keeps out a status of the future', 99, NOW - 1, 'pending'],
]

describe('refusalOf', () => {
  for (const [does, status, lockedUntil, want] of REFUSALS) {
    test(does, () => expect(refusalOf({ state: USER_STATE.approved, status, lockedUntil }, NOW)).toBe(want))
  }

  test.each(['unapproved', 'rejected', 'unlicensed'] as const)(
    'keeps an active person out who is %s',
    (name) => {
      expect(refusalOf({ state: USER_STATE[name], status: active, lockedUntil: null }, NOW)).toBe(name)
    },
  )

  test('tells the status before the state', () => {
    const rejected = { state: USER_STATE.rejected, status: suspended, lockedUntil: null }
    expect(refusalOf(rejected, NOW)).toBe('suspended')
  })
})

describe('signInRefusal', () => {
  const DAY = 24 * 3600_000
  const person = { status: active, state: 1, lockedUntil: null, createdAt: NOW - 400 * DAY }
  const told = (passwordChangedAt: number | null, password_max_age_days: number, more: object = {}) =>
    signInRefusal({ ...person, passwordChangedAt, ...more }, { password_max_age_days }, NOW)

  test('lets an old password in where the policy has no age', () => {
    expect(told(NOW - 399 * DAY, 0)).toBeUndefined()
  })
  test('refuses a password on the day it is too old, not before', () => {
    expect(told(NOW - 90 * DAY + 1, 90)).toBeUndefined()
    expect(told(NOW - 90 * DAY, 90)).toBe('password_expired')
  })
  test('counts from the beginning of the person where no change was noted', () => {
    expect(told(null, 90)).toBe('password_expired')
    expect(told(null, 401)).toBeUndefined()
  })
  test('tells what is worse first', () => {
    expect(told(null, 90, { status: suspended })).toBe('suspended')
    expect(told(null, 0, { status: USER_STATUS.passwordExpired, state: 2 })).toBe('rejected')
    expect(told(null, 90, { state: 0 })).toBe('unapproved')
  })
})
