import { Command } from 'commander'
import { aliasCommand, logoutCommand, rolesCommand, whoamiCommand } from './commands/session-commands.ts'
import { completionCommand } from './commands/completion.ts'
import { configureCommand } from './commands/configure.ts'
import { consoleCommand } from './commands/console.ts'
import { credentialsCommand } from './commands/credentials.ts'
import { doctorCommand } from './commands/doctor.ts'
import { envCommand } from './commands/env.ts'
import { execCommand } from './commands/exec.ts'
import { loginCommand } from './commands/login.ts'
import { serveCommand } from './commands/serve.ts'

const COMMANDS = [
  loginCommand,
  credentialsCommand,
  rolesCommand,
  aliasCommand,
  configureCommand,
  execCommand,
  envCommand,
  consoleCommand,
  serveCommand,
  whoamiCommand,
  logoutCommand,
  doctorCommand,
  completionCommand,
]

/** `doorward aws`: AWS credentials all day from one sign-in. */
export function awsCommand(): Command {
  const aws = new Command('aws')
    .description('AWS credentials all day from one sign-in')
    .enablePositionalOptions()
  for (const make of COMMANDS) aws.addCommand(make())
  return aws
}
