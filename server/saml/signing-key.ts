import { createPrivateKey, generateKeyPair, X509Certificate, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { DAY } from '../platform/clock.ts'
import type { Random } from '../platform/random.ts'
import { selfSignedCertificate } from './certificate.ts'

/** A key that signs for us and the certificate that others know it by. Parsed once, used for every signature. */
export interface SigningKey {
  privateKey: KeyObject
  certificatePem: string
  /** The DER bytes in base64 on one line, as XML wants them. */
  certificateDerBase64: string
}

const LIFETIME_MS = 3653 * DAY // ten years

/** Makes an RSA-2048 key with a self-signed certificate that is valid for ten years from `nowMs`. */
export async function generateSigningKey(options: {
  commonName: string
  nowMs: number
  random: Random
}): Promise<SigningKey> {
  const keys = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 })
  const certificate = selfSignedCertificate(keys, {
    commonName: options.commonName,
    notBeforeMs: options.nowMs,
    notAfterMs: options.nowMs + LIFETIME_MS,
    serialNumber: options.random.bytes(16),
  })
  return withCertificate(keys.privateKey, new X509Certificate(certificate))
}

/** Reads a key and its certificate from PEM. Throws when either is broken or they do not belong together. */
export function parseSigningKey(pem: { privateKeyPem: string; certificatePem: string }): SigningKey {
  return withCertificate(createPrivateKey(pem.privateKeyPem), new X509Certificate(pem.certificatePem))
}

/** The private key as PKCS #8 PEM, to be sealed and stored. */
export const privateKeyPem = (key: SigningKey): string =>
  key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

function withCertificate(privateKey: KeyObject, certificate: X509Certificate): SigningKey {
  if (privateKey.asymmetricKeyType !== 'rsa') throw new Error('A SAML signing key must be an RSA key')
  if (!certificate.checkPrivateKey(privateKey)) throw new Error('The certificate does not belong to the key')
  return {
    privateKey,
    certificatePem: certificate.toString(),
    certificateDerBase64: certificate.raw.toString('base64'),
  }
}
