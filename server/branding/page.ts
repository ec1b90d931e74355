import type { Brand } from './brand.ts'
import { brandSheetPath } from './brand-css.ts'

/** What every page needs from the request that asked for it. */
export interface PageFacts {
  brand: Brand
  csrf: string
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
  lang: string
  title: string
  csrf: string
  brand: BrandView
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

function supportOf(brand: Brand): LinkView {
  if (brand.support_url === undefined) return { text: '', href: '' }
  return { text: brand.support_text ?? 'Get help', href: brand.support_url }
}

function brandView(brand: Brand): BrandView {
  return {
    title: brand.title,
    initial: firstLetter(brand.title),
    stylesheet: brandSheetPath(brand),
    logo: asset(brand.logo),
    logoDark: asset(brand.logo_dark),
    icon: brand.icon === undefined ? 'favicon.svg' : asset(brand.icon),
    themeColor: brand.primary_color,
    slogan: brand.tagline ?? brand.title,
    support: supportOf(brand),
    links: brand.footer_links.map(({ text, url }) => ({ text, href: url })),
  }
}

/** The part of a view-model that all pages share. `wrong` is said first in the title, for those who only hear it. */
export function pageView({ brand, csrf }: PageFacts, title: string, wrong = false): PageView {
  return {
    lang: 'en', // the language of the texts in the view-models, not the brand's
    title: `${wrong ? 'Error: ' : ''}${title} – ${brand.title}`,
    csrf,
    brand: brandView(brand),
  }
}

/** A summary of the fields that have an error, each linked to its input; `null` when none has. */
export function summaryOf(title: string, fields: readonly FieldView[]): SummaryView | null {
  const items = fields.filter((f) => f.error !== '').map((f) => ({ text: f.error, href: `#${f.name}` }))
  return items.length === 0 ? null : { title, items }
}
