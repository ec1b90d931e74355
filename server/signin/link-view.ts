import { pageView, type LinkView, type PageFacts, type PageView } from '../branding/page.ts'
import type { LinkPurpose } from '../directory/password-link-store.ts'

/** All that `views/signin/link-open.njk` may read. */
export interface LinkOpenView extends PageView {
  heading: string
  lead: string
  action: string
  token: string
  buttonText: string
}

interface LinkFacts {
  page: PageFacts
  /** `sign_in`: the link beside a code. */
  purpose: LinkPurpose | 'sign_in'
}

/** Takes the token of a link out of the address, and goes on by itself where there are scripts. */
export function linkOpenView({ page, purpose, token }: LinkFacts & { token: string }): LinkOpenView {
  const { t } = page.language
  const heading = t(`password:link.open.${purpose}`)
  return {
    ...pageView(page, heading),
    heading,
    lead: t('signin:continue.lead'),
    action: purpose === 'sign_in' ? '/login/link' : `/${purpose}`,
    token,
    buttonText: t('signin:continue.button'),
  }
}

/** All that `views/signin/link-over.njk` may read. */
export interface LinkOverView extends PageView {
  heading: string
  lead: string
  todo: string
  link: LinkView
}

/** Says that a link does not work any more, never why, and what to do now. */
export function linkOverView({ page, purpose }: LinkFacts): LinkOverView {
  const { t } = page.language
  const heading = t('password:link.over.heading')
  return {
    ...pageView(page, heading, true),
    heading,
    lead: t('password:link.over.lead'),
    todo: t(`password:link.over.todo.${purpose}`),
    link:
      purpose === 'reset'
        ? { text: t('password:link.over.again'), href: '/forgot' }
        : { text: t('password:link.over.signIn'), href: '/login' },
  }
}
