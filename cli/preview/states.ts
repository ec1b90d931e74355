import { ACCOUNT_STATES } from './account-states.ts'
import { APPROVE_STATES } from './approve-states.ts'
import { BROKER_STATES } from './broker-states.ts'
import { CODE_STATES } from './code-states.ts'
import { FACTOR_STATES } from './factor-states.ts'
import { OTHER_STATES } from './other-states.ts'
import { OWN_STATES } from './own-states.ts'
import type { PageState } from './page-state.ts'
import { PASSWORD_STATES } from './password-states.ts'
import { SIGNIN_STATES } from './signin-states.ts'

/** Every page in every state that looks different, as the index lists them. */
export const GROUPS: { title: string; states: readonly PageState[] }[] = [
  { title: 'Signing in', states: SIGNIN_STATES },
  { title: 'Second factor', states: [...FACTOR_STATES, ...CODE_STATES] },
  { title: 'Approving elsewhere', states: APPROVE_STATES },
  { title: 'Passwords and links', states: PASSWORD_STATES },
  { title: 'Signed in', states: ACCOUNT_STATES },
  { title: 'My account', states: OWN_STATES },
  { title: 'Command lines', states: BROKER_STATES },
  { title: 'Everything else', states: OTHER_STATES },
]

export const STATES: PageState[] = GROUPS.flatMap(({ states }) => states)
