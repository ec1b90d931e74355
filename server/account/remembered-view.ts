import type { Language } from '../language/language.ts'
import { deviceText, type Device } from '../signin/device-name.ts'
import type { RememberedBrowser } from '../signin/remembered-browser-store.ts'

export interface RememberedRowView {
  id: string
  icon: Device['kind']
  device: string
  /** Until when, and where it began. */
  about: string
  lastUsed: string
  /** What its button is for, to those who only hear it. */
  askAgainLabel: string
}

export type RememberedFacts = Pick<RememberedBrowser, 'id' | 'address' | 'endsAt' | 'lastUsedAt'> & {
  device: Device
}

/** The browsers in which a person is not asked for their second factor for a while. */
export const rememberedRows = (
  browsers: readonly RememberedFacts[],
  now: number,
  language: Language,
): RememberedRowView[] =>
  browsers.map(({ id, address, endsAt, lastUsedAt, device: used }) => {
    const { t, date, duration } = language
    const device = deviceText(used, language)
    const ago = duration(Math.max(1, (now - lastUsedAt) / 1000))
    return {
      id: String(id),
      icon: used.kind,
      device,
      about: t('account:remembered.until', { day: date(endsAt, 'day'), address }),
      lastUsed: t('account:sessions.lastUsed', { ago }),
      askAgainLabel: t('account:remembered.askAgainLabel', { device }),
    }
  })
