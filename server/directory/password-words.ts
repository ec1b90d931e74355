import type { Language } from '../language/language.ts'
import type { Words } from '../language/text-keys.ts'
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
  words: Words<'password:strength.level'>
}

export const strengthView = ({ t, words }: Language, minLength: number): StrengthView => ({
  label: t('password:strength.label'),
  minLength,
  words: words('password:strength.level'),
})
