import type { User } from '../directory/user.ts'
import { Problem } from '../errors.ts'
import type { Origin } from '../events/event-store.ts'
import { TEMPORARY_TOKEN, temporaryTokenIssued } from '../events/events.ts'
import { SECOND, type Clock } from '../platform/clock.ts'
import { keyedDigest } from '../platform/master-key.ts'
import { digitCode, type Random } from '../platform/random.ts'
import type { Transact } from '../stores.ts'
import type { Authenticator } from './authenticator-store.ts'
import { FACTORS } from './factor-kind.ts'
import { RIGHT, WRONG, type Factor } from './factor.ts'
import type { TemporaryTokenStore } from './temporary-token-store.ts'

const DIGITS = 8
const FORM = /^\d{8}$/
/** OneLogin's bounds and default. */
export const TEMPORARY_TOKEN_SECONDS = { min: 120, max: 259_200 }

interface TemporaryTokenDeps {
  clock: Clock
  random: Random
  digestKey: Buffer
  transact: Transact
}

/** What an administrator passes on, in clear and only this once. */
export interface IssuedTemporaryToken {
  token: string
  reusable: boolean
  expiresAt: number
}

const digestOf = (d: Pick<TemporaryTokenDeps, 'digestKey'>, userId: number, token: string) =>
  keyedDigest(d.digestKey, 'temporary_token', String(userId), token)

/** Makes a code that stands in for a person's factor, e.g. while their phone is lost. It replaces an earlier one. */
export async function issueTemporaryToken(
  d: TemporaryTokenDeps,
  user: User,
  wish: { seconds: number; reusable: boolean },
  origin: Origin,
): Promise<IssuedTemporaryToken> {
  const token = digitCode(d.random, DIGITS)
  const { reusable } = wish
  const expiresAt = d.clock() + wish.seconds * SECOND
  const row = { userId: user.id, tokenDigest: digestOf(d, user.id, token), reusable, expiresAt }
  await d.transact(async ({ temporaryTokens, events }) => {
    await temporaryTokens.put(row)
    await events.append(temporaryTokenIssued(origin, user, reusable))
  })
  return { token, reusable, expiresAt }
}

/** Whether this is the person's temporary token. Uses it up unless it is reusable. */
export const verifyTemporaryToken = (
  d: Pick<TemporaryTokenDeps, 'clock' | 'digestKey'> & { temporaryTokens: Pick<TemporaryTokenStore, 'use'> },
  user: User,
  token: string,
): Promise<boolean> => d.temporaryTokens.use(user.id, digestOf(d, user.id, token), d.clock())

/** Stands among a person's authenticators while they have a token; it is no row, and has no secret of its own. */
export const temporaryAuthenticator = (userId: number): Authenticator => ({
  id: TEMPORARY_TOKEN.id,
  userId,
  factor: 'temporary_token',
  label: FACTORS.temporary_token.label,
  sealedSecret: null,
  isDefault: false,
  active: true,
})

/** The administrator's token as an answer to the factor step of a sign-in. */
export function temporaryTokenFactor(d: Parameters<typeof verifyTemporaryToken>[0]): Factor {
  return {
    suits: () => true,
    hint: () => '',
    begin: () => Promise.reject(new Problem('invalid_request', { message: 'Factor could not be found' })),
    setup: () => ({ is: 'elsewhere' }),
    challenge: async () => ({ is: 'nothing_to_send' }),
    verify: async ({ user }, code) =>
      FORM.test(code) && (await verifyTemporaryToken(d, user, code)) ? RIGHT : WRONG,
  }
}
