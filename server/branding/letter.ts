import type { Language } from '../language/language.ts'
import type { Letter } from '../platform/mail.ts'
import { lightPalette, darkPalette, type Palette } from './brand-css.ts'
import type { Brand } from './brand.ts'
import type { LinkView } from './page.ts'

/** What a letter says, in finished text. */
export interface LetterContent {
  subject: string
  /** The first sentence, with the code if there is one: what a list of letters shows beside the subject. */
  opening: string
  /** A code to type, shown large. */
  code?: string
  paragraphs: readonly string[]
  /** One thing to do; the address stands in the letter as text too. */
  button?: LinkView
}

/** All that `views/mail/letter.njk` may read. */
export interface LetterView {
  lang: string
  dir: 'ltr' | 'rtl'
  brand: { title: string; logo: string }
  /** Programs that show mail know no custom properties, so the colours are written out. */
  light: Palette
  dark: Palette
  subject: string
  opening: string
  code: string
  paragraphs: readonly string[]
  button: LinkView
  footer: string
}

export interface LetterFrame {
  brand: Brand
  language: Language
  /** Where the brand's logo is for everybody; empty without one. */
  logo: string
}

const NO_BUTTON: LinkView = { text: '', href: '' }

/** A letter as its template reads it. */
export function letterView({ brand, language, logo }: LetterFrame, content: LetterContent): LetterView {
  const { subject, opening, code = '', paragraphs, button = NO_BUTTON } = content
  return {
    lang: language.code,
    dir: language.dir,
    brand: { title: brand.title, logo },
    light: lightPalette(brand),
    dark: darkPalette(brand),
    subject,
    opening,
    code,
    paragraphs,
    button,
    footer: language.t('common:letterFooter', { company: brand.title }),
  }
}

/** The same letter for those who read mail as text. */
function asText({ opening, paragraphs, button, footer }: LetterView): string {
  const link = button.href === '' ? [] : [`${button.text}:\n${button.href}`]
  return `${[opening, ...paragraphs, ...link, `-- \n${footer}`].join('\n\n')}\n`
}

/** Both forms of a letter, ready to be sent. */
export function letter(
  to: string,
  view: LetterView,
  render: (template: string, view: object) => string,
): Letter {
  return { to, subject: view.subject, text: asText(view), html: render('mail/letter.njk', view) }
}
