import { LANGUAGES, isRightToLeft, languageOf, type Language, type LanguageCode } from './language.ts'
import { loadTexts } from './texts.ts'

/** Every language, loaded. */
export type Languages = Readonly<Record<LanguageCode, Language>>

/** Reads all languages once; a request touches no file. */
export function loadLanguages(): Languages {
  const load = (code: LanguageCode) => languageOf(code, loadTexts(code, isRightToLeft(code)))
  return Object.fromEntries(LANGUAGES.map((code) => [code, load(code)])) as Record<LanguageCode, Language>
}
