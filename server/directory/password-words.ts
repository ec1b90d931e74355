import type { Language } from '../language/language.ts'
import type { PasswordFault } from './password-rules.ts'

/** What a page says about a password that may not be taken. */
export const passwordFaultText = ({ t }: Language, fault: PasswordFault, min: number): string =>
  t(`password:fault.${fault}`, { min })

/** What stands below the input before anything is wrong. */
export const passwordHint = ({ t }: Language, min: number): string => t('password:hint', { min })

/** What the meter beside the input says. */
export interface StrengthView {
  label: string
  minLength: number
  /** From too short to strong, separated by `|`. */
  words: string
}

export function strengthView({ t, words }: Language, minLength: number): StrengthView {
  const { short, weak, fair, good, strong } = words('password:strength.level')
  return {
    label: t('password:strength.label'),
    minLength,
    words: [short, weak, fair, good, strong].join('|'),
  }
}
