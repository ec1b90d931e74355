/** Where the words of a factor are: codes of every kind have a room of their own. */
import type { FactorKind } from '../factors/factor-kind.ts'
import type { Language } from '../language/language.ts'
import type { Rooms } from '../language/text-keys.ts'

type CodeKind = FactorKind & keyof Rooms['codes']['ask']
const CODE_KINDS: Record<CodeKind, { digits: boolean }> = {
  recovery_code: { digits: false },
  temporary_token: { digits: true },
  yubikey: { digits: false },
  security_questions: { digits: false },
}
/** Nobody sets these up while signing in. */
type Backup = Exclude<CodeKind, 'yubikey' | 'security_questions'>
const isBackup = (kind: FactorKind): kind is Backup => kind === 'recovery_code' || kind === 'temporary_token'
const isCode = (kind: FactorKind): kind is CodeKind => Object.hasOwn(CODE_KINDS, kind)

/** What the page says about a factor that is asked for. */
export interface AskWords {
  heading: string
  lead: string
  hint: string
  wrong: string
  other: string
  /** Beside `other`, where nothing tells one authenticator of this kind from another. */
  otherHint: string
  codeLabel: string
  codeMissing: string
  /** Whether the answer is digits: then a phone shows its number pad. */
  digits: boolean
}

export function askWords(
  kind: FactorKind,
  { t }: Language,
  names: { label: string; address: string } = { label: '', address: '' },
): AskWords {
  if (isCode(kind))
    return {
      heading: t(`codes:ask.${kind}.heading`),
      lead: t(`codes:ask.${kind}.lead`),
      hint: t(`codes:ask.${kind}.hint`),
      wrong: t(`codes:ask.${kind}.wrong`),
      other: t(`codes:ask.${kind}.other`),
      otherHint: t(`codes:ask.${kind}.otherHint`),
      codeLabel: t(`codes:ask.${kind}.codeLabel`),
      codeMissing: t(`codes:ask.${kind}.codeMissing`),
      ...CODE_KINDS[kind],
    }
  return {
    heading: t(`signin:factor.ask.${kind}.heading`),
    lead: t(`signin:factor.ask.${kind}.lead`, names),
    hint: t(`signin:factor.ask.${kind}.hint`),
    wrong: t(`signin:factor.ask.${kind}.wrong`),
    other: t(`signin:factor.ask.${kind}.other`),
    otherHint: names.address || names.label,
    codeLabel: t('signin:factor.codeLabel'),
    codeMissing: t('signin:factor.field.code_missing'),
    digits: true,
  }
}

/** What the page says about a factor that is offered, and while it is set up. */
export function enrolWords(kind: FactorKind, { t }: Language, address = '') {
  if (isBackup(kind)) throw new Error(`${kind} is not set up while signing in`)
  return {
    offer: t(`signin:enrol.kind.${kind}.offer`),
    offerHint: t(`signin:enrol.kind.${kind}.offerHint`),
    heading: t(`signin:enrol.kind.${kind}.heading`),
    lead: t(`signin:enrol.kind.${kind}.lead`),
    after: t(`signin:enrol.kind.${kind}.after`, { address }),
  }
}

/** What a kind of factor is called among others. */
export const kindText = (kind: FactorKind, { t }: Language): string =>
  isBackup(kind) ? t('account:codes.name') : t(`signin:enrol.kind.${kind}.offer`)
