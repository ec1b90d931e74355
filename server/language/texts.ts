import { createInstance, type i18n as I18n } from 'i18next'
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { PACKAGE_ROOT } from '../platform/package-root.ts'
import type { TextKey, Words, WordsKey } from './text-keys.ts'

const FOLDER = join(PACKAGE_ROOT, 'views/locales')

export type TextValues = Record<string, string | number>

/** The texts of one language. */
export interface Texts {
  /** A text with what stands in its `{{places}}`; `count` picks its plural form. A missing value throws. */
  t: (key: TextKey, values?: TextValues) => string
  /** The texts of a group by name, for a template to read as they are. */
  words: <Key extends WordsKey>(key: Key) => Words<Key>
}

type Resource = Record<string, Record<string, unknown>>

/** Every room's texts in one language: `views/locales/<code>/<room>.json`. */
function readTexts(code: string): Resource {
  const folder = join(FOLDER, code)
  const files = readdirSync(folder).filter((file) => file.endsWith('.json'))
  const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Resource[string]
  return Object.fromEntries(files.map((file) => [file.slice(0, -'.json'.length), read(file)]))
}

/** Texts are finished as plain text: whoever puts them into HTML escapes them, values and all. */
function startI18n(code: string): I18n {
  const texts = readTexts(code)
  const i18n = createInstance()
  void i18n.init({
    lng: code,
    fallbackLng: false,
    initAsync: false,
    ns: Object.keys(texts),
    resources: { [code]: texts },
    returnObjects: true,
    interpolation: { escapeValue: false },
    parseMissingKeyHandler: (key) => {
      throw new Error(`there is no text ${key} in ${code}`)
    },
    missingInterpolationHandler: (text: string, [place]: [string]) => {
      throw new Error(`no value for ${place} in: ${text}`)
    },
  })
  return i18n
}

const RTL_LETTER = /[\p{Script=Arabic}\p{Script=Hebrew}]/u

/** A number as the language writes it; a text keeps its own direction inside of a sentence (Unicode isolates). */
function written(value: string | number, numbers: Intl.NumberFormat, rightToLeft: boolean): string {
  if (typeof value === 'number') return numbers.format(value)
  return rightToLeft || RTL_LETTER.test(value) ? `\u2068${value}\u2069` : value
}

/** Reads the texts of a language once. Those without values are looked up once, since pages are mostly made of them. */
export function loadTexts(code: string, rightToLeft: boolean): Texts {
  const i18n = startI18n(code)
  const numbers = new Intl.NumberFormat(code)
  const find = (key: string, values: TextValues = {}): unknown => {
    const replace: Record<string, string> = {}
    for (const [name, value] of Object.entries(values)) replace[name] = written(value, numbers, rightToLeft)
    const count = 'count' in values ? { count: Number(values.count) } : {}
    return i18n.t(key, { replace, nest: false, ...count }) // nest: no value may refer to another text
  }
  const known = new Map<string, unknown>()
  const once = (key: string): unknown => {
    if (!known.has(key)) known.set(key, find(key))
    return known.get(key)
  }
  return {
    t: (key, values) => (values === undefined ? once(key) : find(key, values)) as string,
    words: <Key extends WordsKey>(key: Key) => once(key) as Words<Key>,
  }
}
