import { X509Certificate } from 'node:crypto'

const MIN_RSA_BITS = 2048

/** Whether text is a certificate that we would take signatures from: PEM, RSA, 2048 bits or more. */
export function isSignerCertificate(pem: string): boolean {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = new X509Certificate(pem).publicKey
    return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS
  } catch {
    return false
  }
}
