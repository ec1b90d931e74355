import { z } from 'zod'
import { MINUTE, type Clock } from '../platform/clock.ts'
import { openJson, type Sealer } from '../platform/sealing.ts'
import { refusedSaml } from './request-encoding.ts'

const askedSchema = z.strictObject({
  /** What the Response answers; nothing when nobody asked (IdP-initiated). */
  requestId: z.string().optional(),
  acsUrl: z.string().optional(),
  relayState: z.string().optional(),
  forceAuthn: z.boolean(),
  isPassive: z.boolean(),
  /** When it came to us, by our own clock, ms. */
  askedAt: z.number(),
})

/** What a service provider asked for, once its request has been checked. */
export type AskedSignOn = z.output<typeof askedSchema>

type SealDeps = { sealer: Sealer; clock: Clock }

/** A person may have to find their phone, reset a password, come back: longer than one attempt, shorter than a day. */
const CARRIED_MS = 60 * MINUTE

const placeOf = (appId: number) => `saml:asked:${appId}`

/**
 * Carries a checked request across a sign-in, or from a POST without our cookies to a GET with them. Sealed, so that it
 * is checked once only: a person who takes ten minutes to sign in is not told that the request has become too old, and
 * neither its size nor its signature has to travel.
 */
export const sealAsked = (d: SealDeps, appId: number, asked: AskedSignOn): string =>
  d.sealer.seal(JSON.stringify(asked), placeOf(appId))

/** @throws Problem `invalid_request` for what we did not seal for this app, or too long ago */
export function openAsked(d: SealDeps, appId: number, sealed: string): AskedSignOn {
  const { data: asked } = askedSchema.safeParse(openJson(d.sealer, sealed, placeOf(appId)))
  if (!asked || d.clock() - asked.askedAt > CARRIED_MS)
    throw refusedSaml(
      'The request is not usable any more: go back to the app and sign in from there',
      'asked',
    )
  return asked
}
