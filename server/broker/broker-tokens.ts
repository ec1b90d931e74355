import { SECOND } from '../platform/clock.ts'
import { keyedDigest, sameSecret } from '../platform/master-key.ts'
import type { BrokerSession } from './broker-session-store.ts'

/** An access token is good for ten minutes, and only together with a proof by the session's key. */
export const ACCESS_SECONDS = 600

type Sealed = Pick<BrokerSession, 'id' | 'seed'>
type Kind = 'access' | 'refresh'

const PREFIX: Record<Kind, string> = { access: 'dw_ba_', refresh: 'dw_br_' }

/** A token taken apart; whether it is ours shows only against its session. */
export interface ReadToken {
  kind: Kind
  sessionId: number
  /** When an access token is over, ms; which generation a refresh token is of. */
  value: number
  mac: string
}

/**
 * Tokens that nothing is kept of: each names its session and is signed for its random seed. The same refresh of two
 * processes therefore gets the same successor, and a copy of the database makes none.
 */
export function brokerTokens(key: Buffer) {
  const macOf = (kind: Kind, { id, seed }: Sealed, value: number) =>
    keyedDigest(key, kind, String(id), seed, String(value))
  const make = (kind: Kind, session: Sealed, value: number): string =>
    [PREFIX[kind] + session.id.toString(36), value.toString(36), macOf(kind, session, value)].join('.')
  return {
    access: (session: Sealed, now: number): string => make('access', session, now + ACCESS_SECONDS * SECOND),
    refresh: (session: Sealed, generation: number): string => make('refresh', session, generation),
    /** Takes a token apart without judging it; `undefined` for what is none. */
    read(token: string): ReadToken | undefined {
      const [, prefix = '', id = '', value = '', mac = ''] =
        /^(dw_b[ar]_)([0-9a-z]{1,11})\.([0-9a-z]{1,10})\.([\w-]{43})$/.exec(token) ?? []
      const kind = (Object.keys(PREFIX) as Kind[]).find((one) => PREFIX[one] === prefix)
      return kind && { kind, sessionId: Number.parseInt(id, 36), value: Number.parseInt(value, 36), mac }
    },
    /** Whether it was made here for this session. */
    isOf: ({ kind, value, mac }: ReadToken, session: Sealed): boolean =>
      sameSecret(mac, macOf(kind, session, value)),
  }
}

export type BrokerTokens = ReturnType<typeof brokerTokens>
