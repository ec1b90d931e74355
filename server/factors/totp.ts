import { Secret, TOTP } from 'otpauth'
import { SECOND, type Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import type { Sealer } from '../platform/sealing.ts'
import { openSecret, type Authenticator, type AuthenticatorStore } from './authenticator-store.ts'
import { RIGHT, WRONG, type Factor } from './factor.ts'

/** RFC 6238 as every authenticator app has it. */
const PERIOD_SECONDS = 30
const DIGITS = 6
/** 160 bits (RFC 4226 section 4, R6). */
const SEED_BYTES = 20
/** One step either way, for clocks that differ (RFC 6238 section 5.2). */
const DRIFT_STEPS = 1

interface TotpDeps {
  clock: Clock
  random: Random
  sealer: Sealer
  authenticators: Pick<AuthenticatorStore, 'acceptStep'>
}

export function totpFactor(d: TotpDeps): Factor {
  const seedOf = (authenticator: Authenticator) => openSecret(d.sealer, authenticator)
  const totpOf = (seed: string, issuer = '', label = '') =>
    new TOTP({ issuer, label, secret: Secret.fromBase32(seed), period: PERIOD_SECONDS, digits: DIGITS })

  return {
    suits: () => true,
    hint: () => '',
    begin: async () => new Secret({ buffer: new Uint8Array(d.random.bytes(SEED_BYTES)).buffer }).base32,
    setup(user, authenticator, issuer) {
      const seed = seedOf(authenticator) ?? ''
      const otpauthUrl = totpOf(seed, issuer, user.email || user.username).toString()
      return { is: 'seed', seed, otpauthUrl }
    },
    challenge: async () => ({ is: 'nothing_to_send' }),
    async verify({ authenticator }, code) {
      const seed = seedOf(authenticator)
      if (!/^\d{6}$/.test(code) || seed === null) return WRONG
      const now = d.clock()
      const drift = totpOf(seed).validate({ token: code, timestamp: now, window: DRIFT_STEPS })
      if (drift === null) return WRONG
      const step = Math.floor(now / (PERIOD_SECONDS * SECOND)) + drift
      return (await d.authenticators.acceptStep(authenticator.id, step)) ? RIGHT : WRONG
    },
  }
}
