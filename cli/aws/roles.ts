/** The AWS roles of a session: as the server lists them, kept on this machine for names and menus. */
import { CliFault } from './fault.ts'
import { isWatched, localNow } from './machine.ts'
import { recentFirst, roleNamed, shownName, type AwsRole, type KnownRoles } from './role-name.ts'
import type { Session } from './session.ts'
import { readAliases, readRoles, writeRoles } from './session-file.ts'

/** Asks the server which roles there are now. */
export async function listRoles(session: Session): Promise<KnownRoles> {
  const { roles } = (await session.call('GET', '/broker/v1/aws/roles')) as { roles: AwsRole[] }
  const { used } = readRoles(session.name)
  const known = { roles, used }
  writeRoles(session.name, known)
  return known
}

/** Notes that a role was used, so that menus show it first. */
export function noteRoleUsed(sessionName: string, roleArn: string): void {
  const known = readRoles(sessionName)
  writeRoles(sessionName, { ...known, used: { ...known.used, [roleArn]: localNow() } })
}

const ambiguous = (wanted: string, roles: readonly AwsRole[]): CliFault =>
  new CliFault(
    'usage',
    `"${wanted}" is more than one role: ${roles.map((role) => `${role.account_id}/${role.role_name}`).join(', ')}`,
  )

/** The role that a name stands for: by what is known here, else by asking. @throws CliFault */
export async function requireRole(session: Session, wanted: string): Promise<AwsRole> {
  const aliases = readAliases()
  const here = roleNamed(wanted, readRoles(session.name).roles, aliases)
  const named = here.is === 'none' ? roleNamed(wanted, (await listRoles(session)).roles, aliases) : here
  if (named.is === 'one') return named.role
  if (named.is === 'many') throw ambiguous(wanted, named.roles)
  throw new CliFault('denied', `you hold no role "${wanted}"; "doorward aws roles" lists those that you hold`)
}

/** The role that was named, or one that is picked from a menu on a terminal. @throws CliFault */
export async function chooseRole(session: Session, wanted: string | undefined): Promise<AwsRole> {
  if (wanted !== undefined) return requireRole(session, wanted)
  const known = await listRoles(session)
  const [only, ...others] = known.roles
  if (!only) throw new CliFault('denied', 'you hold no AWS role; ask an administrator')
  if (others.length === 0) return only
  if (!isWatched())
    throw new CliFault('usage', 'which role? name it with --role; "doorward aws roles" lists them')
  return pickRole(known)
}

const lineOf = (role: AwsRole): string =>
  [...new Set([shownName(role), role.app.name, `${role.account_id}/${role.role_name}`])].join('  ')

/** A menu that narrows as one types, the last used first. It is drawn on standard error: programs read the other. */
async function pickRole(known: KnownRoles): Promise<AwsRole> {
  const { default: search } = await import('@inquirer/search')
  const { default: fuzzysort } = await import('fuzzysort')
  const all = recentFirst(known)
  const choice = (role: AwsRole) => ({ value: role, name: lineOf(role), short: shownName(role) })
  const source = (typed: string | undefined) =>
    typed === undefined || typed === ''
      ? all.map(choice)
      : fuzzysort.go(typed, all, { keys: [lineOf] }).map(({ obj }) => choice(obj))
  try {
    return await search<AwsRole>({ message: 'AWS role', source }, { output: process.stderr })
  } catch {
    throw new CliFault('usage', 'no role was chosen')
  }
}
