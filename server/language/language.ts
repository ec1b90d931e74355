import type { Texts } from './texts.ts'

/** Every language of the pages and letters, by the code that `<html lang>` and Intl understand. */
export const LANGUAGES = ['en', 'de', 'fr', 'es', 'pt', 'ja', 'ar'] as const
export type LanguageCode = (typeof LANGUAGES)[number]

export const isRightToLeft = (code: LanguageCode): boolean => code === 'ar'

/** One language: its texts, and how it writes numbers, times and durations. */
export interface Language extends Texts {
  code: LanguageCode
  dir: 'ltr' | 'rtl'
  number: (value: number) => string
  /** A day and time of day, in UTC; `day` leaves the time out. */
  date: (ms: number, show?: 'day') => string
  /** `42 seconds`, `3 minutes`: the largest unit that says it well, rounded up. */
  duration: (seconds: number) => string
}

const MINUTE = 60
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** From here on the larger unit is used: 90 seconds are `2 minutes`. */
const UNITS = [
  { unit: 'second', size: 1, below: 90 },
  { unit: 'minute', size: MINUTE, below: 90 * MINUTE },
  { unit: 'hour', size: HOUR, below: 2 * DAY },
  { unit: 'day', size: DAY, below: Infinity },
] as const

export function languageOf(code: LanguageCode, texts: Texts): Language {
  const numbers = new Intl.NumberFormat(code)
  const format = (show?: 'day') =>
    new Intl.DateTimeFormat(code, {
      dateStyle: 'long',
      ...(show !== 'day' && { timeStyle: 'short' }),
      timeZone: 'UTC',
    })
  return {
    ...texts,
    code,
    dir: isRightToLeft(code) ? 'rtl' : 'ltr',
    number: (value) => numbers.format(value),
    date: (ms, show) => format(show).format(ms),
    duration(seconds) {
      const { unit, size } = UNITS.find(({ below }) => seconds < below)!
      const words = new Intl.NumberFormat(code, { style: 'unit', unit, unitDisplay: 'long' })
      return words.format(Math.ceil(seconds / size))
    },
  }
}

/** What says which language somebody reads, strongest first. Nothing of it has to be a language of ours, or one at all. */
export interface LanguageWishes {
  /** `?locale=`, or what it was on an earlier page. */
  asked?: unknown
  person?: LanguageHabits | undefined
  /** The header `Accept-Language`. */
  accepted?: string | undefined
  /** The brand's `locale`. */
  brand?: string | undefined
}

/** What the directory knows of a person's languages. */
export interface LanguageHabits {
  preferredLocaleCode: string | null
  localeCode: string | null
}

/** Our language for a code such as `de`, `pt-BR` or `en_US`. */
export function knownLanguage(tag: unknown): LanguageCode | undefined {
  if (typeof tag !== 'string' || tag.length > 35) return undefined
  const [base] = tag.trim().toLowerCase().split(/[-_]/)
  return LANGUAGES.find((code) => code === base)
}

/** The first language of ours that somebody can be assumed to read; English when nothing is known. */
export const chooseLanguage = ({ asked, person, accepted, brand }: LanguageWishes): LanguageCode =>
  knownLanguage(asked) ??
  knownLanguage(person?.preferredLocaleCode) ??
  knownLanguage(person?.localeCode) ??
  (accepted === undefined ? undefined : acceptedLanguage(accepted)) ??
  knownLanguage(brand) ??
  'en'

const MAX_KEPT = 500
const MAX_LENGTH = 200
const kept = new Map<string, LanguageCode | undefined>() // browsers send few different headers, at every request

/** The language of ours that `Accept-Language` (RFC 9110 section 12.5.4) puts highest. */
export function acceptedLanguage(header: string): LanguageCode | undefined {
  const known = header.slice(0, MAX_LENGTH)
  if (!kept.has(known)) {
    if (kept.size >= MAX_KEPT) kept.clear()
    kept.set(known, bestOf(known))
  }
  return kept.get(known)
}

function bestOf(header: string): LanguageCode | undefined {
  const ranges = header.split(',').map((range) => {
    const [tag = '', ...parameters] = range.split(';')
    const weight = parameters.map((p) => /^\s*q=([01](?:\.\d{0,3})?)\s*$/.exec(p)?.[1]).find(Boolean)
    return { code: knownLanguage(tag), weight: Number(weight ?? 1) }
  })
  const wanted = ranges.filter(({ code, weight }) => code !== undefined && weight > 0)
  return wanted.toSorted((a, b) => b.weight - a.weight)[0]?.code
}
