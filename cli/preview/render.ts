import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Brand } from '../../server/branding/brand.ts'
import { letter, letterView } from '../../server/branding/letter.ts'
import type { LanguageCode } from '../../server/language/language.ts'
import { pictures } from '../../server/http/pictures.ts'
import { createViews } from '../../server/http/views.ts'
import type { Letter } from '../../server/platform/mail.ts'
import { PACKAGE_ROOT } from '../../server/platform/package-root.ts'
import { LETTERS } from './letters.ts'
import type { Text } from './page-state.ts'
import { pageFacts } from './sample-page.ts'
import { STATES } from './states.ts'

const SAFE_NAME = /^[a-z0-9_-]+(\/[a-z0-9_-]+)*(\.[a-z0-9_-]+)+$/i

/** The file of an asset: a company's own picture in `pictureFolder`, else one of `static/`. */
export function assetFile(name: string, pictureFolder?: string): string | undefined {
  if (!SAFE_NAME.test(name)) return undefined
  const own = pictureFolder !== undefined && name.startsWith('brand/')
  const places = [...(own ? [join(pictureFolder, name.slice('brand/'.length))] : []), inStatic(name)]
  return places.find((place) => existsSync(place))
}

const inStatic = (name: string): string => join(PACKAGE_ROOT, 'static', name)
const asset = (name: string): string => `/static/${name}`

/** The views of the product, with assets under their plain names. */
export const views = createViews({ root: join(PACKAGE_ROOT, 'views'), asset })

/** One page in one state as HTML. @throws when there is no such state */
export function renderState(name: string, brand: Brand, text?: Text, code?: LanguageCode): string {
  const state = STATES.find((s) => s.name === name)
  if (!state) throw new Error(`no such state: ${name}`)
  return views.render(state.template, state.view(pageFacts(brand, code), text))
}

/** One letter in both its forms. @throws when there is no such letter */
export function renderLetter(name: string, brand: Brand, code?: LanguageCode): Letter {
  const write = Object.hasOwn(LETTERS, name) ? LETTERS[name] : undefined
  if (!write) throw new Error(`no such letter: ${name}`)
  const { language } = pageFacts(brand, code)
  const logo = brand.logo === undefined ? '' : asset(`brand/${brand.logo}`)
  const view = letterView({ brand, language, logo }, write(language))
  return letter('sally@acme.test', view, (template, data) => views.render(template, data))
}

/** A brand without the pictures that are not there, as the server shows it. */
export function withPictures(brand: Brand, pictureFolder?: string): Brand {
  const has = (name: string) => assetFile(name, pictureFolder) !== undefined
  return pictures({ assets: { has }, log: { warn: () => undefined } }).brand(brand)
}
