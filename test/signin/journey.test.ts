import { describe, expect, test } from 'vitest'
import { USER_STATE, USER_STATUS } from '../../server/directory/user.ts'
import type { FactorKind } from '../../server/factors/factor-kind.ts'
import { nextStep, refusalOf, type JourneyFacts, type Step } from '../../server/signin/journey.ts'

type Choice = { id: number; factor: FactorKind }
type Facts = JourneyFacts<Choice>

const totp: Choice = { id: 1, factor: 'totp' }
const email: Choice = { id: 2, factor: 'email' }

const password: Step<Choice> = { step: 'password' }
const alone: Step<Choice> = { step: 'done', secondFactor: false }
const both: Step<Choice> = { step: 'done', secondFactor: true }
const factor = (...choices: Choice[]): Step<Choice> => ({ step: 'factor', choices })
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
  ['refuses a person without a factor where one is required', { passed: passwordOnly, mfa: 'required' }, refused('no_usable_factor')],
  ['lets in with password and TOTP', { passed: ['password', 'totp'], mfa: 'required', authenticators: [totp] }, both],
  ['lets in with password and e-mail code', { passed: ['password', 'email'], mfa: 'enrolled', authenticators: [email] }, both],
  ['lets in with a factor that was proved and then taken away', { passed: ['password', 'totp'], mfa: 'required' }, both],
  ['refuses before it asks for a factor', { passed: passwordOnly, refusal: 'locked', mfa: 'required', authenticators: [totp] }, refused('locked')],
  ['refuses although both factors were proved', { passed: ['password', 'totp'], refusal: 'suspended', authenticators: [totp] }, refused('suspended')],
  ['refuses although no factor is wanted', { passed: passwordOnly, refusal: 'awaiting_reset', mfa: 'none' }, refused('awaiting_reset')],
]

describe('nextStep', () => {
  for (const [does, facts, want] of ROWS) {
    test(does, () => {
      const nothing: Facts = { passed: [], refusal: undefined, mfa: 'enrolled', authenticators: [] }
      expect(nextStep({ ...nothing, ...facts })).toEqual(want)
    })
  }

  test('says done only after the password, without a refusal, and with every factor that is asked', () => {
    const passes: Facts['passed'][] = [
      [],
      ['totp'],
      ['password'],
      ['password', 'totp'],
      ['email', 'password'],
    ]
    for (const passed of passes)
      for (const refusal of [undefined, 'locked', 'suspended', 'pending'] as const)
        for (const mfa of ['none', 'enrolled', 'required'] as const)
          for (const authenticators of [[], [totp], [totp, email]]) {
            const { step } = nextStep({ passed, refusal, mfa, authenticators })
            const proved = passed.some((name) => name !== 'password')
            const asked = mfa === 'required' || (mfa === 'enrolled' && authenticators.length > 0)
            const may = passed.includes('password') && !refusal && (proved || !asked)
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
