import { doorwardBrand, type Brand } from '../../server/branding/brand.ts'
import { pageView, type PageView } from '../../server/branding/page.ts'
import { LANGUAGES, type LanguageCode } from '../../server/language/language.ts'
import { LETTERS } from './letters.ts'
import { pageFacts } from './sample-page.ts'
import { SCHEMES, type Scheme } from './scheme.ts'
import { GROUPS } from './states.ts'

const SIZES = ['desktop', 'phone'] as const
type Size = (typeof SIZES)[number]

/** What the preview shows: a page in a state, or a letter, in a brand, a language and a light. */
export interface Choice {
  show: string
  brand: string
  locale: LanguageCode
  scheme: Scheme
  size: Size
}

interface Switch {
  text: string
  href: string
  current: boolean
}

/** All that `views/preview/index.njk` may read. */
export interface IndexView extends PageView {
  frame: { title: string; src: string; size: Size }
  switches: { title: string; links: Switch[] }[]
  groups: { title: string; links: Switch[] }[]
}

const oneOf = <T extends string>(known: readonly T[], asked: string | null): T =>
  known.find((value) => value === asked) ?? known[0]!

/** What an address of the index asks for; what it does not say, or says wrong, is the usual. */
export const choiceOf = (query: URLSearchParams, brands: readonly Brand[]): Choice => ({
  show: oneOf(
    [...GROUPS.flatMap(({ states }) => states.map(({ name }) => name)), ...letterPaths],
    query.get('show'),
  ),
  brand: oneOf(
    brands.map(({ name }) => name),
    query.get('brand'),
  ),
  locale: oneOf(LANGUAGES, query.get('locale')),
  scheme: oneOf(SCHEMES, query.get('scheme')),
  size: oneOf(SIZES, query.get('size')),
})

const letterPaths = Object.keys(LETTERS).flatMap((name) => [`letters/${name}.html`, `letters/${name}.txt`])

/** The index: everything there is to see, and what is chosen. Each link changes one thing and keeps the rest. */
export function indexView(choice: Choice, brands: readonly Brand[]): IndexView {
  const link = <K extends keyof Choice>(key: K, value: Choice[K], text: string = value): Switch => ({
    text,
    href: `/?${new URLSearchParams({ ...choice, [key]: value }).toString()}#shown`,
    current: choice[key] === value,
  })
  const { show, brand, locale, scheme, size } = choice
  return {
    ...pageView(pageFacts(doorwardBrand), 'Preview'),
    frame: { title: show, size, src: `/pages/${brand}/${show}?locale=${locale}&scheme=${scheme}` },
    switches: [
      { title: 'Brand', links: brands.map(({ name, title }) => link('brand', name, title)) },
      { title: 'Language', links: LANGUAGES.map((code) => link('locale', code)) },
      {
        title: 'Light',
        links: SCHEMES.map((name) => link('scheme', name, name === 'screen' ? 'as the screen' : name)),
      },
      { title: 'Size', links: SIZES.map((name) => link('size', name)) },
    ],
    groups: [
      ...GROUPS.map(({ title, states }) => ({ title, links: states.map(({ name }) => link('show', name)) })),
      {
        title: 'Letters',
        links: letterPaths.map((path) => link('show', path, path.slice('letters/'.length))),
      },
    ],
  }
}
