import type { PageFacts } from '../branding/page.ts'
import type { Words } from '../language/text-keys.ts'
import { initialsOf, portalView, type PortalPerson, type PortalView } from './portal-view.ts'

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
export interface HomeView extends PortalView {
  words: Words<'account:home.words'>
  heading: string
  lead: string
  apps: AppTileView[]
  hasApps: boolean
  /** Whether there are so many that looking for one helps. */
  canSearch: boolean
  /** What was looked for, and that nothing has it; else empty. */
  query: string
  nothingFound: string
}

export interface HomeApp {
  id: number
  name: string
  icon?: string | undefined
  description?: string | undefined
}

export interface HomeFacts {
  page: PageFacts
  person: PortalPerson
  apps: readonly HomeApp[]
  /** Ids of apps, the one used last first. */
  recent?: readonly number[] | undefined
  query?: string | undefined
}

/** From so many apps on they can be searched. */
const SEARCH_FROM = 7

const COLOURS = 8

/** The same name has the same colour on every page and every day. */
function colourOf(name: string): string {
  let hash = 0x811c9dc5 // FNV-1a
  for (const char of name) hash = Math.imul(hash ^ char.codePointAt(0)!, 0x01000193) >>> 0
  return `tone-${(hash >>> 13) % COLOURS}`
}

const tile = ({ id, name, icon = '', description = '' }: HomeApp): AppTileView => ({
  name,
  href: `/apps/${id}/launch`,
  icon,
  initials: initialsOf(name),
  colour: colourOf(name),
  description,
})

/** The ones used last first, then the others in the order they came in. */
function recentFirst(apps: readonly HomeApp[], recent: readonly number[]): HomeApp[] {
  const rank = ({ id }: HomeApp) => (recent.includes(id) ? recent.indexOf(id) : recent.length)
  return apps.toSorted((a, b) => rank(a) - rank(b))
}

const plain = (text: string): string => text.normalize('NFKC').toLowerCase()

/** The page a person lands on: their apps, who they are, and the way out. */
export function homeView({ page, person, apps, recent = [], query = '' }: HomeFacts): HomeView {
  const { t, words } = page.language
  const found = recentFirst(apps, recent).filter(({ name }) => plain(name).includes(plain(query.trim())))
  return {
    ...portalView(page, t('account:home.title'), person, 'apps'),
    words: words('account:home.words'),
    heading:
      person.firstname === ''
        ? t('account:home.welcomeNameless')
        : t('account:home.welcome', { name: person.firstname }),
    lead: t('account:home.apps', { count: apps.length }),
    apps: found.map(tile),
    hasApps: apps.length > 0,
    canSearch: apps.length >= SEARCH_FROM || query !== '',
    query,
    nothingFound: found.length === 0 && query !== '' ? t('account:home.nothingFound', { query }) : '',
  }
}
