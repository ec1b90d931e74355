import type { Post, Write } from '../branding/post.ts'
import type { User } from '../directory/user.ts'
import type { PageRequest } from '../http/request.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { DAY, SECOND, type Clock } from '../platform/clock.ts'
import { prefixedToken, type Random } from '../platform/random.ts'
import { deviceOf, deviceText, type Device } from './device-name.ts'

export interface NewBrowserDeps {
  clock: Clock
  random: Random
  pending: Pick<PendingStore, 'put'>
  post: Pick<Post, 'sendLater'>
  /** Addresses in letters begin with it, whatever name a request used. */
  publicUrl: string
}

/** How long "this was not me" can be said by one click. */
const LINK_SECONDS = (7 * DAY) / SECOND

interface SignInFacts {
  device: Device
  address: string
  at: number
  href: string
}

export const newBrowserLetter =
  ({ device, address, at, href }: SignInFacts): Write =>
  (language) => {
    const { t, date } = language
    return {
      subject: t('account:letter.newBrowser.subject'),
      opening: t('account:letter.newBrowser.opening', { device: deviceText(device, language) }),
      paragraphs: [
        t('account:letter.newBrowser.when', { time: date(at), address }),
        t('account:letter.newBrowser.you'),
        t('account:letter.newBrowser.notYou'),
      ],
      button: { text: t('account:letter.newBrowser.button'), href },
    }
  }

/**
 * Tells a person of a sign-in in a browser that they never used with this password. The first sign-in of all tells
 * nobody anything new.
 */
export async function tellOfNewBrowser(d: NewBrowserDeps, request: PageRequest, user: User): Promise<void> {
  if (user.lastLogin === null || user.email === '' || request.knownAs(user) !== undefined) return
  const token = prefixedToken(d.random, 'notme')
  await d.pending.put('not_me_link', token, String(user.id), LINK_SECONDS)
  const device = await deviceOf((request.header('user-agent') ?? '').slice(0, 400))
  const facts = { device, address: request.address, at: d.clock(), href: `${d.publicUrl}/not-me/${token}` }
  d.post.sendLater(user, newBrowserLetter(facts))
}
