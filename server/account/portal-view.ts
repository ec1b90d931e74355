import { firstLetter, pageView, type PageFacts, type PageView } from '../branding/page.ts'
import type { Words } from '../language/text-keys.ts'

/** Whom a page of the portal belongs to. */
export interface PortalPerson {
  firstname: string
  lastname: string
  email: string
}

/** What `views/portal.njk` reads: the bar above every page of somebody who is signed in. */
export interface PortalView extends PageView {
  portal: Words<'account:portal'>
  person: { name: string; email: string; initials: string }
  nav: { text: string; href: string; current: boolean }[]
}

/** At most two letters: of the first two words, or the first of one. */
export function initialsOf(name: string): string {
  const words = name.split(/[^\p{L}\p{N}]+/u).filter((word) => word !== '')
  return words.length === 0 ? '?' : words.slice(0, 2).map(firstLetter).join('')
}

const PLACES = [
  { place: 'apps', href: '/' },
  { place: 'account', href: '/account' },
  { place: 'approve', href: '/approve' },
] as const
export type Place = (typeof PLACES)[number]['place']

export function portalView(
  page: PageFacts,
  title: string,
  person: PortalPerson,
  here: Place,
  wrong = false,
): PortalView {
  const name = `${person.firstname} ${person.lastname}`.trim() || person.email
  const { t, words } = page.language
  return {
    ...pageView(page, title, wrong),
    portal: words('account:portal'),
    person: { name, email: person.email, initials: initialsOf(name) },
    nav: PLACES.map(({ place, href }) => ({
      text: place === 'approve' ? t('factors:approve.words.heading') : t(`account:place.${place}`),
      href,
      current: place === here,
    })),
  }
}
