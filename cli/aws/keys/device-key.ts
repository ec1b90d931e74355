/** The key that proves a session: an agent's, or one of our own. */
import { createHash, createPrivateKey, generateKeyPairSync, sign } from 'node:crypto'
import { CliFault } from '../fault.ts'
import type { KeyPlace, PublicJwk } from '../session-file.ts'
import type { Vault } from '../vault.ts'
import { agentKeys, isForwarded, signByAgent, type AgentKey } from './agent.ts'

/** Signs ES256: r and s, 32 bytes each. */
export type Signer = (data: string) => Promise<Buffer>

export interface DeviceKey {
  place: KeyPlace
  jwk: PublicJwk
  jkt: string
  /** PKCS #8, PEM, to be sealed; none where an agent holds it. */
  privateKey?: string
  sign: Signer
}

/** RFC 7638: the members that a key needs, in their order. */
export const thumbprint = ({ crv, kty, x, y }: PublicJwk): string =>
  createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')

const signerOf = (privateKey: string): Signer => {
  const key = createPrivateKey(privateKey)
  return async (data) => sign('sha256', Buffer.from(data), { key, dsaEncoding: 'ieee-p1363' })
}

/** Who signs for a session that is kept: its own key, or the agent that holds it. */
export const keptSigner = (jwk: PublicJwk, privateKey: string | undefined): Signer =>
  privateKey === undefined ? (data) => signByAgent(jwk, data) : signerOf(privateKey)

const fromAgent = ({ jwk }: AgentKey): DeviceKey => ({
  place: 'agent',
  jwk,
  jkt: thumbprint(jwk),
  sign: (data) => signByAgent(jwk, data),
})

function ownKey(vault: Vault): DeviceKey {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const { x = '', y = '' } = publicKey.export({ format: 'jwk' })
  const jwk: PublicJwk = { kty: 'EC', crv: 'P-256', x, y }
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  return { place: vault.in, jwk, jkt: thumbprint(jwk), privateKey: pem, sign: signerOf(pem) }
}

/** An agent's key that is meant for this where there is one, else a new one of our own. @throws CliFault */
export async function newDeviceKey(wish: KeyPlace | undefined, vault: Vault): Promise<DeviceKey> {
  if (wish === 'agent') {
    const [key] = await agentKeys().catch((cause: unknown) => {
      throw new CliFault('usage', `ssh-agent: ${(cause as Error).message}`)
    })
    if (key) return fromAgent(key)
    throw new CliFault(
      'usage',
      'The ssh-agent has no P-256 key whose comment contains "doorward"; make one: ssh-keygen -t ecdsa -b 256 -C doorward',
    )
  }
  if (wish === undefined && !isForwarded()) {
    const [key] = await agentKeys().catch((): AgentKey[] => [])
    if (key) return fromAgent(key)
  }
  return ownKey(vault)
}
