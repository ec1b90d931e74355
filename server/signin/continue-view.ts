import { pageView, type PageFacts, type PageView } from '../branding/page.ts'
import type { Words } from '../language/text-keys.ts'

/** All that `views/signin/continue.njk` may read. */
export interface ContinueView extends PageView {
  words: Words<'signin:continue'>
  sessionToken: string
}

/** Posts a session token that came from another site once more, from our own page. */
export function continueView({
  page,
  sessionToken,
}: {
  page: PageFacts
  sessionToken: string
}): ContinueView {
  const words = page.language.words('signin:continue')
  return {
    ...pageView(page, words.heading),
    words,
    sessionToken,
  }
}
