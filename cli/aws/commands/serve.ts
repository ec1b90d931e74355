import { Command, Option } from 'commander'
import { containerVariables } from '../aws-environment.ts'
import { serverNow } from '../cache.ts'
import { serveContainer } from '../container.ts'
import { credentialsFor } from '../credentials.ts'
import { print, tell } from '../machine.ts'
import { regionFor } from '../region.ts'
import { chooseRole } from '../roles.ts'
import { openSession } from '../session.ts'
import { ownShell, SHELLS, shellLines, type Shell } from '../shells.ts'
import { durationOption, regionOption, roleOption, sessionOption, type RoleOptions } from './options.ts'

/** The endpoint for a role, and the variables that lead to it. */
export async function endpointFor({ session, role: wanted, duration: seconds, region }: RoleOptions) {
  const role = (await chooseRole(openSession(session), wanted)).role_arn
  const endpoint = await serveContainer(
    () => credentialsFor({ session, role, seconds, region }),
    () => serverNow(session),
  )
  return { endpoint, variables: containerVariables(endpoint, regionFor(role, region)) }
}

const interrupted = (): Promise<void> =>
  new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve())
  })

/** `doorward aws serve`. */
export const serveCommand = (): Command =>
  new Command('serve')
    .description('serve credentials to programs on this machine, renewed as long as the sign-in lasts')
    .addOption(roleOption())
    .addOption(sessionOption())
    .addOption(durationOption())
    .addOption(regionOption())
    .addOption(new Option('--shell <shell>', 'whose lines').choices(SHELLS))
    .action(async (options: RoleOptions & { shell?: Shell }) => {
      const { endpoint, variables } = await endpointFor(options)
      print(shellLines(options.shell ?? ownShell(), variables))
      tell('Serving until Ctrl-C. Put these lines into the shell of the program.')
      await interrupted()
      endpoint.close()
    })
