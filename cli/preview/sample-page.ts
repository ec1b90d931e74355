import type { Brand } from '../../server/branding/brand.ts'
import type { PageFacts } from '../../server/branding/page.ts'
import type { LanguageCode } from '../../server/language/language.ts'
import { loadLanguages } from '../../server/language/languages.ts'

const LANGUAGES = loadLanguages()

/** The facts of a page with sample data: a brand, a language and a token as they would come from the request. */
export const pageFacts = (brand: Brand, code: LanguageCode = 'en'): PageFacts => ({
  brand,
  csrf: 'sample-csrf-token',
  passkeys: true,
  language: LANGUAGES[code],
})
