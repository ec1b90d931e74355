import { ACCOUNT_STATES } from './account-states.ts'
import { FACTOR_STATES } from './factor-states.ts'
import { OTHER_STATES } from './other-states.ts'
import type { PageState } from './page-state.ts'
import { PASSWORD_STATES } from './password-states.ts'
import { SIGNIN_STATES } from './signin-states.ts'

/** Every page in every state that looks different. */
export const STATES: PageState[] = [
  ...SIGNIN_STATES,
  ...FACTOR_STATES,
  ...PASSWORD_STATES,
  ...ACCOUNT_STATES,
  ...OTHER_STATES,
]
