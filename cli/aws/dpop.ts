/** Proofs that a request comes from who holds the key (RFC 9449). */
import { createHash } from 'node:crypto'
import type { Signer } from './keys/device-key.ts'
import { newId } from './machine.ts'
import type { PublicJwk } from './session-file.ts'

export interface ProofKey {
  jwk: PublicJwk
  sign: Signer
}

export interface ProofInput {
  method: string
  /** Without query and fragment. */
  url: string
  /** Seconds, by the server's clock. */
  iat: number
  nonce?: string | undefined
  accessToken?: string | undefined
}

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A new proof; one of its own for each request, since none is good twice. */
export async function proofFor({ jwk, sign }: ProofKey, input: ProofInput): Promise<string> {
  const { method, url, iat, nonce, accessToken } = input
  const claims = {
    jti: newId(),
    htm: method,
    htu: url,
    iat,
    ...(nonce !== undefined && { nonce }),
    ...(accessToken !== undefined && { ath: createHash('sha256').update(accessToken).digest('base64url') }),
  }
  const signed = `${part({ typ: 'dpop+jwt', alg: 'ES256', jwk })}.${part(claims)}`
  return `${signed}.${(await sign(signed)).toString('base64url')}`
}
