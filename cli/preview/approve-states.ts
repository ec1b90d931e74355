import { APPROVE_NOTICES, approveView, type ApproveFacts } from '../../server/account/approve-view.ts'
import { same, type PageState, type Text } from './page-state.ts'

const KNOCK_KEY = 'BDd3_hVL9fZi9Ybo2UUzA284WG5FZR30_95YeZJsiApwXKpNcF1rRPF3foIiBHXRdJI2Qhumhf6_LFTeZaNndIo'

const approve = (name: string, facts: (text: Text) => Partial<ApproveFacts> = () => ({})): PageState => ({
  name: `approve-${name}`,
  template: 'account/approve.njk',
  view: (page, text = same) =>
    approveView({
      page,
      person: text('sally@acme.test'),
      browser: { is: 'approver', name: text('Office laptop'), reachable: false },
      seen: '',
      knockKey: KNOCK_KEY,
      ...facts(text),
    }),
})

const asking = (text: Text, from: { app?: string; hasNumber: boolean }): Partial<ApproveFacts> => ({
  browser: {
    is: 'approver',
    name: text('Office laptop'),
    reachable: true,
    asked: {
      id: text('r1'),
      address: text('203.0.113.7'),
      askedAt: Date.UTC(2026, 10, 25, 9, 30),
      ...from,
    },
  },
  seen: text('r1'),
})

/** Approving in a browser what another one does, and becoming a browser that approves. */
export const APPROVE_STATES: PageState[] = [
  approve('asked', (text) => asking(text, { hasNumber: true })),
  approve('program', (text) => asking(text, { app: text('AWS'), hasNumber: false })),
  approve('idle'),
  approve('reachable', (text) => ({
    browser: { is: 'approver', name: text('Office laptop'), reachable: true },
  })),
  approve('set-up', () => ({ browser: { is: 'newcomer' } })),
  ...APPROVE_NOTICES.map((notice) =>
    approve(notice.replaceAll('_', '-'), () => ({
      notice,
      ...(notice === 'nothing_else' || notice === 'too_many' ? { browser: { is: 'none' } } : {}),
    })),
  ),
]
