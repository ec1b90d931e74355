import {
  pageView,
  summaryOf,
  type FieldView,
  type NoticeView,
  type PageFacts,
  type PageView,
  type SummaryView,
} from '../branding/page.ts'
import type { Words } from '../language/text-keys.ts'

/** What is wrong with a code that was typed. */
export type DeviceFault = 'wrong' | 'tooMany' | 'elsewhere' | 'empty'
/** What became of a device. */
export type DeviceEnd = 'allowed' | 'denied' | 'over'

/** All that `views/broker/device.njk` may read. */
export interface DeviceView extends PageView {
  words: Words<'broker:device.words'>
  lead: string
  notice: NoticeView | null
  summary: SummaryView | null
  code: FieldView
  /** Nothing more to type. */
  isDone: boolean
}

export interface DeviceFacts {
  page: PageFacts
  typed?: string | undefined
  fault?: DeviceFault | undefined
  end?: DeviceEnd | undefined
}

/** The page on which a person types the code that another machine shows. */
export function deviceView({ page, typed = '', fault, end }: DeviceFacts): DeviceView {
  const { t, words } = page.language
  const heading = t('broker:device.words.heading')
  const code = { name: 'user_code', value: typed, error: fault ? t(`broker:device.${fault}`) : '' }
  const summary = summaryOf(heading, [code])
  return {
    ...pageView(page, heading, summary !== null),
    words: words('broker:device.words'),
    lead: t('broker:device.lead'),
    notice: end
      ? {
          tone: end === 'allowed' ? 'good' : 'info',
          title: t(`broker:device.${end}.title`),
          text: t(`broker:device.${end}.text`),
        }
      : null,
    summary,
    code,
    isDone: end === 'allowed' || end === 'denied',
  }
}
