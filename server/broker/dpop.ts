/** Proof of possession of a device's key (RFC 9449). */
import { createHash } from 'node:crypto'
import { OauthProblem } from '../http/oauth-wire.ts'
import type { RequestFacts } from '../http/request.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { MINUTE, SECOND, type Clock } from '../platform/clock.ts'
import { sameSecret } from '../platform/master-key.ts'
import { NONCE_MS, type DpopNonces } from './dpop-nonce.ts'

export interface DpopDeps {
  clock: Clock
  pending: Pick<PendingStore, 'putNew'>
  nonces: DpopNonces
  publicUrl: string
}

/** What a proof has to fit. */
export interface Proved {
  method: 'GET' | 'POST' | 'DELETE'
  path: string
  /** The access token that comes with it. */
  accessToken?: string
  /** The key that it has to be of, where one is known. */
  jkt?: string
}

const MAX_PROOF = 4096
/** A nonce tells the time already, so this only refuses what is far off. */
const IAT_MS = 5 * MINUTE
/** A proof is remembered for as long as its nonce would let it in again, and a process may be ahead. */
const REMEMBERED_SECONDS = (NONCE_MS + 2 * MINUTE) / SECOND
/** 96 random bits and more in base64url, or a UUID. */
const JTI = /^[\x21-\x7e]{16,128}$/

interface Jwk {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
}

const refused = (why: string) => new OauthProblem('invalid_dpop_proof', `The DPoP proof is not good: ${why}`)

/** The public key that a proof names. @throws OauthProblem */
function keyIn(header: Record<string, unknown>): Jwk {
  if (header.typ !== 'dpop+jwt') throw refused('its typ is not dpop+jwt')
  if (header.alg !== 'ES256') throw refused('its alg is not ES256')
  const jwk = header.jwk as Record<string, unknown> | undefined
  if (typeof jwk !== 'object' || jwk.kty !== 'EC' || jwk.crv !== 'P-256')
    throw refused('its jwk is no P-256 key')
  if ('d' in jwk || 'k' in jwk) throw refused('its jwk is private')
  const { x, y } = jwk
  if (typeof x !== 'string' || typeof y !== 'string') throw refused('its jwk is not whole')
  return { kty: 'EC', crv: 'P-256', x, y }
}

/** `htu` without query and fragment, in one spelling. */
function plainUrl(url: unknown): string {
  if (typeof url !== 'string' || !URL.canParse(url)) return ''
  const { origin, pathname } = new URL(url)
  return origin + pathname
}

/**
 * Checks the one `DPoP` header of a request by section 4.3 and tells the thumbprint of the key that made it. Each proof
 * is good once. @throws OauthProblem `invalid_dpop_proof`, `use_dpop_nonce`
 */
export async function proofOf(d: DpopDeps, request: RequestFacts, proved: Proved): Promise<string> {
  request.setHeader('DPoP-Nonce', d.nonces.issue())
  const proof = request.header('dpop')
  if (proof === undefined || proof === '') throw refused('there is none')
  // Two headers are read as one with a comma.
  if (proof.length > MAX_PROOF || !/^[\w-]+\.[\w-]+\.[\w-]+$/.test(proof)) throw refused('it is not one JWT')
  const { claims, jkt } = await verified(proof)
  if (claims.htm !== proved.method) throw refused('its htm is another method')
  const url = d.publicUrl + proved.path
  if (plainUrl(claims.htu) !== url) throw refused(`its htu is not ${url}`)
  if (typeof claims.jti !== 'string' || !JTI.test(claims.jti))
    throw refused('its jti is not 16 to 128 characters')
  if (!d.nonces.isGood(claims.nonce))
    throw new OauthProblem('use_dpop_nonce', 'The DPoP proof needs the nonce of this answer')
  if (typeof claims.iat !== 'number' || Math.abs(d.clock() - claims.iat * 1000) > IAT_MS)
    throw refused('its iat is too far from our time')
  if (proved.accessToken !== undefined && !sameSecret(hashOf(proved.accessToken), String(claims.ath)))
    throw refused('its ath is not of this access token')
  if (proved.jkt !== undefined && proved.jkt !== jkt) throw refused('it was made by another key')
  if (!(await d.pending.putNew('dpop_proof', `${jkt} ${url} ${claims.jti}`, '1', REMEMBERED_SECONDS)))
    throw refused('it was used before')
  return jkt
}

/** At the token endpoint a proof that is refused is a bad request (RFC 9449 section 5). */
export async function provedKey(d: DpopDeps, request: RequestFacts, path: string): Promise<string> {
  try {
    return await proofOf(d, request, { method: 'POST', path })
  } catch (error) {
    if (!(error instanceof OauthProblem)) throw error
    throw new OauthProblem(error.error, error.message, { status: 400 })
  }
}

const hashOf = (accessToken: string): string => createHash('sha256').update(accessToken).digest('base64url')

/** The claims of a proof that its own key has signed, and that key's thumbprint. */
async function verified(proof: string): Promise<{ claims: Record<string, unknown>; jkt: string }> {
  const { calculateJwkThumbprint, compactVerify, decodeProtectedHeader, importJWK } = await import('jose')
  let header: Record<string, unknown>
  try {
    header = decodeProtectedHeader(proof)
  } catch {
    throw refused('it is not one JWT')
  }
  const jwk = keyIn(header)
  try {
    const key = await importJWK(jwk, 'ES256')
    const { payload } = await compactVerify(proof, key, { algorithms: ['ES256'] })
    const claims = JSON.parse(Buffer.from(payload).toString('utf8')) as Record<string, unknown> | null
    if (claims === null || typeof claims !== 'object') throw refused('it says nothing')
    return { claims, jkt: await calculateJwkThumbprint(jwk) }
  } catch {
    throw refused('its signature is not right')
  }
}
