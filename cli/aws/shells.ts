/** Environment variables in the words of a shell. */
import { basename } from 'node:path'
import { environment } from './machine.ts'

export const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const
export type Shell = (typeof SHELLS)[number]

const inSingleQuotes = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

const LINE: Record<Shell, (name: string, value: string) => string> = {
  bash: (name, value) => `export ${name}=${inSingleQuotes(value)}`,
  zsh: (name, value) => `export ${name}=${inSingleQuotes(value)}`,
  fish: (name, value) => `set -gx ${name} '${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`,
  powershell: (name, value) => `$Env:${name} = '${value.replaceAll("'", "''")}'`,
}
const GONE: Record<Shell, (name: string) => string> = {
  bash: (name) => `unset ${name}`,
  zsh: (name) => `unset ${name}`,
  fish: (name) => `set -e ${name}`,
  powershell: (name) => `Remove-Item Env:${name} -ErrorAction SilentlyContinue`,
}

/** Lines to be evaluated; `undefined` takes a variable away. */
export const shellLines = (shell: Shell, variables: Readonly<Record<string, string | undefined>>): string =>
  Object.entries(variables)
    .map(([name, value]) => (value === undefined ? GONE[shell](name) : LINE[shell](name, value)))
    .join('\n')

/** The shell that this was started from, as far as it says so. */
export function ownShell(platform: NodeJS.Platform = process.platform): Shell {
  const name = basename(environment().SHELL ?? '')
  return SHELLS.find((shell) => shell === name) ?? (platform === 'win32' ? 'powershell' : 'bash')
}
