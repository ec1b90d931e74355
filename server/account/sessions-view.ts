import type { Language } from '../language/language.ts'
import { SECOND } from '../platform/clock.ts'
import type { ListedSession } from '../signin/browser-sessions.ts'
import { deviceText, type Device } from '../signin/device-name.ts'

export interface SessionRowView {
  id: string
  icon: Device['kind']
  device: string
  /** Where it began and when. */
  began: string
  /** Empty for the one that looks. */
  lastUsed: string
  isCurrent: boolean
  /** What its button is for, to those who only hear it. */
  endLabel: string
}

export interface SessionFacts {
  sessions: readonly (ListedSession & { device: Device })[]
  currentId: string
  now: number
}

/** A person's sessions, the one that looks at them first. */
export function sessionRows(
  { sessions, currentId, now }: SessionFacts,
  language: Language,
): SessionRowView[] {
  const { t, date, duration } = language
  const rows = sessions.map((session): SessionRowView => {
    const device = deviceText(session.device, language)
    const isCurrent = session.id === currentId
    const ago = duration(Math.max(1, (now - session.lastSeenAt) / SECOND))
    const began = { time: date(session.authTime), address: session.from?.address ?? '' }
    return {
      id: session.id,
      icon: session.device.kind,
      device,
      began: t(began.address === '' ? 'account:sessions.beganAnywhere' : 'account:sessions.began', began),
      lastUsed: isCurrent ? '' : t('account:sessions.lastUsed', { ago }),
      isCurrent,
      endLabel: t('account:sessions.endLabel', { device }),
    }
  })
  return rows.toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent))
}
