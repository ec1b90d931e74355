import { describe, expect, test } from 'vitest'
import {
  isAllowed,
  mergePolicies,
  policySchema,
  type PolicyOverrides,
} from '../../server/directory/policy.ts'

const account = policySchema.parse({ mfa: 'required', grace_sign_ins: 2 })

// prettier-ignore
const ROWS: [does: string, group: PolicyOverrides, app: PolicyOverrides, want: object][] = [
  ["is the account's where nobody else says anything", {}, {}, { mfa: 'required', grace_sign_ins: 2 }],
  ["takes the group's rule before the account's", { mfa: 'none' }, {}, { mfa: 'none', grace_sign_ins: 2 }],
  ["takes the app's rule before both", { mfa: 'none' }, { mfa: 'phishing_resistant' }, { mfa: 'phishing_resistant' }],
  ['takes each rule by itself', { grace_sign_ins: 0 }, { mfa: 'enrolled' }, { mfa: 'enrolled', grace_sign_ins: 0 }],
  ['reads null as nothing said', { allowed_factors: ['totp'] }, { allowed_factors: null }, { allowed_factors: ['totp'] }],
]

describe('mergePolicies', () => {
  for (const [does, group, app, want] of ROWS) {
    test(does, () => expect(mergePolicies(account, group, app)).toMatchObject(want))
  }

  test('leaves what only the account rules as it is', () => {
    expect(mergePolicies(account, { mfa: 'none' }).lock_minutes).toBe(account.lock_minutes)
  })
})

test('a list of factors allows those and no other; without one, all that are not off by default', () => {
  expect(isAllowed({ allowed_factors: ['email'] }, 'email')).toBe(true)
  expect(isAllowed({ allowed_factors: ['email'] }, 'totp')).toBe(false)
  expect(isAllowed({ allowed_factors: null }, 'totp')).toBe(true)
})
