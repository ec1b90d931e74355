import { readFileSync } from 'node:fs'
import { AUTHN_CONTEXT, NAME_ID_FORMAT } from '../../server/saml/names.ts'
import type { SamlResponseInput } from '../../server/saml/response.ts'
import { parseSigningKey } from '../../server/saml/signing-key.ts'

/** A file of `test/golden/`. */
export const golden = (name: string): string =>
  readFileSync(new URL(`../golden/${name}`, import.meta.url), 'utf8')

/** The key that signs in tests; it is public and worth nothing. */
export const testKey = parseSigningKey({
  privateKeyPem: golden('saml-test-key.pem'),
  certificatePem: golden('saml-test-certificate.pem'),
})

/** 2030-01-01 09:00 UTC. */
export const NOW_MS = Date.UTC(2030, 0, 1, 9)

/** An ordinary Response, with what a test cares about put in its place. */
export const aResponse = (changed: Partial<SamlResponseInput> = {}): SamlResponseInput => ({
  responseId: '_r1',
  assertionId: '_a1',
  sessionIndex: '_s1',
  issueInstantMs: NOW_MS,
  issuer: 'https://login.acme.test/saml/metadata/501',
  recipient: 'https://wiki.acme.test/acs?a=1&b=2',
  audience: 'https://wiki.acme.test/',
  nameId: { value: 'sally@acme.test', format: NAME_ID_FORMAT.email },
  authnInstantMs: NOW_MS - 60_000,
  authnContextClassRef: AUTHN_CONTEXT.password,
  attributes: [{ name: 'mail', values: ['sally@acme.test'] }],
  ...changed,
})
