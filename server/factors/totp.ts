import { Secret, TOTP } from 'otpauth'
import { SECOND, type Clock } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import type { Sealer } from '../platform/sealing.ts'
import { authenticatorPlace, type AuthenticatorStore } from './authenticator-store.ts'
import type { Factor } from './factor.ts'

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
  return {
    suits: () => true,
    enrol(user, issuer) {
      const secret = new Secret({ buffer: new Uint8Array(d.random.bytes(SEED_BYTES)).buffer })
      const label = user.email || user.username
      const totp = new TOTP({ issuer, label, secret, period: PERIOD_SECONDS, digits: DIGITS })
      return { secret: secret.base32, setup: { seed: secret.base32, otpauthUrl: totp.toString() } }
    },
    challenge: async () => 'nothing_to_send',
    async verify({ authenticator: { id, sealedSecret } }, code) {
      if (!/^\d{6}$/.test(code) || sealedSecret === null) return false
      const seed = d.sealer.open(sealedSecret, authenticatorPlace(id))
      const totp = new TOTP({ secret: Secret.fromBase32(seed), period: PERIOD_SECONDS, digits: DIGITS })
      const now = d.clock()
      const drift = totp.validate({ token: code, timestamp: now, window: DRIFT_STEPS })
      if (drift === null) return false
      return d.authenticators.acceptStep(id, Math.floor(now / (PERIOD_SECONDS * SECOND)) + drift)
    },
  }
}
