/** `~/.aws/config` and `~/.aws/credentials`: where they are, and how they are changed without harm. */
import { mkdirSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { CliFault } from './fault.ts'
import { writeWhole } from './home.ts'
import { keysIn } from './ini.ts'
import { environment, homeFolder } from './machine.ts'

export const configPath = (): string => environment().AWS_CONFIG_FILE ?? join(homeFolder(), '.aws', 'config')
export const credentialsPath = (): string =>
  environment().AWS_SHARED_CREDENTIALS_FILE ?? join(homeFolder(), '.aws', 'credentials')

/** The section of a profile in the config file; in the credentials file it is the bare name. */
export const profileSection = (profile: string): string =>
  profile === 'default' ? 'default' : `profile ${profile}`

const MOST_LINKS = 10

/** Where a chain of links ends, whether or not there is anything. */
function target(path: string, links = 0): string {
  let linked: string
  try {
    linked = readlinkSync(path)
  } catch {
    return path
  }
  if (links >= MOST_LINKS) throw new CliFault('usage', `${path} leads in a circle`)
  return target(resolve(dirname(path), linked), links + 1)
}

/** What is in the file; nothing when there is none. @throws CliFault */
export function readAwsFile(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new CliFault('usage', `${path} cannot be read: ${(cause as Error).message}`)
  }
}

/** Changes a file whole or not at all, behind its links, with the mode that it has. @throws CliFault */
export function changeAwsFile(path: string, change: (text: string) => string): void {
  const text = readAwsFile(path)
  const changed = change(text)
  if (changed === text) return
  const real = target(path)
  const stats = statSync(real, { throwIfNoEntry: false })
  if (stats && (stats.mode & 0o200) === 0)
    throw new CliFault('usage', `${path} is read-only: run "chmod u+w ${path}" first`)
  try {
    mkdirSync(dirname(real), { recursive: true, mode: 0o700 })
    writeWhole(real, changed, stats ? stats.mode & 0o777 : 0o600)
  } catch (cause) {
    throw new CliFault('usage', `${path} was left as it is: ${(cause as Error).message}`)
  }
}

/** Whether the AWS CLI would take keys from the credentials file for this profile, and never ask us. */
export const hasStaticKeys = (profile: string): boolean =>
  keysIn(readAwsFile(credentialsPath()), profile)?.aws_access_key_id !== undefined

/** Settings of a profile that win over a credential process. */
const STRONGER = ['role_arn', 'web_identity_token_file', 'sso_session', 'sso_start_url', 'login_session']

/** Those that this profile has. */
export const strongerSettings = (profile: string): string[] => {
  const keys = keysIn(readAwsFile(configPath()), profileSection(profile)) ?? {}
  return STRONGER.filter((name) => keys[name] !== undefined)
}
