import { pageView, type PageFacts, type PageView } from '../branding/page.ts'
import type { Words } from '../language/text-keys.ts'

/** All that `views/account/logout.njk` may read. */
export interface LogoutView extends PageView {
  words: Words<'account:logout.words'>
  lead: string
}

/** Asks before signing out, because a link alone must not end a session. */
export function logoutView({ page, person }: { page: PageFacts; person: string }): LogoutView {
  const { t, words } = page.language
  return {
    ...pageView(page, t('account:logout.words.heading')),
    words: words('account:logout.words'),
    lead: t('account:logout.lead', { person }),
  }
}
