import { Command, CommanderError } from 'commander'
import { ConfigError } from '../server/config.ts'
import { DocumentError, faultText } from '../server/directory/document-faults.ts'
import { brandCommand } from './commands/brand.ts'
import { brokerCommand } from './commands/broker.ts'
import { credentialsCommand } from './commands/credentials.ts'
import { embedTokenCommand } from './commands/embed-token.ts'
import { exportCommand } from './commands/export.ts'
import { importCommand } from './commands/import.ts'
import { legacyKeysCommand } from './commands/legacy-keys.ts'
import { serveCommand } from './commands/serve.ts'
import { usersCommand } from './commands/users.ts'

const COMMANDS = [
  serveCommand,
  importCommand,
  exportCommand,
  usersCommand,
  brandCommand,
  credentialsCommand,
  embedTokenCommand,
  legacyKeysCommand,
  brokerCommand,
  awsCommand,
]
/** For the help alone: `doorward.js` runs it as a program of its own, which loads nothing of the server. */
function awsCommand(): Command {
  return new Command('aws').description(
    'AWS credentials all day from one sign-in; doorward aws --help tells more',
  )
}
const FAILED = 1
const USAGE = 2

function program(): Command {
  const doorward = new Command('doorward')
    .description('A self-hosted login and MFA portal')
    .exitOverride()
    .showHelpAfterError('(add --help for more)')
  for (const make of COMMANDS) doorward.addCommand(inheriting(make(), doorward))
  return doorward
}

/** A command, and those below it, that fail and explain themselves as `parent` does. */
function inheriting(command: Command, parent: Command): Command {
  command.copyInheritedSettings(parent)
  for (const below of command.commands) inheriting(below, command)
  return command
}

/** What stopped a command, for the person who gave it: what to correct, never a stack. */
function complaint(error: unknown): string {
  if (error instanceof ConfigError) return `Settings to correct:\n${indented(error.message.split('\n'))}`
  if (error instanceof DocumentError) {
    const { count, faults } = error
    const first = count > faults.length ? `, of which these are the first ${faults.length}` : ''
    const head = `The document was not imported; ${count} ${count === 1 ? 'thing is' : 'things are'} wrong with it${first}:`
    return `${head}\n${indented(error.faults.map(faultText))}`
  }
  return `doorward: ${error instanceof Error ? error.message : String(error)}`
}

const indented = (lines: readonly string[]): string => lines.map((line) => `  ${line}`).join('\n')

/** Runs one command. 0: done, 1: refused or failed, 2: not understood. */
async function run(args: readonly string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: 'user' })
    return Number(process.exitCode ?? 0)
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE
    if ((error as NodeJS.ErrnoException).code === 'EPIPE') return FAILED // nobody reads any more
    console.error(complaint(error))
    return FAILED
  }
}

process.exitCode = await run(process.argv.slice(2))
