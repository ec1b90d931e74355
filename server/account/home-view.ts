import { firstLetter, pageView, type LinkView, type PageFacts, type PageView } from '../branding/page.ts'
import type { Words } from '../language/text-keys.ts'

export interface AppTileView {
  name: string
  href: string
  /** An asset name, or empty: then `initials` stand in a colour of their own. */
  icon: string
  initials: string
  colour: string
  description: string
}

/** All that `views/account/home.njk` may read. */
export interface HomeView extends PageView {
  words: Words<'account:home.words'>
  heading: string
  lead: string
  person: { name: string; email: string; initials: string }
  nav: LinkView[]
  apps: AppTileView[]
  hasApps: boolean
}

export interface HomeApp {
  id: number
  name: string
  icon?: string | undefined
  description?: string | undefined
}

export interface HomeFacts {
  page: PageFacts
  person: { firstname: string; lastname: string; email: string }
  apps: readonly HomeApp[]
  /** Further pages of the account, e.g. security; none are shown without it. */
  nav?: readonly LinkView[] | undefined
}

const COLOURS = 8

/** The same name has the same colour on every page and every day. */
function colourOf(name: string): string {
  let hash = 0x811c9dc5 // FNV-1a
  for (const char of name) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0
  return `tone-${(hash >>> 13) % COLOURS}`
}

/** At most two letters: of the first two words, or the first of one. */
export function initialsOf(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '')
  return words.length === 0 ? '?' : words.slice(0, 2).map(firstLetter).join('')
}

const tile = ({ id, name, icon = '', description = '' }: HomeApp): AppTileView => ({
  name,
  href: `/apps/${id}/launch`,
  icon,
  initials: initialsOf(name),
  colour: colourOf(name),
  description,
})

/** The page a person lands on: their apps, who they are, and the way out. */
export function homeView({ page, person, apps, nav = [] }: HomeFacts): HomeView {
  const name = `${person.firstname} ${person.lastname}`.trim() || person.email
  const { t, words } = page.language
  return {
    ...pageView(page, t('account:home.title')),
    words: words('account:home.words'),
    heading:
      person.firstname === ''
        ? t('account:home.welcomeNameless')
        : t('account:home.welcome', { name: person.firstname }),
    lead: t('account:home.apps', { count: apps.length }),
    person: { name, email: person.email, initials: initialsOf(name) },
    nav: [...nav],
    apps: apps.map(tile),
    hasApps: apps.length > 0,
  }
}
