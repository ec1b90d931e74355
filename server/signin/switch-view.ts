import { pageView, type PageFacts, type PageView } from '../branding/page.ts'

/** All that `views/signin/switch.njk` may read. */
export interface SwitchView extends PageView {
  heading: string
  lead: string
  sessionToken: string
  returnTo: string
  continueText: string
  stayText: string
}

export interface SwitchFacts {
  page: PageFacts
  /** Who is signed in here, as their e-mail. */
  current: string
  /** Whom the token would sign in. */
  next: string
  sessionToken: string
  returnTo?: string | undefined
}

/** Asks before a session token replaces the person who is signed in; the answer is `choice=continue` or `choice=stay`. */
export function switchView({ page, current, next, sessionToken, returnTo = '' }: SwitchFacts): SwitchView {
  const { t } = page.language
  const heading = t('signin:switch.heading')
  return {
    ...pageView(page, heading),
    heading,
    lead: t('signin:switch.lead', { current, next }),
    sessionToken,
    returnTo,
    continueText: t('signin:switch.continue', { next }),
    stayText: t('signin:switch.stay', { current }),
  }
}
