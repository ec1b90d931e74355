import type { PageFacts } from '../branding/page.ts'
import type { StoredEvent } from '../events/event-store.ts'
import type { Language } from '../language/language.ts'
import type { Words } from '../language/text-keys.ts'
import { toldEvent } from './activity.ts'
import { portalView, type PortalPerson, type PortalView } from './portal-view.ts'

export interface ActivityRowView {
  text: string
  when: string
  where: string
  /** Something that its person might not have done. */
  isWarning: boolean
}

export type ShownEvent = Pick<
  StoredEvent,
  'eventTypeId' | 'createdAt' | 'ipaddr' | 'appName' | 'otpDeviceName'
>

const WARNINGS: readonly string[] = ['signInFailed', 'factorFailed', 'locked', 'programFailed']

export function activityRows(events: readonly ShownEvent[], { t, date }: Language): ActivityRowView[] {
  return events.flatMap(({ eventTypeId, createdAt, ipaddr, appName, otpDeviceName }) => {
    const told = toldEvent(eventTypeId)
    if (told === undefined) return []
    const text = t(`account:activity.event.${told}`, { app: appName ?? '', factor: otpDeviceName ?? '' })
    const isWarning = WARNINGS.includes(told)
    return [
      { text, when: t('account:activity.when', { time: date(createdAt) }), where: ipaddr ?? '', isWarning },
    ]
  })
}

/** All that `views/account/activity.njk` may read. */
export interface ActivityView extends PortalView {
  words: Words<'account:activity.words'>
  rows: ActivityRowView[]
  /** The page of what happened before these; empty on the last one. */
  olderHref: string
}

export interface ActivityFacts {
  page: PageFacts
  person: PortalPerson
  events: readonly ShownEvent[]
  /** The last event of this page, if there are more. */
  olderThan: number | undefined
}

export const activityView = ({ page, person, events, olderThan }: ActivityFacts): ActivityView => ({
  ...portalView(page, page.language.t('account:activity.words.heading'), person, 'account'),
  words: page.language.words('account:activity.words'),
  rows: activityRows(events, page.language),
  olderHref: olderThan === undefined ? '' : `/account/activity?after=${olderThan}`,
})
