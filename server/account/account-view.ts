import type { NoticeView, PageFacts } from '../branding/page.ts'
import type { FactorKind } from '../factors/factor-kind.ts'
import { kindText } from '../signin/factor-words.ts'
import { LANGUAGES, type LanguageCode } from '../language/language.ts'
import type { Words } from '../language/text-keys.ts'
import { commandLineRows, type CommandLineFacts, type CommandLineRowView } from './command-lines-view.ts'
import { activityRows, type ActivityRowView, type ShownEvent } from './activity-view.ts'
import { portalView, type PortalPerson, type PortalView } from './portal-view.ts'
import { rememberedRows, type RememberedFacts, type RememberedRowView } from './remembered-view.ts'
import { sessionRows, type SessionFacts, type SessionRowView } from './sessions-view.ts'

/** What has just been done, told once above the page. */
export const ACCOUNT_NOTICES = [
  'language_kept',
  'password_changed',
  'factor_added',
  'factor_renamed',
  'factor_default',
  'factor_removed',
  'session_ended',
  'session_gone',
  'signed_out_elsewhere',
  'browser_forgotten',
  'command_line_ended',
  'command_line_gone',
] as const
export type AccountNotice = (typeof ACCOUNT_NOTICES)[number]

export interface FactorRowView {
  kind: FactorKind
  name: string
  /** Its kind and which one it is. */
  about: string
  isDefault: boolean
  href: string
}

/** Codes for a day without any factor: there, with what is left, or to be made. */
export interface RecoveryView {
  about: string
  exists: boolean
}

/** All that `views/account/account.njk` may read. */
export interface AccountView extends PortalView {
  words: Words<'account:page.words'>
  notice: NoticeView | null
  profile: { label: string; value: string }[]
  languages: { code: string; name: string; isChosen: boolean }[]
  passwordAge: string
  factors: FactorRowView[]
  factorsLead: string
  mayAdd: boolean
  recovery: RecoveryView | null
  recoveryName: string
  sessions: SessionRowView[]
  remembered: RememberedRowView[]
  commandLines: CommandLineRowView[]
  hasOtherSessions: boolean
  activity: ActivityRowView[]
}

export interface AccountFacts {
  page: PageFacts
  person: PortalPerson & { username: string }
  notice?: AccountNotice | undefined
  chosenLanguage: LanguageCode | undefined
  passwordChangedAt: number | null
  factors: readonly { id: number; kind: FactorKind; label: string; hint: string; isDefault: boolean }[]
  /** Recovery codes that are left; `undefined`: never made; `null`: there is nothing to recover. */
  codesLeft: number | undefined | null
  /** Whether there is a kind that the person may still set up. */
  mayAdd: boolean
  sessions: SessionFacts
  remembered: readonly RememberedFacts[]
  commandLines: readonly CommandLineFacts[]
  events: readonly ShownEvent[]
}

/** A language by its own name, which is what somebody looks for who cannot read the page. */
const ownName = (code: LanguageCode): string => {
  const name = new Intl.DisplayNames(code, { type: 'language' }).of(code) ?? code
  return name.charAt(0).toLocaleUpperCase(code) + name.slice(1)
}

const joined = (...parts: string[]): string => parts.filter((part) => part !== '').join(' · ')

function profileRows({ page, person }: AccountFacts): AccountView['profile'] {
  const { t } = page.language
  const name = `${person.firstname} ${person.lastname}`.trim()
  const rows = [
    { label: t('account:page.profile.name'), value: name },
    { label: t('account:page.profile.email'), value: person.email },
    { label: t('account:page.profile.username'), value: person.username },
  ]
  return rows.filter(({ value }) => value !== '')
}

function factorRows({ page, factors }: AccountFacts): FactorRowView[] {
  return factors.map(({ id, kind, label, hint, isDefault }, index) => ({
    kind,
    name: label,
    about: joined(kindText(kind, page.language), hint),
    isDefault: factors.length > 1 && (isDefault || (index === 0 && !factors.some((one) => one.isDefault))),
    href: `/account/factors/${id}`,
  }))
}

function recoveryView({ page: { language }, codesLeft }: AccountFacts): RecoveryView | null {
  if (codesLeft === null) return null
  const exists = codesLeft !== undefined
  const about = exists ? language.t('codes:left', { count: codesLeft }) : language.t('account:codes.notMade')
  return { about, exists }
}

function noticeView(notice: AccountNotice | undefined, { language }: PageFacts): NoticeView | null {
  if (notice === undefined) return null
  const { title, text } = language.words(`account:page.notice.${notice}`)
  return { tone: notice === 'session_gone' || notice === 'command_line_gone' ? 'info' : 'good', title, text }
}

/** The page on which a person looks after their account. */
export function accountView(facts: AccountFacts): AccountView {
  const { page, person, sessions, passwordChangedAt, factors } = facts
  const { t, words, date } = page.language
  const rows = sessionRows(sessions, page.language)
  return {
    ...portalView(page, t('account:page.words.heading'), person, 'account'),
    words: words('account:page.words'),
    notice: noticeView(facts.notice, page),
    profile: profileRows(facts),
    languages: LANGUAGES.map((code) => ({
      code,
      name: ownName(code),
      isChosen: code === facts.chosenLanguage,
    })),
    passwordAge:
      passwordChangedAt === null
        ? t('account:page.passwordNeverChanged')
        : t('account:page.passwordChanged', { day: date(passwordChangedAt, 'day') }),
    factors: factorRows(facts),
    factorsLead: t(
      factors.length > 0
        ? 'account:page.factors.some'
        : facts.mayAdd
          ? 'account:page.factors.none'
          : 'account:page.factors.notAsked',
    ),
    mayAdd: facts.mayAdd,
    recovery: recoveryView(facts),
    recoveryName: t('account:codes.name'),
    sessions: rows,
    remembered: rememberedRows(facts.remembered, sessions.now, page.language),
    commandLines: commandLineRows(facts.commandLines, sessions.now, page.language),
    hasOtherSessions: rows.some(({ isCurrent }) => !isCurrent),
    activity: activityRows(facts.events, page.language),
  }
}
