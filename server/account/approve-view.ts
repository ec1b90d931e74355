import { pageView, type FieldView, type NoticeView, type PageFacts, type PageView } from '../branding/page.ts'
import type { Words } from '../language/text-keys.ts'

/** What a visit to the page came to, or why nothing can be done on it. */
export const APPROVE_NOTICES = [
  'approved',
  'denied',
  'wrong_number',
  'over',
  'same_browser',
  'ready',
  'nothing_else',
  'too_many',
] as const
export type ApproveNotice = (typeof APPROVE_NOTICES)[number]

/** A sign-in that waits, as its person is shown it. */
export interface AskedFacts {
  id: string
  address: string
  /** `undefined`: the portal itself. */
  app?: string | undefined
  askedAt: number
  /** Whether the other screen shows a number. */
  hasNumber: boolean
}

/** What this browser is to the person: one that approves, one that may become it, or none. */
export type ApproverFacts =
  | { is: 'approver'; name: string; asked?: AskedFacts | undefined; reachable: boolean }
  | { is: 'newcomer' }
  | { is: 'none' }

export interface ApproveFacts {
  page: PageFacts
  person: string
  browser: ApproverFacts
  notice?: ApproveNotice | undefined
  /** The request that was there when the page was made, for the script: another one is news. */
  seen: string
  /** The key under which this server knocks at browsers; empty when it does not. */
  knockKey: string
}

/** All that `views/account/approve.njk` may read. */
export interface ApproveView extends PageView {
  words: Words<'factors:approve.words'>
  heading: string
  lead: string
  notice: NoticeView | null
  asked: { id: string; facts: { term: string; text: string }[]; hasNumber: boolean } | null
  number: FieldView
  name: FieldView
  stage: 'asked' | 'idle' | 'set_up' | 'none'
  reachable: boolean
  seen: string
  knockKey: string
}

const TONES: Record<ApproveNotice, NoticeView['tone']> = {
  approved: 'good',
  denied: 'info',
  wrong_number: 'warning',
  over: 'warning',
  same_browser: 'warning',
  ready: 'good',
  nothing_else: 'info',
  too_many: 'info',
}

/** The page on which a browser approves sign-ins that are made elsewhere, and becomes one that does. */
export function approveView(facts: ApproveFacts): ApproveView {
  const { browser, page, notice } = facts
  const { t, words, date } = page.language
  const asked = browser.is === 'approver' ? browser.asked : undefined
  const stage = asked ? 'asked' : STAGES[browser.is]
  const told = stage === 'none' ? 'set_up' : stage
  const about = `factors:approve.stage.${told}` as const
  return {
    ...pageView(page, t('factors:approve.words.heading')),
    words: words('factors:approve.words'),
    heading: t(`${about}.heading`),
    lead: t(`${about}.lead`, { name: browser.is === 'approver' ? browser.name : '' }),
    notice: notice
      ? {
          tone: TONES[notice],
          title: t(`factors:approve.notice.${notice}.title`),
          text: t(`factors:approve.notice.${notice}.text`),
        }
      : null,
    asked: asked
      ? {
          id: asked.id,
          hasNumber: asked.hasNumber,
          facts: [
            { term: t('factors:approve.fact.account'), text: facts.person },
            { term: t('factors:approve.fact.app'), text: asked.app ?? t('factors:approve.fact.portal') },
            { term: t('factors:approve.fact.address'), text: asked.address },
            { term: t('factors:approve.fact.time'), text: `${date(asked.askedAt)} UTC` },
          ],
        }
      : null,
    number: { name: 'number', value: '', error: '' },
    name: { name: 'name', value: '', error: '' },
    stage,
    reachable: browser.is === 'approver' && browser.reachable,
    seen: facts.seen,
    knockKey: facts.knockKey,
  }
}

const STAGES = { approver: 'idle', newcomer: 'set_up', none: 'none' } as const
