import { recoveryUsedView } from '../../server/signin/recovery-used-view.ts'
import { factor, PHONE } from './factor-states.ts'
import type { PageState } from './page-state.ts'

const TOKEN = { id: '0', kind: 'temporary_token', label: 'Temporary MFA token', hint: '' } as const
const RECOVERY = { id: '72', kind: 'recovery_code', label: 'Recovery codes', hint: '' } as const

/** Codes of every kind, where they are asked for. */
export const CODE_STATES: PageState[] = [
  factor('recovery', { chosenId: '72', authenticators: [PHONE, RECOVERY] }),
  factor('recovery-other', { authenticators: [PHONE, RECOVERY] }),
  factor('temporary', { chosenId: '0', authenticators: [PHONE, TOKEN] }),
  factor('recovery-wrong', {
    chosenId: '72',
    authenticators: [PHONE, RECOVERY],
    error: { is: 'wrong_code', triesLeft: 3 },
  }),
  ...[9, 1].map((left): PageState => ({
    name: `recovery-used-${left}`,
    template: 'signin/recovery-used.njk',
    view: (page) => recoveryUsedView({ page, left, next: '/' }),
  })),
]
