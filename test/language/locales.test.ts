import { readFileSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LANGUAGES, type LanguageCode } from '../../server/language/language.ts'

const root = resolve(import.meta.dirname, '../..')
const folder = join(root, 'views/locales')

type Node = string | { [name: string]: Node }
type Texts = Map<string, string>

const leaves = (node: Node, path: string): [string, string][] =>
  typeof node === 'string'
    ? [[path, node]]
    : Object.entries(node).flatMap(([name, child]) =>
        leaves(child, path.endsWith(':') ? path + name : `${path}.${name}`),
      )

/** Every text of a language by `room:path`, plural forms apart. */
function textsOf(code: string): Texts {
  const files = readdirSync(join(folder, code))
  const read = (file: string) => JSON.parse(readFileSync(join(folder, code, file), 'utf8')) as Node
  return new Map(files.flatMap((file) => leaves(read(file), `${file.replace(/\.json$/, '')}:`)))
}

const FORM = /_(zero|one|two|few|many|other)$/
const english = textsOf('en')
const all = new Map(LANGUAGES.map((code) => [code, textsOf(code)]))

/** The plural forms that whole numbers up to a thousand need. */
function formsOf(code: LanguageCode): string[] {
  const rules = new Intl.PluralRules(code)
  return [...new Set(Array.from({ length: 1001 }, (_, n) => rules.select(n)))]
}

/** Which keys a language should have: English's, with its own plural forms. */
const keysFor = (code: LanguageCode): string[] =>
  [
    ...new Set(
      [...english.keys()].flatMap((key) =>
        FORM.test(key) ? formsOf(code).map((form) => key.replace(FORM, `_${form}`)) : [key],
      ),
    ),
  ].sort()

const places = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{\{\s*([^}]*?)\s*\}\}/g)].map(([, name]) => name!))].sort()

/** The places of a key in English, whatever the plural form; a form may spell its number out. */
function placesOf(texts: Texts, key: string): string[] {
  const plain = key.replace(FORM, '')
  const forms = [...texts].filter(([other]) => other.replace(FORM, '') === plain)
  return [...new Set(forms.flatMap(([, text]) => places(text)))]
    .filter((name) => !FORM.test(key) || name !== 'count')
    .sort()
}

describe('the languages', () => {
  test('are the folders of views/locales', () => {
    expect(readdirSync(folder).sort()).toEqual([...LANGUAGES].sort())
  })
})

describe.each(LANGUAGES)('%s', (code) => {
  const texts = all.get(code)!

  test('has every text that English has, in each of its plural forms, and no other', () => {
    expect([...texts.keys()].sort()).toEqual(keysFor(code))
  })

  test('has the same places in every text', () => {
    const differ = [...texts.keys()].filter(
      (key) => String(placesOf(texts, key)) !== String(placesOf(english, key)),
    )
    expect(differ).toEqual([])
  })

  test('has no text that is empty, holds markup or refers to another', () => {
    expect(
      [...texts].filter(([, text]) => text.trim() === '' || /<[a-z/]|\$t\(|&[a-z#]+;/i.test(text)),
    ).toEqual([])
  })

  test.runIf(code !== 'en')('is translated', () => {
    const same = [...texts].filter(
      ([key, text]) =>
        english.get(key) === text && /[a-z]{3,}.* .*[a-z]{3,}/i.test(text.replace(/\{\{.*?\}\}/g, '')),
    )
    expect(same).toEqual([])
  })
})

/** Sources that may name a text, and templates that may read a word of a group. */
function readTree(tree: string, ending: string): string {
  const files = readdirSync(join(root, tree), { recursive: true, encoding: 'utf8' })
  return files
    .filter((file) => file.endsWith(ending))
    .map((file) => readFileSync(join(root, tree, file), 'utf8'))
    .join('\n')
}

const rooms = readdirSync(join(folder, 'en')).map((file) => file.replace(/\.json$/, ''))
const named = [
  ...readTree('server', '.ts').matchAll(new RegExp(`['\`]((?:${rooms.join('|')}):[^'\`]+)['\`]`, 'g')),
].map(([, key]) => key!)

describe('English', () => {
  test('has no text that nothing shows', () => {
    const templates = readTree('views', '.njk')
    const patterns = named.map(
      (key) => new RegExp(`^${key.replaceAll('.', '\\.').replaceAll(/\$\{[^}]*\}/g, '[^.]+')}(\\.|$)`),
    )
    const unused = [...english.keys()].filter((key) => {
      const plain = key.replace(FORM, '')
      const pattern = patterns.find((p) => p.test(plain))
      if (!pattern) return true
      const isWord = !patterns.some((p) => p.exec(plain)?.[0] === plain)
      return isWord && !templates.includes(`.${plain.split(/[.:]/).at(-1)!}`)
    })
    expect(unused).toEqual([])
  })
})
