import { z } from 'zod'

/** Whom passkeys are made for. */
export interface RelyingParty {
  /** The host of `PUBLIC_URL`. */
  id: string
  /** Whether people have pages of ours open under this origin. */
  isOurs: (origin: string) => Promise<boolean>
}

/** What we keep of a passkey. None of it is secret. */
export const passkeySchema = z.strictObject({
  /** Of the credential, base64url. */
  id: z.string().min(1).max(1400),
  /** COSE key, base64url. */
  publicKey: z.string().min(1).max(4000),
  /** Of signatures, as it was made; 0 for one that keeps no count. Later counts stand beside it. */
  count: z.number().int().nonnegative(),
  transports: z.array(z.string().max(40)).max(10),
  /** Whether its owner's other devices have it too. */
  synced: z.boolean(),
})
export type Passkey = z.output<typeof passkeySchema>

/** What an authenticator keeps, if it is a passkey that was made. */
export function readPasskey(kept: string): Passkey | undefined {
  const parsed = passkeySchema.safeParse(jsonOf(kept))
  return parsed.success ? parsed.data : undefined
}

const base64url = (max: number) =>
  z
    .string()
    .regex(/^[\w-]+$/)
    .max(max)
const extensions = z.looseObject({}).catch({})

/** What `PublicKeyCredential.toJSON` gives (WebAuthn Level 3, 5.1.8), as far as we read it. */
const registrationSchema = z.object({
  id: base64url(1400),
  rawId: base64url(1400),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url(4000),
    attestationObject: base64url(12_000),
    transports: z.array(z.string().max(40)).max(10).optional().catch(undefined),
  }),
  clientExtensionResults: extensions,
})
const assertionSchema = z.object({
  id: base64url(1400),
  rawId: base64url(1400),
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: base64url(4000),
    authenticatorData: base64url(4000),
    signature: base64url(2000),
    userHandle: base64url(200).optional().catch(undefined),
  }),
  clientExtensionResults: extensions,
})
export type Assertion = z.output<typeof assertionSchema>

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An answer of `navigator.credentials.get`; `undefined` when it is none. */
export function readAssertion(answer: string): Assertion | undefined {
  const parsed = assertionSchema.safeParse(jsonOf(answer))
  return parsed.success ? parsed.data : undefined
}

/** The challenge that an answer was made for, as its browser says; not believed until it is verified. */
export function challengeIn({ response }: Assertion): string {
  const client = z.object({ challenge: z.string() }).safeParse(decoded(response.clientDataJSON))
  return client.success ? client.data.challenge : ''
}

const decoded = (base64: string): unknown => jsonOf(Buffer.from(base64, 'base64url').toString())

/** The origin that a browser says it is on, if pages of ours are there: the one the page was opened under, where that is known. */
async function ourOrigin(
  { isOurs }: RelyingParty,
  clientDataJSON: string,
  page: string | undefined,
): Promise<string | undefined> {
  const client = z.object({ origin: z.string() }).safeParse(decoded(clientDataJSON))
  if (!client.success) return undefined
  const { origin } = client.data
  return (page === undefined || page === origin) && (await isOurs(origin)) ? origin : undefined
}

interface Ceremony {
  /** JSON of the browser's API. */
  answer: string
  challenge: string
  /** Under which the person has the page open. */
  origin: string | undefined
  /** Whether the passkey has to have checked who holds it (PIN, finger, face). */
  mustVerifyUser: boolean
}

/** The passkey that a browser has made for this challenge; `undefined` for any other answer. */
export async function verifiedRegistration(
  party: RelyingParty,
  { answer, challenge, origin, mustVerifyUser }: Ceremony,
): Promise<Passkey | undefined> {
  const parsed = registrationSchema.safeParse(jsonOf(answer))
  if (!parsed.success) return undefined
  const { response } = parsed.data
  const ours = await ourOrigin(party, response.clientDataJSON, origin)
  if (ours === undefined) return undefined
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  const { registrationInfo } = await verifyRegistrationResponse({
    response: { ...parsed.data, response: { ...response, transports: [] } },
    expectedChallenge: challenge,
    expectedOrigin: ours,
    expectedRPID: party.id,
    requireUserVerification: mustVerifyUser,
  }).catch(() => ({ registrationInfo: undefined }))
  if (!registrationInfo) return undefined
  const { credential, credentialDeviceType } = registrationInfo
  const made = passkeySchema.safeParse({
    id: credential.id,
    publicKey: Buffer.from(credential.publicKey).toString('base64url'),
    count: credential.counter,
    transports: response.transports ?? [],
    synced: credentialDeviceType === 'multiDevice',
  })
  return made.success ? made.data : undefined
}

/** The count of a right signature by this passkey over this challenge; `undefined` for any other answer. */
export async function verifiedAssertion(
  party: RelyingParty,
  { answer, challenge, origin, passkey, mustVerifyUser }: Ceremony & { passkey: Passkey },
): Promise<number | undefined> {
  const assertion = readAssertion(answer)
  if (assertion?.id !== passkey.id) return undefined
  const ours = await ourOrigin(party, assertion.response.clientDataJSON, origin)
  if (ours === undefined) return undefined
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  const { userHandle, ...response } = assertion.response
  const checked = await verifyAuthenticationResponse({
    response: { ...assertion, response: { ...response, ...(userHandle !== undefined && { userHandle }) } },
    expectedChallenge: challenge,
    expectedOrigin: ours,
    expectedRPID: party.id,
    // Counts are held against each other where racing answers cannot pass.
    credential: { id: passkey.id, publicKey: Buffer.from(passkey.publicKey, 'base64url'), counter: 0 },
    requireUserVerification: mustVerifyUser,
  }).catch(() => undefined)
  return checked?.verified ? checked.authenticationInfo.newCounter : undefined
}
