import type { BrokerSession } from '../broker/broker-session-store.ts'
import type { Language } from '../language/language.ts'
import { SECOND } from '../platform/clock.ts'

export interface CommandLineRowView {
  id: string
  device: string
  /** Where it began and when. */
  about: string
  until: string
  lastUsed: string
  /** What its button is for, to those who only hear it. */
  endLabel: string
}

export type CommandLineFacts = Pick<
  BrokerSession,
  'id' | 'deviceName' | 'authTime' | 'address' | 'endsAt' | 'lastUsedAt'
>

/** The command lines that are signed in as a person. */
export const commandLineRows = (
  sessions: readonly CommandLineFacts[],
  now: number,
  { t, date, duration }: Language,
): CommandLineRowView[] =>
  sessions.map(({ id, deviceName: device, authTime, address, endsAt, lastUsedAt }) => ({
    id: String(id),
    device,
    about: t('account:commandLines.about', { time: date(authTime), address }),
    until: t('account:commandLines.until', { time: date(endsAt) }),
    lastUsed: t('account:sessions.lastUsed', { ago: duration(Math.max(1, (now - lastUsedAt) / SECOND)) }),
    endLabel: t('account:commandLines.endLabel', { device }),
  }))
