import { pageView, type NoticeView, type PageFacts, type PageView } from '../branding/page.ts'
import type { Words } from '../language/text-keys.ts'
import { SECOND } from '../platform/clock.ts'
import type { KeyStorage } from './key-storage.ts'

/** All that `views/broker/consent.njk` may read. */
export interface ConsentView extends PageView {
  words: Words<'broker:consent.words'>
  lead: string
  notice: NoticeView | null
  facts: { term: string; text: string }[]
  roles: string
  action: string
  hidden: { name: string; value: string }
  /** "Deny" comes first where somebody far away may have asked. */
  denyFirst: boolean
}

export interface ConsentFacts {
  page: PageFacts
  person: string
  device: { deviceName: string; keyStorage: KeyStorage }
  /** Where the one who asks is. */
  address: string
  endsAt: number
  now: number
  idleHours: number
  /** How many AWS roles the person holds. */
  roles: number
  /** What a role asks for that this sign-in was without. */
  lacks: readonly string[]
  action: string
  hidden: { name: string; value: string }
  /** It was asked for on another machine, by a code. */
  byCode?: boolean
}

/** The page on which a person agrees to a broker session: which device, where, how long, with what. */
export function consentView(facts: ConsentFacts): ConsentView {
  const { page, device, byCode = false } = facts
  const { t, words, date, duration } = page.language
  const left = duration(Math.max(1, (facts.endsAt - facts.now) / SECOND))
  const about = (term: string, text: string) => ({ term, text })
  return {
    ...pageView(page, t('broker:consent.words.heading')),
    words: words('broker:consent.words'),
    lead: byCode ? t('broker:consent.leadByCode') : t('broker:consent.lead'),
    notice:
      facts.lacks.length === 0
        ? null
        : {
            tone: 'warning',
            title: t('broker:consent.lacks.title'),
            text: t('broker:consent.lacks.text', { names: facts.lacks.join(', ') }),
          },
    facts: [
      about(t('broker:consent.fact.account'), facts.person),
      about(t('broker:consent.fact.device'), device.deviceName),
      about(t('broker:consent.fact.address'), facts.address),
      about(
        t('broker:consent.fact.duration'),
        t('broker:consent.duration', { time: `${date(facts.endsAt)} UTC`, left, hours: facts.idleHours }),
      ),
      about(t('broker:consent.fact.key'), t(`broker:consent.key.${device.keyStorage}`)),
    ],
    roles: t('broker:consent.roles', { count: facts.roles }),
    action: facts.action,
    hidden: facts.hidden,
    denyFirst: byCode,
  }
}
