import { summaryOf, type FieldView, type PageFacts, type SummaryView } from '../branding/page.ts'
import type { FactorKind } from '../factors/factor-kind.ts'
import type { Words } from '../language/text-keys.ts'
import { kindText } from '../signin/factor-words.ts'
import { portalView, type PortalPerson, type PortalView } from './portal-view.ts'

/** All that `views/account/factor.njk` may read. */
export interface FactorPageView extends PortalView {
  words: Words<'account:factor.words'>
  heading: string
  about: string
  kind: FactorKind
  action: string
  summary: SummaryView | null
  label: FieldView
  canBeDefault: boolean
  removeText: string
}

export interface FactorPageFacts {
  page: PageFacts
  person: PortalPerson
  factor: { id: number; kind: FactorKind; label: string; hint: string }
  canBeDefault: boolean
  isLast: boolean
  fault?: 'empty' | 'long' | undefined
  given?: string | undefined
}

export const LABEL_MAX = 60

/** One second factor: its name, its place, and the way to take it away. */
export function factorPageView(facts: FactorPageFacts): FactorPageView {
  const { page, person, factor, fault } = facts
  const { t, words } = page.language
  const error = fault === undefined ? '' : t(`account:factor.fault.${fault}`, { max: LABEL_MAX })
  const label: FieldView = { name: 'label', value: facts.given ?? factor.label, error }
  const summary = summaryOf(t('account:factor.summary'), [label])
  return {
    ...portalView(page, factor.label, person, 'account', summary !== null),
    words: words('account:factor.words'),
    heading: factor.label,
    about: [kindText(factor.kind, page.language), factor.hint].filter(Boolean).join(' · '),
    kind: factor.kind,
    action: `/account/factors/${factor.id}`,
    summary,
    label,
    canBeDefault: facts.canBeDefault,
    removeText: t(facts.isLast ? 'account:factor.removeLast' : 'account:factor.removeOne'),
  }
}
