import { z } from 'zod'
import type { Post, Write } from '../branding/post.ts'
import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { Origin } from '../events/event-store.ts'
import { authenticatorEnrolled } from '../events/events.ts'
import type { Clock } from '../platform/clock.ts'
import { keyedDigest } from '../platform/master-key.ts'
import type { Random } from '../platform/random.ts'
import type { Sealer } from '../platform/sealing.ts'
import type { Transact } from '../stores.ts'
import {
  authenticatorPlace,
  openSecret,
  type Authenticator,
  type AuthenticatorStore,
} from './authenticator-store.ts'
import { hasFull } from './enrolment.ts'
import { FACTORS } from './factor-kind.ts'
import { RIGHT, WRONG, type Factor } from './factor.ts'

const KIND = 'recovery_code'
const CODES = 10
/** Letters and digits that nobody takes for another: 5 bits each, 60 bits a code. */
const LETTERS = '0123456789abcdefghjkmnpqrstvwxyz'
const LETTERS_PER_CODE = 12
const FORM = new RegExp(`^[${LETTERS}]{${LETTERS_PER_CODE}}$`)

const digestsSchema = z.array(z.string())

interface CodeKeys {
  sealer: Sealer
  digestKey: Buffer
}

interface RecoveryCodeDeps extends CodeKeys {
  authenticators: Pick<AuthenticatorStore, 'listForUser' | 'swapSecret'>
  post: Pick<Post, 'sendLater'>
}

/** As it is kept: without the key, neither a copy of the database nor a guess is worth anything. */
const digestOf = ({ digestKey }: CodeKeys, userId: number, code: string): string =>
  keyedDigest(digestKey, KIND, String(userId), code)

const digestsIn = (sealer: Sealer, authenticator: Authenticator): string[] =>
  digestsSchema.parse(JSON.parse(openSecret(sealer, authenticator) ?? '[]'))

/** What somebody typed, as the code is meant: in any case, with or without hyphens, with the usual mistakes. */
const meant = (typed: string): string =>
  typed.toLowerCase().replace(/[\s-]/g, '').replaceAll('o', '0').replace(/[il]/g, '1')

/** `7k2m-q9xd-4tzp`: groups are easier to copy. */
function newCode(random: Random): string {
  const letters = [...random.bytes(LETTERS_PER_CODE)].map((byte) => LETTERS[byte % LETTERS.length]!)
  return letters.join('').replace(/(.{4})(?=.)/g, '$1-')
}

/** Ten codes to keep for a day without the phone. Each works once, in place of a full second factor. */
export function recoveryCodeFactor(d: RecoveryCodeDeps): Factor {
  /** Takes a code off the list: read, and changed only if nobody has changed it since. Gives how many are left. */
  async function spend(userId: number, digest: string): Promise<number | undefined> {
    for (let tries = 0; tries <= CODES; tries++) {
      const kept = await keptBy(d.authenticators, userId)
      if (!kept?.sealedSecret) return undefined
      const digests = digestsIn(d.sealer, kept)
      const left = digests.filter((one) => one !== digest)
      if (left.length === digests.length) return undefined
      if (await d.authenticators.swapSecret(kept.id, kept.sealedSecret, sealDigests(d, kept.id, left)))
        return left.length
    }
    return undefined
  }

  return {
    suits: () => true,
    hint: () => '',
    begin: () => Promise.reject(new Problem('invalid_request', { message: 'Factor could not be found' })),
    setup: () => ({ is: 'elsewhere' }), // shown once, when they are made
    challenge: async () => ({ is: 'nothing_to_send' }),
    async verify({ user }, typed) {
      const code = meant(typed)
      if (!FORM.test(code)) return WRONG
      const left = await spend(user.id, digestOf(d, user.id, code))
      if (left === undefined) return WRONG
      d.post.sendLater(user, recoveryUsedLetter(left))
      return RIGHT
    },
  }
}

const sealDigests = ({ sealer }: Pick<CodeKeys, 'sealer'>, id: number, digests: readonly string[]): string =>
  sealer.seal(JSON.stringify(digests), authenticatorPlace(id))

async function keptBy(
  authenticators: Pick<AuthenticatorStore, 'listForUser'>,
  userId: number,
): Promise<Authenticator | undefined> {
  const all = await authenticators.listForUser(userId)
  return all.find(({ factor }) => factor === KIND)
}

/** How many codes a person has left; undefined: they have never made any. */
export async function recoveryCodesLeft(
  d: { sealer: Sealer; authenticators: Pick<AuthenticatorStore, 'listForUser'> },
  userId: number,
): Promise<number | undefined> {
  const kept = await keptBy(d.authenticators, userId)
  return kept && digestsIn(d.sealer, kept).length
}

/**
 * Makes ten codes and ends all earlier ones. They are shown to their person now and never again: nothing here can tell
 * them. Ask for a fresh sign-in first. @throws Problem `invalid_request` when there is no factor to stand in for
 */
export async function generateRecoveryCodes(
  d: CodeKeys & { clock: Clock; random: Random; transact: Transact },
  user: User,
  origin: Origin,
): Promise<string[]> {
  const codes = Array.from({ length: CODES }, () => newCode(d.random))
  const digests = codes.map((code) => digestOf(d, user.id, meant(code)))
  const draft = {
    userId: user.id,
    factor: KIND,
    label: FACTORS[KIND].label,
    active: true,
    createdAt: d.clock(),
  } as const
  await d.transact(async ({ authenticators, events }) => {
    if (!hasFull(await authenticators.listForUser(user.id)))
      throw new Problem('invalid_request', { message: 'Recovery codes need another factor to stand in for' })
    const added = await authenticators.addOnly(draft, (id) => sealDigests(d, id, digests))
    const kept = added ?? (await keptBy(authenticators, user.id))
    if (!kept) throw new Problem('unavailable', { retryAfterSeconds: 1 }) // taken away at this very moment
    if (!added) await authenticators.replaceSecret(kept.id, sealDigests(d, kept.id, digests))
    await events.append(authenticatorEnrolled(origin, user, { id: kept.id, name: kept.label }))
  })
  return codes
}

/** Tells the owner that somebody came in by a recovery code. */
export const recoveryUsedLetter =
  (left: number): Write =>
  ({ t }) => ({
    subject: t('codes:letter.subject'),
    opening: t('codes:letter.opening'),
    paragraphs: [t('codes:left', { count: left }), t('codes:letter.you'), t('codes:letter.notYou')],
  })
