import { sha256 } from '../platform/master-key.ts'
import type { Clock } from '../platform/clock.ts'
import { hexToken, prefixedToken, type Random } from '../platform/random.ts'
import type { Stores } from '../stores.ts'
import type { LinkPurpose, PasswordLink, PasswordLinkStore } from './password-link-store.ts'
import type { UserStore } from './user-store.ts'
import type { User } from './user.ts'

/** Addresses of links begin with our own, whatever name a request used: a forged Host leads nobody away. */
export interface LinkDeps {
  clock: Clock
  random: Random
  publicUrl: string
}

/** An invitation's token is one of OneLogin's, 160 random bits in hex; ours has 256 and a prefix. */
const NEW_TOKEN: Record<LinkPurpose, (random: Random) => string> = {
  invite: (random) => hexToken(random, 20),
  reset: (random) => prefixedToken(random, 'reset'),
}

/** Makes the address by which a person chooses a password, once; their earlier one for the same purpose ends. */
export async function makeLink(
  d: LinkDeps,
  { passwordLinks }: Pick<Stores, 'passwordLinks'>,
  user: Pick<User, 'id' | 'sessionEpoch'>,
  purpose: LinkPurpose,
  lifeMs: number,
): Promise<string> {
  const token = NEW_TOKEN[purpose](d.random)
  await passwordLinks.put({
    userId: user.id,
    purpose,
    tokenHash: sha256(token),
    epoch: user.sessionEpoch,
    expiresAt: d.clock() + lifeMs,
  })
  return `${d.publicUrl}/${purpose}/${token}`
}

interface ReadDeps {
  clock: Clock
  users: Pick<UserStore, 'find'>
  passwordLinks: Pick<PasswordLinkStore, 'find'>
}

/** Whose link this token opens, without using it up; `undefined` when it opens none, and it does not say why. */
export async function readLink(
  d: ReadDeps,
  purpose: LinkPurpose,
  token: string,
): Promise<{ link: PasswordLink; user: User } | undefined> {
  const link = await d.passwordLinks.find(sha256(token), d.clock())
  const user = link?.purpose === purpose ? await d.users.find(link.userId) : undefined
  return link && user?.sessionEpoch === link.epoch ? { link, user } : undefined
}
