/**
 * The short way of `doorward aws credentials`: prints what is cached and still good, and loads nothing else. The AWS CLI
 * runs it for every command, so it costs hardly more than starting Node.
 */
import { freshCredentials, processOutput, serverNow } from './cache.ts'
import { print } from './machine.ts'
import { roleNamed } from './role-name.ts'
import { readAliases, readRoles, readSession } from './session-file.ts'
import { openVault } from './vault.ts'

const VALUE = /^[^-].*$/

/** `--role R [--session S] [--duration N] [--region X]`, each once and with its value; anything else goes the long way. */
function plainOptions(args: readonly string[]): Record<string, string> | undefined {
  const options: Record<string, string> = {}
  for (let i = 0; i < args.length; i += 2) {
    const name = /^--(role|session|duration|region)$/.exec(args[i]!)?.[1]
    const value = args[i + 1]
    if (name === undefined || name in options || value === undefined || !VALUE.test(value)) return undefined
    options[name] = value
  }
  return options
}

/** Prints cached credentials and tells whether it did. */
export function printCached(args: readonly string[]): boolean {
  const options = plainOptions(args)
  if (options?.role === undefined) return false
  const { role, session = 'default', duration } = options
  if (!/^[\w-]{1,64}$/.test(session) || (duration !== undefined && !/^\d{1,6}$/.test(duration))) return false
  const file = readSession(session)
  const named = file && roleNamed(role, readRoles(session).roles, readAliases())
  const vault = named?.is === 'one' ? openVault() : undefined
  if (!file || named?.is !== 'one' || !vault) return false
  const key = {
    server: file.server,
    userId: file.user.id,
    roleArn: named.role.role_arn,
    seconds: duration === undefined ? undefined : Number(duration),
  }
  const credentials = freshCredentials(vault, key, serverNow(session))
  if (!credentials) return false
  print(processOutput(credentials))
  return true
}
