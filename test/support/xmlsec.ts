import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

const ID_ATTRIBUTES = [
  '--id-attr:ID',
  'urn:oasis:names:tc:SAML:2.0:assertion:Assertion',
  '--id-attr:ID',
  'urn:oasis:names:tc:SAML:2.0:protocol:Response',
]
const SIGNATURE = {
  response: "/*[local-name()='Response']/*[local-name()='Signature']",
  assertion: "/*[local-name()='Response']/*[local-name()='Assertion']/*[local-name()='Signature']",
}

/** Which of the two signatures of a Response xmlsec1 accepts. */
export interface Verdict {
  assertion: boolean
  response: boolean
}

/** Asks xmlsec1, which shares no code with us, whether the signatures are good under this certificate. */
export async function verify(xml: string, certificatePem: string): Promise<Verdict> {
  const directory = await mkdtemp(join(tmpdir(), 'xmlsec-'))
  try {
    const files = { xml: join(directory, 'response.xml'), certificate: join(directory, 'certificate.pem') }
    await writeFile(files.xml, xml)
    await writeFile(files.certificate, certificatePem)
    const [assertion, response] = await Promise.all([
      accepts(files, SIGNATURE.assertion),
      accepts(files, SIGNATURE.response),
    ])
    return { assertion, response }
  } finally {
    await rm(directory, { recursive: true })
  }
}

async function accepts(files: { xml: string; certificate: string }, xpath: string): Promise<boolean> {
  const key = ['--pubkey-cert-pem', files.certificate]
  try {
    await run('xmlsec1', ['--verify', ...key, ...ID_ATTRIBUTES, '--node-xpath', xpath, files.xml])
    return true
  } catch (error) {
    // A missing program is no verdict: it must fail the test.
    if ((error as { code?: unknown }).code === 'ENOENT') throw error
    return false
  }
}

/** Has xmlsec1 fill in the enveloped signature of a message whose root has this ID; `template` is a ds:Signature to fill. */
export async function signByXmlsec(
  xml: string,
  key: { privateKeyPem: string; root: string },
): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'xmlsec-'))
  try {
    const files = { xml: join(directory, 'request.xml'), key: join(directory, 'key.pem') }
    await writeFile(files.xml, xml)
    await writeFile(files.key, key.privateKeyPem)
    const ids = ['--id-attr:ID', `urn:oasis:names:tc:SAML:2.0:protocol:${key.root}`]
    const { stdout } = await run('xmlsec1', ['--sign', '--privkey-pem', files.key, ...ids, files.xml])
    return stdout
  } finally {
    await rm(directory, { recursive: true })
  }
}
