import { setImmediate } from 'node:timers/promises'
import { chooseLanguage, type Language, type LanguageHabits } from '../language/language.ts'
import type { Languages } from '../language/languages.ts'
import type { Log } from '../platform/log.ts'
import type { Mailer } from '../platform/mail.ts'
import { pickBrand, type Brand } from './brand.ts'
import { letter, letterView, type LetterContent } from './letter.ts'

/** Whom a letter is for. */
export interface Addressee extends LanguageHabits {
  email: string
}

/** The page on which somebody asked for a letter to themselves: it looks and speaks like that page. */
export interface Reader {
  brand: Brand
  language: Language
}

/** Writes a letter in the language it is asked for. */
export type Write = (language: Language) => LetterContent

/** The one way to write to people: in their language, with the brand, as HTML and text. */
export interface Post {
  /**
   * Nothing is sent to somebody without an address. Without `reader` the letter is in the person's own language and has the default brand: who caused it may be
   * somebody else. @throws Problem `unavailable` when the letter could not be handed over
   */
  send(to: Addressee, write: Write, reader?: Reader): Promise<void>
  /** Sends after the answer, which neither waits for it nor fails with it; a failure is logged. */
  sendLater(to: Addressee, write: Write, reader?: Reader): void
  /** When every letter that was to be sent later is on its way, or has failed. */
  settled(): Promise<void>
}

interface PostDeps {
  mailer: Mailer
  log: Log
  languages: Languages
  brands(): Promise<readonly Brand[]>
  /** The brand with those of its pictures that are there. */
  withPictures(brand: Brand): Brand
  /** Where everybody finds an asset, e.g. `https://login.acme.test/static/…`. */
  addressOf(asset: string): string
  render(template: string, view: object): string
}

export function createPost(d: PostDeps): Post {
  const underWay = new Set<Promise<void>>()
  const send = async (to: Addressee, write: Write, reader?: Reader): Promise<void> => {
    if (to.email === '') return
    const brand = d.withPictures(reader?.brand ?? pickBrand(await d.brands(), {}))
    const language = reader?.language ?? d.languages[chooseLanguage({ person: to, brand: brand.locale })]
    const logo = brand.logo === undefined ? '' : d.addressOf(`brand/${brand.logo}`)
    const view = letterView({ brand, language, logo }, write(language))
    await d.mailer.send(letter(to.email, view, (template, shown) => d.render(template, shown)))
  }
  return {
    send,
    sendLater(to, write, reader) {
      const sent = setImmediate()
        .then(() => send(to, write, reader))
        .catch((error: unknown) => d.log.error({ error }, 'letter not sent'))
        .finally(() => underWay.delete(sent))
      underWay.add(sent)
    },
    async settled() {
      await Promise.all(underWay)
    },
  }
}
