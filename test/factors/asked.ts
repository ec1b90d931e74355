import { policySchema } from '../../server/directory/policy.ts'
import type { Asking } from '../../server/factors/factor.ts'

/** A program asks, by the rules that nobody has changed. */
export const ASKED: Asking = {
  policy: policySchema.parse({}),
  origin: { address: '203.0.113.9', requestId: 'test' },
}
