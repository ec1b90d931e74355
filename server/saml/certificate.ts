import { sign, type KeyObject } from 'node:crypto'
import { isoTime } from '../platform/clock.ts'

/** What a self-signed certificate says. */
export interface CertificateInput {
  commonName: string
  notBeforeMs: number
  notAfterMs: number
  /** At most 20 bytes (RFC 5280 section 4.1.2.2). */
  serialNumber: Buffer
}

const SEQUENCE = 0x30
const SET = 0x31
const INTEGER = 0x02
const BIT_STRING = 0x03
const UTF8_STRING = 0x0c
const UTC_TIME = 0x17
const GENERALIZED_TIME = 0x18
const VERSION = 0xa0
const EXTENSIONS = 0xa3

const SHA256_WITH_RSA = Buffer.from('300d06092a864886f70d01010b0500', 'hex')
const COMMON_NAME = Buffer.from('0603550403', 'hex')
const X509_V3 = Buffer.from('020102', 'hex')
/** BasicConstraints: critical, not an authority. */
const NO_AUTHORITY = Buffer.from('300c0603551d130101ff04023000', 'hex')
/** KeyUsage: critical, digitalSignature alone. */
const SIGNS_ONLY = Buffer.from('300e0603551d0f0101ff040403020780', 'hex')

/**
 * An X.509 v3 certificate in DER that its own RSA key has signed with SHA-256.
 *
 * Written by hand because it is one fixed shape; the libraries for it want a metadata polyfill on the global object.
 * IAM refuses a certificate that repeats an extension: each stands here once.
 */
export function selfSignedCertificate(
  keys: { publicKey: KeyObject; privateKey: KeyObject },
  input: CertificateInput,
): Buffer {
  const name = der(SEQUENCE, der(SET, der(SEQUENCE, COMMON_NAME, commonName(input.commonName))))
  const toBeSigned = der(
    SEQUENCE,
    der(VERSION, X509_V3),
    der(INTEGER, positive(input.serialNumber)),
    SHA256_WITH_RSA,
    name,
    der(SEQUENCE, time(input.notBeforeMs), time(input.notAfterMs)),
    name,
    keys.publicKey.export({ type: 'spki', format: 'der' }),
    der(EXTENSIONS, der(SEQUENCE, NO_AUTHORITY, SIGNS_ONLY)),
  )
  const signature = sign('sha256', toBeSigned, keys.privateKey)
  return der(SEQUENCE, toBeSigned, SHA256_WITH_RSA, der(BIT_STRING, Buffer.of(0), signature))
}

/** One tag, length and value (X.690 sections 8.1.3 and 10.1). */
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const value = Buffer.concat(content)
  return Buffer.concat([Buffer.of(tag), length(value.length), value])
}

function length(size: number): Buffer {
  if (size < 0x80) return Buffer.of(size)
  return size < 0x100 ? Buffer.of(0x81, size) : Buffer.of(0x82, size >> 8, size & 0xff)
}

/** RFC 5280 appendix A: a common name has at most 64 characters. */
const commonName = (name: string) => der(UTF8_STRING, Buffer.from(Array.from(name).slice(0, 64).join('')))

/** A serial number must be positive and in its shortest form: the first byte is made 0x40 to 0x7f. */
const positive = (serial: Buffer) =>
  Buffer.concat([Buffer.of((serial[0]! & 0x3f) | 0x40), serial.subarray(1)])

/** RFC 5280 section 4.1.2.5: two digits for the year through 2049, four from 2050. */
function time(ms: number): Buffer {
  const digits = `${isoTime(ms).replace(/\.\d+Z$|\D/g, '')}Z` // 20300101000000Z
  return digits < '2050'
    ? der(UTC_TIME, Buffer.from(digits.slice(2)))
    : der(GENERALIZED_TIME, Buffer.from(digits))
}
