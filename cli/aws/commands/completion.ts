import { Argument, Command } from 'commander'
import { completionScript } from '../completion.ts'
import { CliFault } from '../fault.ts'
import { print } from '../machine.ts'
import { recentFirst, shownName } from '../role-name.ts'
import { readAliases, readRoles } from '../session-file.ts'
import { SHELLS, type Shell } from '../shells.ts'
import { sessionOption, type SessionOptions } from './options.ts'

/** `doorward aws completion`. */
export const completionCommand = (): Command =>
  new Command('completion')
    .description('a script by which your shell completes commands, options and role names')
    .addArgument(new Argument('[shell]', 'whose script').choices(SHELLS))
    .addOption(sessionOption())
    .option('--roles', 'names of roles that are known here, one a line')
    .action(
      (shell: Shell | undefined, { session, roles }: SessionOptions & { roles?: true }, command: Command) => {
        if (roles) {
          const names = [...Object.keys(readAliases()), ...recentFirst(readRoles(session)).map(shownName)]
          return print(names.join('\n'))
        }
        if (shell === undefined) throw new CliFault('usage', `for which shell? one of: ${SHELLS.join(', ')}`)
        return print(completionScript(shell, command.parent ?? command))
      },
    )
