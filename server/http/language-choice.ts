import type { Request, Response } from 'express'
import { chooseLanguage, knownLanguage, type Language, type LanguageHabits } from '../language/language.ts'
import type { Languages } from '../language/languages.ts'

const COOKIE = 'doorward_locale'
const CHOSEN = /(?:^|;\s*)doorward_locale=([a-z]{2,3})(?:;|$)/

/** The person a page speaks to, as soon as it is known who that is. */
const listeners = new WeakMap<Request, LanguageHabits>()

/** From here on this request's pages speak to `person`. */
export const speakTo = (req: Request, person: LanguageHabits): void => void listeners.set(req, person)

/** Remembers `?locale=` for the pages that follow, as `?brand=` is. */
export function keepLanguage(req: Request, res: Response, secure: boolean): void {
  const asked = knownLanguage(req.query.locale)
  if (asked === undefined || asked === CHOSEN.exec(req.headers.cookie ?? '')?.[1]) return
  res.cookie(COOKIE, asked, { path: '/', httpOnly: true, sameSite: 'lax', secure })
}

/** The language of a request's pages: as asked for, then the person's, then what the browser accepts, then the brand's. */
export function languageFor(languages: Languages, req: Request, brand: { locale: string }): Language {
  const code = chooseLanguage({
    asked: knownLanguage(req.query.locale) ?? CHOSEN.exec(req.headers.cookie ?? '')?.[1],
    person: listeners.get(req),
    accepted: req.headers['accept-language'],
    brand: brand.locale,
  })
  return languages[code]
}
