import { Command, Option } from 'commander'
import { keyVariables } from '../aws-environment.ts'
import { credentialsFor } from '../credentials.ts'
import { print } from '../machine.ts'
import { regionFor } from '../region.ts'
import { chooseRole } from '../roles.ts'
import { openSession } from '../session.ts'
import { ownShell, SHELLS, shellLines, type Shell } from '../shells.ts'
import { durationOption, regionOption, roleOption, sessionOption, type RoleOptions } from './options.ts'

/** `doorward aws env`. */
export const envCommand = (): Command =>
  new Command('env')
    .description('credentials as lines for your shell: eval "$(doorward aws env --role dev)"')
    .addOption(roleOption())
    .addOption(sessionOption())
    .addOption(durationOption())
    .addOption(regionOption())
    .addOption(new Option('--shell <shell>', 'whose lines').choices(SHELLS))
    .action(
      async ({
        session,
        role: wanted,
        duration: seconds,
        region,
        shell,
      }: RoleOptions & { shell?: Shell }) => {
        const role = (await chooseRole(openSession(session), wanted)).role_arn
        const credentials = await credentialsFor({ session, role, seconds, region })
        print(shellLines(shell ?? ownShell(), keyVariables(credentials, regionFor(role, region))))
      },
    )
