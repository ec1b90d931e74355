import { describe, expect, test } from 'vitest'
import { chooseLanguage, knownLanguage, type LanguageWishes } from '../../server/language/language.ts'
import { loadLanguages } from '../../server/language/languages.ts'

const { en, de, ja, ar } = loadLanguages()

describe('the language of a page', () => {
  const person = { preferredLocaleCode: 'fr-CA', localeCode: 'es' }
  const ALL: LanguageWishes = { asked: 'ja', person, accepted: 'de', brand: 'pt' }
  const CASES: [why: string, wishes: LanguageWishes, want: string][] = [
    ['what was asked for', ALL, 'ja'],
    ['what the person prefers', { ...ALL, asked: undefined }, 'fr'],
    ['the person’s locale', { ...ALL, asked: 'xx', person: { ...person, preferredLocaleCode: 'tlh' } }, 'es'],
    [
      'what the browser accepts',
      { ...ALL, asked: ['ja', 'de'], person: { preferredLocaleCode: null, localeCode: '' } },
      'de',
    ],
    ['the brand’s', { accepted: 'tlh, *;q=0.5', brand: 'pt-BR' }, 'pt'],
    ['English', { brand: 'tlh' }, 'en'],
  ]
  test.each(CASES)('is %s', (_why, wishes, want) => {
    expect(chooseLanguage(wishes)).toBe(want)
  })

  test.each([
    ['de-AT,de;q=0.9,en;q=0.8', 'de'],
    ['tlh, en;q=0.3, ar;q=0.7', 'ar'],
    ['fr;q=0, es;q=0.1', 'es'],
    ['ja;q=nonsense, de', 'ja'],
    [',,;;==;q=1', 'en'],
    ['x'.repeat(100_000), 'en'],
    ['__proto__,constructor', 'en'],
  ])('follows Accept-Language %.40j', (accepted, want) => {
    expect(chooseLanguage({ accepted })).toBe(want)
  })

  test.each([
    ['pt_BR', 'pt'],
    ['EN-us', 'en'],
    ['', undefined],
    ['english', undefined],
    ['../en', undefined],
    [7, undefined],
  ])('reads the code %j', (tag, want) => expect(knownLanguage(tag)).toBe(want))
})

describe('a text', () => {
  test('holds its values as they are, whatever they look like', () => {
    const app = '{{app}} $t(signin:login.wrong.text) <b>&amp; %s ${x}'
    expect(en.t('signin:login.leadToApp', { app })).toBe(`to continue to ${app}`)
  })

  test('cannot be shown without its values, or when there is none', () => {
    expect(() => en.t('signin:login.leadToApp')).toThrow('no value for {{app}}')
    // @ts-expect-error a wrong key does not compile
    expect(() => en.t('signin:login.leadtoApp', { app: 'x' })).toThrow('there is no text')
    // @ts-expect-error nor does a wrong group
    expect(() => en.words('signin:nothing')).toThrow('there is no text')
  })

  test.each([
    [en, 1, 'One app is ready for you.'],
    [en, 1234, '1,234 apps are ready for you.'],
    [de, 1234, '1.234 Apps stehen für Sie bereit.'],
    [ja, 1, '1 個のアプリを利用できます。'],
    [ar, 2, 'تطبيقان جاهزان لكم.'],
    [ar, 3, '3 تطبيقات جاهزة لكم.'],
    [ar, 11, '11 تطبيقًا جاهزًا لكم.'],
  ])('has the plural of its language', (language, count, want) => {
    expect(language.t('account:home.apps', { count })).toBe(want)
  })

  test('keeps the direction of a value inside of a sentence of the other direction', () => {
    expect(ar.t('signin:factor.person', { person: 'sally@acme.test' })).toContain(
      '\u2068sally@acme.test\u2069',
    )
    expect(en.t('signin:factor.person', { person: 'سالي' })).toContain('\u2068سالي\u2069')
    expect(en.t('signin:factor.person', { person: 'Sally' })).toBe('Signing in as Sally.')
  })
})

describe('dates, numbers and durations', () => {
  const NOON = Date.UTC(2026, 10, 25, 12, 5)
  test.each([
    [en, 'November 25, 2026', '42 seconds', '2 minutes'],
    [de, '25. November 2026', '42 Sekunden', '2 Minuten'],
    [ja, '2026年11月25日', '42 秒', '2 分'],
    [ar, '25 نوفمبر 2026', '42 ثانية', 'دقيقتان'],
  ])('are written as the language does', (language, day, seconds, minutes) => {
    expect([language.date(NOON, 'day'), language.duration(42), language.duration(100)]).toEqual([
      day,
      seconds,
      minutes,
    ])
  })

  test('grow to the unit that says it well', () => {
    expect([1, 89, 90, 5399, 5400, 172_799, 172_800].map(en.duration)).toEqual([
      '1 second',
      '89 seconds',
      '2 minutes',
      '90 minutes',
      '2 hours',
      '48 hours',
      '2 days',
    ])
    expect([en.number(1234.5), de.number(1234.5)]).toEqual(['1,234.5', '1.234,5'])
    expect(de.date(NOON)).toBe('25. November 2026 um 12:05')
  })
})
