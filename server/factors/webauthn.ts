import { z } from 'zod'
import type { Policy } from '../directory/policy.ts'
import { Problem } from '../errors.ts'
import { keyedDigest, sameSecret } from '../platform/master-key.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import type { Random } from '../platform/random.ts'
import type { Sealer } from '../platform/sealing.ts'
import { openSecret, type Authenticator, type AuthenticatorStore } from './authenticator-store.ts'
import { WRONG, type Factor, type FactorQuestion, type Verdict } from './factor.ts'
import {
  readPasskey,
  verifiedAssertion,
  verifiedRegistration,
  type Passkey,
  type RelyingParty,
} from './webauthn-ceremony.ts'

/** As long as a page's attempt. */
const CHALLENGE_SECONDS = 600
const CHALLENGE_BYTES = 32
/** What browsers show the question for, ms; the page asks anew as often as its person likes. */
const TIMEOUT_MS = 300_000
/** EdDSA, ES256, RS256 (IANA COSE algorithms), the best first. */
const ALGORITHMS = [-8, -7, -257]

export interface WebauthnDeps {
  random: Random
  sealer: Sealer
  digestKey: Buffer
  pending: Pick<PendingStore, 'put' | 'take'>
  authenticators: Pick<AuthenticatorStore, 'acceptCount'>
  relyingParty: RelyingParty
  /** Told when a key's counter has not risen: somebody may have copied it (WebAuthn Level 3, 6.1.1). */
  onCopied: (question: Pick<FactorQuestion, 'user' | 'authenticator' | 'asked'>) => Promise<void>
}

/** What a new one keeps until the browser has made it. */
const begunSchema = z.strictObject({
  challenge: z.string(),
  exclude: z.array(z.string()),
  userVerification: z.enum(['required', 'preferred', 'discouraged']),
})
type UserVerification = Policy['user_verification']

/** Names a person toward their passkeys, and nobody else: the id alone, with a mark that only we can make. */
export const userHandle = (digestKey: Buffer, userId: number): string =>
  Buffer.from(`${userId}.${keyedDigest(digestKey, 'passkey-owner', String(userId)).slice(0, 22)}`).toString(
    'base64url',
  )

/** Whose handle it is; `undefined` when it is none of ours. */
export function userOfHandle(digestKey: Buffer, handle: string): number | undefined {
  const [, id] = /^(\d{1,15})\.[\w-]{22}$/.exec(Buffer.from(handle, 'base64url').toString()) ?? []
  if (id === undefined) return undefined
  return sameSecret(userHandle(digestKey, Number(id)), handle) ? Number(id) : undefined
}

const transportsOf = ({ transports }: Passkey) => (transports.length > 0 ? { transports } : {})

/** Options of `navigator.credentials.get` as JSON (WebAuthn Level 3, 5.1.9). */
export const requestOptions = (
  rpId: string,
  challenge: string,
  userVerification: UserVerification,
  passkeys: readonly Passkey[],
) => ({
  challenge,
  rpId,
  timeout: TIMEOUT_MS,
  userVerification,
  allowCredentials: passkeys.map((one) => ({ type: 'public-key', id: one.id, ...transportsOf(one) })),
})

/**
 * A right answer of a key counts once: its challenge is used up, and a counter that it keeps has to rise. Of racing
 * answers with the same count one wins.
 */
export async function acceptCount(
  d: Pick<WebauthnDeps, 'authenticators' | 'onCopied'>,
  question: Pick<FactorQuestion, 'user' | 'authenticator' | 'asked'>,
  { passkey, count }: { passkey: Passkey; count: number },
): Promise<boolean> {
  // A passkey that is synced keeps no count: it stays 0.
  const rises = count > passkey.count || (count === 0 && passkey.count === 0)
  if (rises && (await d.authenticators.acceptCount(question.authenticator.id, count))) return true
  await d.onCopied(question)
  return false
}

/** Passkeys and security keys (WebAuthn Level 3), asked beside a password. */
export function webauthnFactor(d: WebauthnDeps): Factor {
  const keptBy = (authenticator: Authenticator) => openSecret(d.sealer, authenticator) ?? ''
  const passkeyOf = (authenticator: Authenticator) => readPasskey(keptBy(authenticator))
  const newChallenge = () => d.random.bytes(CHALLENGE_BYTES).toString('base64url')

  return {
    suits: () => true,
    hint: () => '',
    async begin({ authenticators, asked }) {
      if (asked.pages === undefined)
        throw new Problem('invalid_request', { message: 'A passkey can only be added in a browser' })
      const exclude = authenticators.flatMap((one) => {
        const passkey = one.factor === 'webauthn' ? passkeyOf(one) : undefined
        return passkey ? [passkey.id] : []
      })
      return JSON.stringify({
        challenge: newChallenge(),
        exclude,
        userVerification: asked.policy.user_verification,
      } satisfies z.input<typeof begunSchema>)
    },
    setup(user, authenticator, issuer) {
      const { challenge, exclude, userVerification } = begunSchema.parse(JSON.parse(keptBy(authenticator)))
      const name = user.email || user.username
      const options = {
        rp: { id: d.relyingParty.id, name: issuer },
        user: {
          id: userHandle(d.digestKey, user.id),
          name,
          displayName: [user.firstname, user.lastname].filter(Boolean).join(' ') || name,
        },
        challenge,
        pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
        timeout: TIMEOUT_MS,
        attestation: 'none',
        excludeCredentials: exclude.map((id) => ({ type: 'public-key', id })),
        authenticatorSelection: { residentKey: 'preferred', userVerification },
      }
      return { is: 'browser', options }
    },
    async challenge({ authenticator, attemptId, asked }) {
      const passkey = passkeyOf(authenticator)
      if (!passkey || asked.pages === undefined) return { is: 'nothing_to_send' }
      const challenge = newChallenge()
      await d.pending.put('webauthn_challenge', attemptId, challenge, CHALLENGE_SECONDS)
      const { user_verification } = asked.policy
      const options = requestOptions(d.relyingParty.id, challenge, user_verification, [passkey])
      return { is: 'sent', shows: { options } }
    },
    async prove({ authenticator, asked }, answer): Promise<Verdict> {
      const { challenge, userVerification } = begunSchema.parse(JSON.parse(keptBy(authenticator)))
      const mustVerifyUser = userVerification === 'required'
      const about = { answer, challenge, origin: asked.pages, mustVerifyUser }
      const made = await verifiedRegistration(d.relyingParty, about)
      return made ? { is: 'right', amr: amrOf(made), keeps: JSON.stringify(made) } : WRONG
    },
    async verify(question, answer): Promise<Verdict> {
      const { authenticator, attemptId, asked } = question
      const challenge = await d.pending.take('webauthn_challenge', attemptId)
      const passkey = passkeyOf(authenticator)
      if (challenge === undefined || !passkey) return WRONG
      const mustVerifyUser = asked.policy.user_verification === 'required'
      const about = { answer, challenge, passkey, origin: asked.pages, mustVerifyUser }
      const count = await verifiedAssertion(d.relyingParty, about)
      if (count === undefined || !(await acceptCount(d, question, { passkey, count }))) return WRONG
      return { is: 'right', amr: amrOf(passkey) }
    },
  }
}

/** RFC 8176: a key that never leaves its device is hardware, one that is synced is software. */
export const amrOf = ({ synced }: Passkey): readonly string[] => [synced ? 'swk' : 'hwk', 'user']
