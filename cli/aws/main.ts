/** `doorward aws …` as a program of its own: it loads nothing of the server. */
import { Command, CommanderError } from 'commander'
import { awsCommand } from './command.ts'
import { CliFault, EXIT } from './fault.ts'
import { closeNetwork, openNetwork } from './http.ts'
import { tell } from './machine.ts'

function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const below of command.commands) inheriting(below, command)
  return command
}

function program(): Command {
  const doorward = new Command('doorward')
    .exitOverride()
    .showHelpAfterError('(add --help for more)')
    .enablePositionalOptions()
  doorward.addCommand(inheriting(awsCommand(), doorward))
  return doorward
}

/** Runs one command and tells its exit code. Nobody is shown a stack. */
export async function run(args: readonly string[]): Promise<number> {
  try {
    openNetwork()
    await program().parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? EXIT.ok)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage
    if (error instanceof CliFault) {
      tell(`doorward: ${error.message}`)
      for (const line of error.more) tell(line)
      return EXIT[error.failure]
    }
    tell(`doorward: ${error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error)}`)
    return 1
  } finally {
    await closeNetwork()
  }
}
