import { pageView, type PageFacts, type PageView } from '../branding/page.ts'
import type { Words } from '../language/text-keys.ts'

/** All that `views/broker/code.njk` may read. */
export interface CodeView extends PageView {
  words: Words<'broker:code'>
  code: string
}

/** The code that a person takes to the terminal by hand. */
export function codeView({ page, code }: { page: PageFacts; code: string }): CodeView {
  const words = page.language.words('broker:code')
  return { ...pageView(page, words.heading), words, code }
}
