import type { Language } from '../language/language.ts'

/** How long an attempt lasts yet, in seconds, and whether it may be given more. */
export interface AttemptTime {
  left: number
  more: boolean
  /** It was given more just now. */
  given?: boolean
}

/** The notice of `views/macros/time.njk`: how much time there is, and a way to have more. */
export interface TimeView {
  text: string
  /** The button's; empty when there is no more to have. */
  moreText: string
  /** Said while the page is open, so many seconds after it was opened. */
  warning: string
  warnAfter: number
}

/** WCAG 2.2, 2.2.1: time to notice the warning, and to press one button. */
const WARN_BEFORE = 120

/** What a page tells of its time; a page without a limit tells nothing. */
export function timeView({ t, duration }: Language, time: AttemptTime | undefined): TimeView | null {
  if (!time) return null
  const { left, more, given = false } = time
  const warned = Math.min(WARN_BEFORE, left)
  return {
    text: t(given ? 'signin:time.given' : 'signin:time.left', { time: duration(left) }),
    moreText: more ? t('signin:time.more') : '',
    warning: t('signin:time.warning', { time: duration(warned) }),
    warnAfter: left - warned,
  }
}
