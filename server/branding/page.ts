import type { Language, LanguageCode } from '../language/language.ts'
import type { Words } from '../language/text-keys.ts'
import type { Brand } from './brand.ts'
import { brandSheetPath, customSheet } from './brand-css.ts'

/** What every page needs from the request that asked for it. */
export interface PageFacts {
  brand: Brand
  csrf: string
  language: Language
  /** Whether people may sign in with a passkey alone. */
  passkeys?: boolean | undefined
}

export interface LinkView {
  text: string
  href: string
}

/** A brand as the views read it. Pictures are asset names; an empty string means there is none. */
export interface BrandView {
  title: string
  initial: string
  stylesheet: string
  /** The brand's own CSS, after all other; empty without any. */
  ownStylesheet: string
  /** Beside the form on wide screens. */
  backgroundImage: string
  logo: string
  logoDark: string
  icon: string
  themeColor: string
  /** The large words beside a form: the tagline, or the brand's title. */
  slogan: string
  support: LinkView
  links: LinkView[]
}

/** What `views/layout.njk` reads. Every page's view-model extends it. */
export interface PageView {
  lang: LanguageCode
  dir: 'ltr' | 'rtl'
  title: string
  csrf: string
  brand: BrandView
  /** Words of the macros. */
  common: Words<'common:page'>
}

/** The box above a form that says what is wrong; an item with a link leads to its field. */
export interface SummaryView {
  title: string
  items: LinkView[]
}

/** One input of a form; an empty `error` means it is fine. */
export interface FieldView {
  name: string
  value: string
  error: string
}

/** A message that is not about an input. */
export interface NoticeView {
  tone: 'info' | 'good' | 'warning'
  title: string
  text: string
}

/** The first letter of a text as a capital, whole even outside the basic plane. */
export const firstLetter = (text: string): string =>
  String.fromCodePoint(text.codePointAt(0) ?? 63).toUpperCase()

const asset = (name: string | undefined): string => (name === undefined ? '' : `brand/${name}`)

function supportOf(brand: Brand, { t, code }: Language): LinkView {
  if (brand.support_url === undefined) return { text: '', href: '' }
  return {
    text: brand.texts[code]?.support_text ?? brand.support_text ?? t('common:support'),
    href: brand.support_url,
  }
}

function brandView(brand: Brand, language: Language): BrandView {
  return {
    title: brand.title,
    initial: firstLetter(brand.title),
    stylesheet: brandSheetPath(brand),
    ownStylesheet: customSheet(brand)?.path ?? '',
    backgroundImage: asset(brand.background_image),
    logo: asset(brand.logo),
    logoDark: asset(brand.logo_dark),
    icon: brand.icon === undefined ? 'favicon.svg' : asset(brand.icon),
    themeColor: brand.primary_color,
    slogan: brand.texts[language.code]?.tagline ?? brand.tagline ?? brand.title,
    support: supportOf(brand, language),
    links: brand.footer_links.map(({ text, url }) => ({ text, href: url })),
  }
}

/** What is the same on every page of a brand in a language is worked out once. */
export function oncePerBrand<T>(make: (brand: Brand, language: Language) => T): (page: PageFacts) => T {
  const made = new WeakMap<Brand, Map<LanguageCode, T>>()
  return ({ brand, language }) => {
    const ofBrand = made.get(brand) ?? new Map<LanguageCode, T>()
    if (!made.has(brand)) made.set(brand, ofBrand)
    const known = ofBrand.get(language.code) ?? make(brand, language)
    ofBrand.set(language.code, known)
    return known
  }
}

const shared = oncePerBrand((brand, language) => ({
  lang: language.code,
  dir: language.dir,
  brand: brandView(brand, language),
  common: language.words('common:page'),
}))

/** The part of a view-model that all pages share. `wrong` is said first in the title, for those who only hear it. */
export function pageView(page: PageFacts, title: string, wrong = false): PageView {
  const said = wrong ? page.language.t('common:wrongTitle', { title }) : title
  return { ...shared(page), title: `${said} – ${page.brand.title}`, csrf: page.csrf }
}

/** A summary of the fields that have an error, each linked to its input; `null` when none has. */
export function summaryOf(title: string, fields: readonly FieldView[]): SummaryView | null {
  const items = fields.filter((f) => f.error !== '').map((f) => ({ text: f.error, href: `#${f.name}` }))
  return items.length === 0 ? null : { title, items }
}
