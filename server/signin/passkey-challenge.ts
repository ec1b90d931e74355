import { MINUTE, type Clock } from '../platform/clock.ts'
import { keyedDigest, sameSecret } from '../platform/master-key.ts'
import type { Random } from '../platform/random.ts'

interface ChallengeDeps {
  clock: Clock
  random: Random
  digestKey: Buffer
}

/** A page offers passkeys for as long as it is open; its script asks for a new challenge before this is over. */
export const CHALLENGE_MS = 10 * MINUTE
const RANDOM_BYTES = 24

const markOf = (d: Pick<ChallengeDeps, 'digestKey'>, browser: string, at: string, random: string) =>
  keyedDigest(d.digestKey, 'passkey-challenge', browser, at, random)

/**
 * A challenge for whoever signs in in this browser, as base64url. It carries its time and our mark instead of being kept,
 * so that looking at the sign-in page writes nothing; it is used up when it is answered.
 */
export function newPasskeyChallenge(d: ChallengeDeps, browser: string): string {
  const [at, random] = [String(d.clock()), d.random.bytes(RANDOM_BYTES).toString('base64url')]
  return Buffer.from([at, random, markOf(d, browser, at, random)].join('.')).toString('base64url')
}

/** Whether we made this challenge for this browser, and its time is not over. */
export function isPasskeyChallenge(
  d: Pick<ChallengeDeps, 'clock' | 'digestKey'>,
  browser: string,
  challenge: string,
): boolean {
  const text = Buffer.from(challenge, 'base64url').toString()
  const [, at, random, mark] = /^(\d{1,15})\.([\w-]{32})\.([\w-]{43})$/.exec(text) ?? []
  if (at === undefined || random === undefined || mark === undefined) return false
  const age = d.clock() - Number(at)
  return age >= 0 && age < CHALLENGE_MS && sameSecret(mark, markOf(d, browser, at, random))
}
