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
  return {
    ...pageView(page, 'Switch account?'),
    heading: 'Switch account?',
    lead: `You are signed in as ${current}. A program has asked to sign in this browser as ${next} instead. Go on only if you started this.`,
    sessionToken,
    returnTo,
    continueText: `Continue as ${next}`,
    stayText: `Stay signed in as ${current}`,
  }
}
