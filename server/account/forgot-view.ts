import {
  pageView,
  summaryOf,
  type FieldView,
  type PageFacts,
  type PageView,
  type SummaryView,
} from '../branding/page.ts'
import type { Words } from '../language/text-keys.ts'

/** All that `views/account/forgot.njk` may read. */
export interface ForgotView extends PageView {
  words: Words<'password:forgot.words'>
  summary: SummaryView | null
  login: FieldView
}

/** Asks whose password was forgotten. */
export function forgotView({ page, empty = false }: { page: PageFacts; empty?: boolean }): ForgotView {
  const { t, words } = page.language
  const login = { name: 'login', value: '', error: empty ? t('signin:login.empty.login') : '' }
  const summary = summaryOf(t('password:forgot.summary'), [login])
  return {
    ...pageView(page, t('password:forgot.words.heading'), summary !== null),
    words: words('password:forgot.words'),
    summary,
    login,
  }
}

/** All that `views/account/forgot-sent.njk` may read. */
export interface ForgotSentView extends PageView {
  words: Words<'password:forgotSent.words'>
  lead: string
}

/** The one answer to whoever asks: it does not say whether there is such a person. */
export function forgotSentView({
  page,
  login,
  lifeSeconds,
}: {
  page: PageFacts
  login: string
  lifeSeconds: number
}): ForgotSentView {
  const { t, words, duration } = page.language
  return {
    ...pageView(page, t('password:forgotSent.words.heading')),
    words: words('password:forgotSent.words'),
    lead: t('password:forgotSent.lead', { login, life: duration(lifeSeconds) }),
  }
}
