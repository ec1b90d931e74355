import { execFileSync } from 'node:child_process'
import { createPublicKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { DAY } from '../../server/platform/clock.ts'
import { systemRandom, type Random } from '../../server/platform/random.ts'
import { generateSigningKey, parseSigningKey, privateKeyPem } from '../../server/saml/signing-key.ts'
import { testKey } from './examples.ts'

const NOW_MS = Date.UTC(2020, 0, 1)
const counting: Random = { bytes: (size) => Buffer.alloc(size, 0xff) }
const commonName = 'Doorward – "Acme", O=x'
const key = await generateSigningKey({ commonName, nowMs: NOW_MS, random: counting })

/** Hands the certificate to OpenSSL, which shares no code with the writer of it. */
function openssl(pem: string, ...args: string[]): string {
  const directory = mkdtempSync(join(tmpdir(), 'certificate-'))
  const file = join(directory, 'certificate.pem')
  writeFileSync(file, pem)
  try {
    return execFileSync('openssl', args.map((a) => (a === 'FILE' ? file : a)), { encoding: 'utf8' }) // prettier-ignore
  } finally {
    rmSync(directory, { recursive: true })
  }
}

describe('a generated signing key', () => {
  test('has a certificate that OpenSSL reads as X.509 v3 of RSA-2048 with SHA-256', () => {
    const shown = openssl(key.certificatePem, 'x509', '-in', 'FILE', '-noout', '-text')
    for (const line of ['Version: 3', 'Public-Key: (2048 bit)', 'sha256WithRSAEncryption', 'CA:FALSE']) {
      expect(shown).toContain(line)
    }
    expect(shown.match(/X509v3 (?!extensions)\w/g)).toHaveLength(2)
  })

  test('has a certificate whose signature OpenSSL accepts', async () => {
    const fresh = await generateSigningKey({ commonName, nowMs: Date.now() - DAY, random: systemRandom })
    const strict = ['-x509_strict', '-check_ss_sig', '-partial_chain', '-trusted', 'FILE', 'FILE']
    expect(openssl(fresh.certificatePem, 'verify', ...strict)).toContain('OK')
  })

  test('is valid for ten years from the given time', () => {
    const certificate = new X509Certificate(key.certificatePem)
    expect(certificate.validFrom).toBe('Jan  1 00:00:00 2020 GMT')
    expect(certificate.validTo).toBe('Jan  1 00:00:00 2030 GMT')
  })

  test('writes a time from 2050 on with four digits for the year', async () => {
    const late = await generateSigningKey({ commonName, nowMs: Date.UTC(2045, 6, 1), random: systemRandom })
    expect(new X509Certificate(late.certificatePem).validTo).toBe('Jul  2 00:00:00 2055 GMT')
  })

  test('takes its serial number from the given source and keeps it positive', () => {
    expect(new X509Certificate(key.certificatePem).serialNumber).toBe(`7F${'FF'.repeat(15)}`)
  })

  test('carries the given name unchanged, whatever signs stand in it', () => {
    const certificate = new X509Certificate(key.certificatePem)
    expect(certificate.toLegacyObject().subject.CN).toBe(commonName)
  })

  test('comes back from PEM as the same key', () => {
    const again = parseSigningKey({ privateKeyPem: privateKeyPem(key), certificatePem: key.certificatePem })
    expect(again.certificateDerBase64).toBe(key.certificateDerBase64)
    expect(createPublicKey(again.privateKey).equals(createPublicKey(key.privateKey))).toBe(true)
  })

  test('is refused with the certificate of another key', () => {
    const swapped = { privateKeyPem: privateKeyPem(key), certificatePem: testKey.certificatePem }
    expect(() => parseSigningKey(swapped)).toThrow('does not belong')
  })
})
