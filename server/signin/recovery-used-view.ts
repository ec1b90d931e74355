import { pageView, type NoticeView, type PageFacts, type PageView } from '../branding/page.ts'
import type { Words } from '../language/text-keys.ts'

/** All that `views/signin/recovery-used.njk` may read. */
export interface RecoveryUsedView extends PageView {
  words: Words<'codes:used.words'>
  notice: NoticeView
  next: string
}

/** With so few it is time for new ones. */
const FEW = 3

/** Says to somebody who came in by a recovery code how many are left. */
export function recoveryUsedView({
  page,
  left,
  next,
}: {
  page: PageFacts
  left: number
  next: string
}): RecoveryUsedView {
  const { t, words } = page.language
  const few = left <= FEW
  return {
    ...pageView(page, words('codes:used.words').heading),
    words: words('codes:used.words'),
    notice: {
      tone: few ? 'warning' : 'good',
      title: t('codes:left', { count: left }),
      text: t(few ? 'codes:used.few' : 'codes:used.enough'),
    },
    next,
  }
}
