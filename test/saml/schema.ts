import { spawnSync } from 'node:child_process'

/** Debian's opensaml-schemas: the OASIS files. Our catalog ties them to the W3C's in xmltooling-schemas. */
const OPENSAML = '/usr/share/xml/opensaml'
const CATALOG = new URL('../golden/schema-catalog.xml', import.meta.url).pathname

/** What xmllint has against this document under the SAML 2.0 schema; nothing when it is valid. */
export function schemaErrors(xml: string, schema: 'protocol' | 'metadata'): string {
  const file = `${OPENSAML}/saml-schema-${schema}-2.0.xsd`
  const judge = spawnSync('xmllint', ['--nonet', '--noout', '--schema', file, '-'], {
    input: xml,
    encoding: 'utf8',
    env: { ...process.env, XML_CATALOG_FILES: CATALOG },
  })
  if (judge.error) throw judge.error // no xmllint is no verdict
  return judge.status === 0 ? '' : judge.stderr
}
