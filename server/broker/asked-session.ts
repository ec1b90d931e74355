import { z } from 'zod'
import { Problem } from '../errors.ts'
import { OauthProblem } from '../http/oauth-wire.ts'
import { pageText } from '../http/page-input.ts'
import { MINUTE, type Clock } from '../platform/clock.ts'
import { openJson, type Sealer } from '../platform/sealing.ts'
import { CLIENT_ID, deliveryTo, SCOPE } from './client.ts'
import { KEY_STORAGES } from './key-storage.ts'

/** What every way of asking tells of the device: what it is called, its key's thumbprint, and where that key is kept. */
export const deviceShape = {
  dpop_jkt: z.string().regex(/^[\w-]{43}$/, 'must be the SHA-256 thumbprint of the key, base64url'),
  device_name: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .refine(
      (name) => !/[\p{Cc}\p{Cf}]/u.test(name) && name.isWellFormed(),
      'has characters that are not allowed',
    ),
  key_storage: z.enum(KEY_STORAGES),
  scope: z.literal(SCOPE).optional(),
}

/** The query of `/oauth/authorize`, as far as it says who asks and where the answer goes. */
export const authorizeQuery = z.looseObject({
  client_id: pageText(100),
  redirect_uri: pageText(200),
  state: pageText(512),
  /** A request that was checked before and had to wait for a sign-in. */
  asked: pageText(8000),
})

const restShape = z.looseObject({
  response_type: z.literal('code'),
  code_challenge: z.string().regex(/^[\w-]{43}$/, 'must be a SHA-256 hash in base64url'),
  code_challenge_method: z.literal('S256'),
  ...deviceShape,
  max_age: z.coerce.number().int().min(0).max(1_000_000).optional(),
  acr_values: z
    .string()
    .regex(/^[a-z]{2,16}( [a-z]{2,16}){0,4}$/)
    .optional(),
  role_arn: z.string().max(2048).optional(),
})

const askedSchema = z.strictObject({
  redirectUri: z.string(),
  state: z.string(),
  challenge: z.string(),
  jkt: z.string(),
  deviceName: z.string(),
  keyStorage: z.enum(KEY_STORAGES),
  maxAge: z.number().optional(),
  amr: z.array(z.string()),
  roleArn: z.string().optional(),
  /** When it came to us, by our own clock, ms. */
  askedAt: z.number(),
})

/** A broker session that a command line asks for, once its request has been checked. */
export type AskedSession = z.output<typeof askedSchema>

/** Where a refusal goes: back to the command line. */
export interface Return {
  redirectUri: string
  state: string
}

const RESPONSE_TYPE = 'response_type'

/** Who asks. Without these two nothing is sent anywhere (RFC 6749 section 4.1.2.1). @throws Problem */
export function returnOf(query: z.output<typeof authorizeQuery>, publicUrl: string): Return {
  const { client_id: client, redirect_uri: redirectUri = '', state = '' } = query
  if (client !== CLIENT_ID)
    throw new Problem('invalid_request', { fields: { client_id: 'is not known here' } })
  if (!deliveryTo(redirectUri, publicUrl))
    throw new Problem('invalid_request', { fields: { redirect_uri: 'is not registered' } })
  return { redirectUri, state }
}

/** The rest of the request. @throws OauthProblem, for its sender to read */
export function readAsked(query: object, to: Return, now: number): AskedSession {
  const parsed = restShape.safeParse(query)
  if (!parsed.success) throw refusalOf(parsed.error)
  const { data } = parsed
  if (to.state.length < 16)
    throw new OauthProblem('invalid_request', 'state must have 16 characters and more')
  return {
    ...to,
    challenge: data.code_challenge,
    jkt: data.dpop_jkt,
    deviceName: data.device_name,
    keyStorage: data.key_storage,
    maxAge: data.max_age,
    amr: data.acr_values?.split(' ') ?? [],
    roleArn: data.role_arn,
    askedAt: now,
  }
}

/** The first thing that is wrong with a request, as OAuth names it. */
export function refusalOf(error: z.ZodError): OauthProblem {
  const [issue] = error.issues
  const name = String(issue?.path[0] ?? 'request')
  const code =
    name === RESPONSE_TYPE
      ? 'unsupported_response_type'
      : name === 'scope'
        ? 'invalid_scope'
        : 'invalid_request'
  return new OauthProblem(code, `${name}: ${issue?.message ?? 'is not right'}`)
}

type SealDeps = { sealer: Sealer; clock: Clock }

/** A person may have to find their phone first. */
const CARRIED_MS = 30 * MINUTE
const PLACE = 'broker:asked'

/** Carries a checked request across a sign-in and through the consent form. */
export const sealAsked = (d: Pick<SealDeps, 'sealer'>, asked: AskedSession): string =>
  d.sealer.seal(JSON.stringify(asked), PLACE)

/** @throws Problem `invalid_request` for what we did not seal, or too long ago */
export function openAsked(d: SealDeps, sealed: string): AskedSession {
  const { data: asked } = askedSchema.safeParse(openJson(d.sealer, sealed, PLACE))
  if (!asked || d.clock() - asked.askedAt > CARRIED_MS)
    throw new Problem('invalid_request', {
      fields: { asked: 'is not usable any more: sign in again from the terminal' },
    })
  return asked
}
