import type { Clock } from '../platform/clock.ts'
import type { MasterKey } from '../platform/master-key.ts'
import { brokerTokens } from './broker-tokens.ts'
import { dpopNonces } from './dpop-nonce.ts'

/** What the broker hands out and keeps nothing of: each of it is signed by a key of its own. */
export const brokerSecrets = ({ clock, masterKey }: { clock: Clock; masterKey: MasterKey }) => ({
  nonces: dpopNonces({ clock, key: masterKey.derive('dpop-nonce') }),
  brokerTokens: brokerTokens(masterKey.derive('broker-tokens')),
})
