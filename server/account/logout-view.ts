import { pageView, type PageFacts, type PageView } from '../branding/page.ts'

/** All that `views/account/logout.njk` may read. */
export interface LogoutView extends PageView {
  heading: string
  lead: string
}

/** Asks before signing out, because a link alone must not end a session. */
export function logoutView({ page, person }: { page: PageFacts; person: string }): LogoutView {
  return {
    ...pageView(page, 'Sign out?'),
    heading: 'Sign out?',
    lead: `You are signed in as ${person}. Your apps may keep you signed in until you sign out there too.`,
  }
}
