import { Command } from 'commander'
import { CliFault } from '../fault.ts'
import { localTime, print, tell } from '../machine.ts'
import { forgetSession, readAliases, readSession, writeAliases, type KeyPlace } from '../session-file.ts'
import { openSession } from '../session.ts'
import { listRoles, requireRole } from '../roles.ts'
import { recentFirst, shownName, type AwsRole } from '../role-name.ts'
import { table } from '../../table.ts'
import { sessionOption, type SessionOptions } from './options.ts'

const jsonFlag = ['--json', 'as JSON'] as const

const KEY_WORDS: Record<KeyPlace, string> = {
  agent: 'in the ssh-agent',
  keychain: "in this system's keychain",
  file: 'in a file',
}

/** `doorward aws whoami`. */
export const whoamiCommand = (): Command =>
  new Command('whoami')
    .description('who is signed in, and until when')
    .addOption(sessionOption())
    .option(...jsonFlag)
    .action(async ({ session: name, json }: SessionOptions & { json?: true }) => {
      const session = openSession(name)
      const now = await session.call('GET', '/broker/v1/session')
      if (json) return print(JSON.stringify({ server: session.file.server, ...now }, null, 2))
      const { user, company, ends_at, idle_ends_at, amr, key_storage } = now as {
        user: { name: string; email: string }
        company: string
        ends_at: string
        idle_ends_at: string
        amr: string[]
        key_storage: KeyPlace
      }
      const rows = [
        ['Person', `${user.name} <${user.email}>`],
        ['Company', company],
        ['Server', session.file.server],
        ['Until', `${localTime(Date.parse(ends_at))}, or ${localTime(Date.parse(idle_ends_at))} without use`],
        ['Proved by', amr.join(', ')],
        ['Key', KEY_WORDS[key_storage]],
      ]
      return print(table(rows))
    })

/** `doorward aws logout`. */
export const logoutCommand = (): Command =>
  new Command('logout')
    .description('sign out: end the session on the server, forget everything here')
    .addOption(sessionOption())
    .option('--all', 'end the sessions of all your command lines, on other machines too')
    .action(async ({ session: name, all }: SessionOptions & { all?: true }) => {
      if (!readSession(name)) return tell('Nobody was signed in.')
      const done = await endOnServer(name, all === true)
      forgetSession(name)
      print(done)
    })

/** What cannot be told to the server is forgotten here all the same. */
async function endOnServer(name: string, all: boolean): Promise<string> {
  try {
    const session = openSession(name)
    if (all) {
      const { ended } = await session.call('DELETE', '/broker/v1/sessions')
      return `Signed out, on ${Number(ended)} command line${ended === 1 ? '' : 's'}.`
    }
    await session.call('DELETE', '/broker/v1/session')
    return 'Signed out. Credentials that AWS has given already run out by themselves.'
  } catch (error) {
    if (!(error instanceof CliFault)) throw error
    if (error.failure === 'login') return 'Signed out here; the session was over already.'
    return `Signed out here only: ${error.message}`
  }
}

const needOf = ({ needs_login: needs }: AwsRole): string =>
  needs === null ? '' : `needs a fresh sign-in${needs.acr_values ? ` with ${needs.acr_values}` : ''}`

/** `doorward aws roles`. */
export const rolesCommand = (): Command =>
  new Command('roles')
    .description('the AWS roles that you hold, the last used first')
    .addOption(sessionOption())
    .option(...jsonFlag)
    .action(async ({ session: name, json }: SessionOptions & { json?: true }) => {
      const known = await listRoles(openSession(name))
      const aliases = Object.entries(readAliases())
      const aliasOf = (role: AwsRole) =>
        aliases.flatMap(([alias, arn]) => (arn === role.role_arn ? [alias] : []))
      const roles = recentFirst(known)
      if (json)
        return print(
          JSON.stringify(
            roles.map((role) => ({ ...role, aliases: aliasOf(role) })),
            null,
            2,
          ),
        )
      if (roles.length === 0) return tell('You hold no AWS role. Ask an administrator.')
      const rows = roles.map((role) => [
        shownName(role),
        aliasOf(role).join(', '),
        role.account_id,
        role.role_name,
        role.app.name,
        needOf(role),
      ])
      return print(table([['NAME', 'ALIAS', 'ACCOUNT', 'ROLE', 'APP', ''], ...rows]))
    })

/** `doorward aws alias`. */
export const aliasCommand = (): Command =>
  new Command('alias')
    .description('give a role a short name of your own, or list these')
    .argument('[name]', 'letters, digits, - and _')
    .argument('[role]', 'name, account/role or ARN')
    .option('--remove', 'take the name away')
    .addOption(sessionOption())
    .action(
      async (
        name: string | undefined,
        role: string | undefined,
        options: SessionOptions & { remove?: true },
      ) => {
        const aliases = readAliases()
        if (name === undefined) return print(table(Object.entries(aliases)))
        if (!/^[A-Za-z0-9][\w-]{0,63}$/.test(name))
          throw new CliFault('usage', 'an alias has letters, digits, - and _ only, at most 64')
        if (options.remove) {
          if (!Object.hasOwn(aliases, name)) throw new CliFault('usage', `there is no alias "${name}"`)
          return writeAliases(Object.fromEntries(Object.entries(aliases).filter(([one]) => one !== name)))
        }
        if (role === undefined) throw new CliFault('usage', 'which role? "doorward aws alias NAME ROLE"')
        const { role_arn: arn } = await requireRole(openSession(options.session), role)
        writeAliases({ ...aliases, [name]: arn })
        return print(`${name} is ${arn}`)
      },
    )
