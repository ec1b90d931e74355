import { fileURLToPath } from 'node:url'
import { CliFault } from './fault.ts'

/**
 * One word of a `credential_process`. botocore splits that line as a shell would, without one; other SDKs give it to `sh`
 * or `cmd`: a word is written so that all of them read the same.
 */
export function word(text: string, platform: NodeJS.Platform): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  if (platform === 'win32' || !/["$`\\!]/.test(text)) return `"${text}"`
  if (!text.includes("'")) return `'${text}'`
  throw new CliFault('usage', `${text} has characters that cannot be written into a profile`)
}

/** What a profile runs: absolute, since nothing says in which folder or with which PATH. */
export function processCommand(
  { session, role }: { session: string; role: string },
  { node = process.execPath, script = ownScript(), platform = process.platform } = {},
): string {
  const words = [node, script].map((path) => (platform === 'win32' ? `"${path}"` : word(path, platform)))
  const named = session === 'default' ? [] : ['--session', session]
  return [...words, 'aws', 'credentials', ...named, '--role', word(role, platform)].join(' ')
}

/** `cli/doorward.js`, seen from the built program and from the source alike. */
const ownScript = (): string =>
  fileURLToPath(
    new URL(import.meta.url.endsWith('.ts') ? '../doorward.js' : '../cli/doorward.js', import.meta.url),
  )
