import type { PageFacts } from '../branding/page.ts'
import type { Words } from '../language/text-keys.ts'
import { portalView, type PortalPerson, type PortalView } from './portal-view.ts'

/** All that `views/account/codes.njk` may read. */
export interface CodesView extends PortalView {
  words: Words<'account:codes.words'>
  codes: readonly string[]
}

/** Shows new recovery codes, once. */
export const codesView = (page: PageFacts, person: PortalPerson, codes: readonly string[]): CodesView => ({
  ...portalView(page, page.language.t('account:codes.words.heading'), person, 'account'),
  words: page.language.words('account:codes.words'),
  codes,
})
