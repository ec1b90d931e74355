import { pageView, type PageFacts, type PageView } from '../branding/page.ts'

/** All that `views/signin/continue.njk` may read. */
export interface ContinueView extends PageView {
  heading: string
  lead: string
  sessionToken: string
  buttonText: string
}

/** Posts a session token that came from another site once more, from our own page. */
export function continueView({
  page,
  sessionToken,
}: {
  page: PageFacts
  sessionToken: string
}): ContinueView {
  return {
    ...pageView(page, 'Signing you in'),
    heading: 'Signing you in',
    lead: 'If nothing happens, use the button.',
    sessionToken,
    buttonText: 'Continue',
  }
}
