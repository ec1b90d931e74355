import { Command } from 'commander'
import {
  changeAwsFile,
  configPath,
  credentialsPath,
  hasStaticKeys,
  profileSection,
  strongerSettings,
} from '../aws-files.ts'
import { CliFault } from '../fault.ts'
import { keysIn, withKeys, withSectionRenamed } from '../ini.ts'
import { withLock } from '../lock.ts'
import { isWatched, print } from '../machine.ts'
import { processCommand } from '../process-command.ts'
import { readLine } from '../read-line.ts'
import { regionFor } from '../region.ts'
import { chooseRole, listRoles } from '../roles.ts'
import { roleNamed, shownName, type AwsRole } from '../role-name.ts'
import { openSession, type Session } from '../session.ts'
import { readAliases } from '../session-file.ts'
import { regionOption, roleOption, sessionOption, type RoleOptions } from './options.ts'

interface ConfigureOptions extends RoleOptions {
  profile?: string
  all?: true
  moveStatic?: true
}

const cleaned = (name: string): string => name.replaceAll(/[^\w.@-]+/g, '-').replace(/^-+|-+$/g, '') || 'aws'

const aliasOf = (role: AwsRole): string | undefined =>
  Object.entries(readAliases()).find(([, arn]) => arn === role.role_arn)?.[0]

/** A name that stands for this role alone, and goes on doing so. */
function nameFor(role: AwsRole, all: readonly AwsRole[]): string {
  const names = [aliasOf(role), `${role.account_id}/${role.role_name}`].filter((name) => name !== undefined)
  const fits = (name: string) => {
    const named = roleNamed(name, all, readAliases())
    return named.is === 'one' && named.role.role_arn === role.role_arn
  }
  return names.find(fits) ?? role.role_arn
}

const profileFor = (role: AwsRole): string => cleaned(aliasOf(role) ?? role.name ?? role.role_name)

/** A profile's name for each role; those that would share one are named with their account. */
function profilesFor(roles: readonly AwsRole[]): [profile: string, role: AwsRole][] {
  const wished = roles.map(profileFor)
  return roles.map((role, i) => {
    const isShared = wished.filter((name) => name === wished[i]).length > 1
    return [isShared ? cleaned(`${role.account_id}-${role.role_name}`) : wished[i]!, role]
  })
}

async function mayMove(profile: string): Promise<boolean> {
  if (!isWatched()) return false
  const answer = await readLine(`Move the keys of [${profile}] to [${profile}-static]? [y/N] `)
  return /^y(es)?$/i.test(answer.trim())
}

/** Keys in the credentials file win over us without a word: they are moved, or nothing is written. @throws CliFault */
async function clearWay(profile: string, moveStatic: boolean): Promise<void> {
  const stronger = strongerSettings(profile)
  if (stronger.length > 0)
    throw new CliFault(
      'usage',
      `the profile ${profile} has ${stronger.join(', ')}, which would win; choose another with --profile`,
    )
  if (!hasStaticKeys(profile)) return
  if (!moveStatic && !(await mayMove(profile)))
    throw new CliFault(
      'usage',
      `${credentialsPath()} has keys of [${profile}], which would win; take them out, choose another --profile, or move them with --move-static`,
    )
  changeAwsFile(credentialsPath(), (text) => withSectionRenamed(text, profile, `${profile}-static`))
  print(`Moved the keys of [${profile}] to [${profile}-static].`)
}

async function writeProfile(
  session: Session,
  profile: string,
  role: AwsRole,
  options: ConfigureOptions,
  all: readonly AwsRole[],
) {
  if (!/^[\w.@+-]{1,128}$/.test(profile))
    throw new CliFault('usage', 'a profile name has letters, digits and . _ @ + - only')
  await clearWay(profile, options.moveStatic === true)
  const region = regionFor(role.role_arn, options.region)
  const section = profileSection(profile)
  changeAwsFile(configPath(), (text) => {
    const before = keysIn(text, section)
    return withKeys(text, section, {
      credential_process: processCommand({ session: session.name, role: nameFor(role, all) }),
      ...((options.region !== undefined || before?.region === undefined) && { region }),
    })
  })
  print(`${profile}: ${shownName(role)} in ${role.account_id}`)
}

/** `doorward aws configure`. */
export const configureCommand = (): Command =>
  new Command('configure')
    .description('write a profile for the AWS CLI and the SDKs; the rest of the file stays as it is')
    .addOption(sessionOption())
    .addOption(roleOption())
    .addOption(regionOption())
    .option('--profile <name>', 'what the profile is called')
    .option('--all', 'a profile for every role that you hold')
    .option('--move-static', 'rename keys of the same profile in the credentials file, which would win')
    .action(async (options: ConfigureOptions) => {
      const session = openSession(options.session)
      const chosen = options.all ? undefined : await chooseRole(session, options.role)
      const { roles } = await listRoles(session)
      const wanted: [string, AwsRole][] = chosen
        ? [[options.profile ?? profileFor(chosen), chosen]]
        : profilesFor(roles)
      await withLock('aws files', async () => {
        for (const [profile, role] of wanted) await writeProfile(session, profile, role, options, roles)
      })
      const [first] = wanted
      if (first) print(`Try: aws sts get-caller-identity --profile ${first[0]}`)
    })
