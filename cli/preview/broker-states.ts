import { codeView } from '../../server/broker/code-view.ts'
import { consentView, type ConsentFacts } from '../../server/broker/consent-view.ts'
import { deviceView, type DeviceFacts } from '../../server/broker/device-view.ts'
import { same, type PageState, type Text } from './page-state.ts'

const HOUR = 3_600_000
const NOW = Date.UTC(2026, 10, 25, 9, 30)

const consent = (name: string, facts: (text: Text) => Partial<ConsentFacts> = () => ({})): PageState => ({
  name: `consent-${name}`,
  template: 'broker/consent.njk',
  view: (page, text = same) =>
    consentView({
      page,
      person: text('sally@acme.test'),
      device: { deviceName: text('sallys-laptop'), keyStorage: 'file' },
      address: text('203.0.113.7'),
      endsAt: NOW + 10 * HOUR,
      now: NOW,
      idleHours: 4,
      roles: 3,
      lacks: [],
      action: '/oauth/authorize',
      hidden: { name: 'asked', value: text('v1.asked') },
      ...facts(text),
    }),
})

const device = (name: string, facts: Partial<DeviceFacts>): PageState => ({
  name: `device-${name}`,
  template: 'broker/device.njk',
  view: (page) => deviceView({ page, ...facts }),
})

/** Letting a command line go on as oneself. */
export const BROKER_STATES: PageState[] = [
  consent('usual'),
  consent('lacks', () => ({ lacks: ['hwk'] })),
  consent('by-code', (text) => ({
    byCode: true,
    device: { deviceName: text('kiosk'), keyStorage: 'agent' },
  })),
  {
    name: 'consent-code',
    template: 'broker/code.njk',
    view: (page, text = same) =>
      codeView({
        page,
        code: text('dw_bc_MFh0c2VjcmV0LW9mLXNpeHR5LWZvdXItY2hhcmFjdGVycw#Zm9yLXRoZS1zdGF0ZQ'),
      }),
  },
  device('ask', {}),
  device('wrong', { typed: 'BCDF-GHJK', fault: 'wrong' }),
  device('allowed', { end: 'allowed' }),
  device('over', { end: 'over' }),
]
