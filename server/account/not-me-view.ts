import { pageView, type PageFacts, type PageView } from '../branding/page.ts'
import type { Words } from '../language/text-keys.ts'

/** All that `views/account/not-me.njk` may read. */
export interface NotMeView extends PageView {
  words: Words<'account:notMe.words'>
  heading: string
  lead: string
  /** Empty: the link is over. */
  token: string
}

/** Asks before anything is ended, because programs open the links of letters too. */
export function notMeView({ page, token }: { page: PageFacts; token: string }): NotMeView {
  const { t, words } = page.language
  const about = token === '' ? 'account:notMe.over' : 'account:notMe.ask'
  return {
    ...pageView(page, t(`${about}.heading`)),
    words: words('account:notMe.words'),
    heading: t(`${about}.heading`),
    lead: t(`${about}.lead`),
    token,
  }
}
