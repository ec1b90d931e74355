import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Command } from 'commander'
import { keyVariables } from '../aws-environment.ts'
import { credentialsFor } from '../credentials.ts'
import { CliFault } from '../fault.ts'
import { environment } from '../machine.ts'
import { regionFor } from '../region.ts'
import { chooseRole } from '../roles.ts'
import { openSession } from '../session.ts'
import { durationOption, regionOption, roleOption, sessionOption, type RoleOptions } from './options.ts'
import { endpointFor } from './serve.ts'

const PASSED_ON = ['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'] as const

/** As shells do: a command that cannot be started is 127, one that a signal ended 128 and its number. */
function runChild([program = '', ...args]: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'inherit', env })
    // The terminal sends Ctrl-C to both of us: what to do about it is the child's matter.
    const pass = (signal: NodeJS.Signals) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    }
    for (const signal of PASSED_ON) process.on(signal, pass)
    const end = () => {
      for (const signal of PASSED_ON) process.off(signal, pass)
    }
    child.once('error', (error: NodeJS.ErrnoException) => {
      end()
      if (error.code === 'ENOENT') resolve(127)
      else reject(new CliFault('usage', `${program}: ${error.message}`))
    })
    child.once('exit', (code, signal) => {
      end()
      resolve(signal === null ? (code ?? 1) : 128 + constants.signals[signal])
    })
  })
}

/** The environment of the child: ours with these changes; whatever is `undefined` is taken away. */
const childEnvironment = (variables: Record<string, string | undefined>): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries({ ...environment(), ...variables }).filter(([, value]) => value !== undefined),
  )

async function withKeys(options: RoleOptions, command: readonly string[]): Promise<number> {
  const { session, role: wanted, duration: seconds, region } = options
  const role = (await chooseRole(openSession(session), wanted)).role_arn
  const credentials = await credentialsFor({ session, role, seconds, region })
  return runChild(command, childEnvironment(keyVariables(credentials, regionFor(role, region))))
}

async function withEndpoint(options: RoleOptions, command: readonly string[]): Promise<number> {
  const { endpoint, variables } = await endpointFor(options)
  try {
    return await runChild(command, childEnvironment(variables))
  } finally {
    endpoint.close()
  }
}

/** `doorward aws exec`. */
export const execCommand = (): Command =>
  new Command('exec')
    .description('run a command as a role: doorward aws exec --role dev -- terraform plan')
    .passThroughOptions()
    .argument('<command...>', 'after --')
    .addOption(roleOption())
    .addOption(sessionOption())
    .addOption(durationOption())
    .addOption(regionOption())
    .option('--server', 'for long commands: credentials that are renewed while it runs')
    .action(async (command: string[], options: RoleOptions & { server?: true }) => {
      process.exitCode = await (options.server ? withEndpoint : withKeys)(options, command)
    })
