import { Command } from 'commander'
import { examine } from '../doctor.ts'
import { print } from '../machine.ts'
import { table } from '../../table.ts'
import { sessionOption, type SessionOptions } from './options.ts'

/** `doorward aws doctor`: 1 when something is broken. */
export const doctorCommand = (): Command =>
  new Command('doctor')
    .description('look for what commonly goes wrong, and say what to do')
    .addOption(sessionOption())
    .option('--json', 'as JSON')
    .action(async ({ session, json }: SessionOptions & { json?: true }) => {
      const findings = await examine(session)
      print(
        json
          ? JSON.stringify(findings, null, 2)
          : table(findings.map(({ verdict, check, text }) => [verdict, check, text])),
      )
      if (findings.some(({ verdict }) => verdict === 'fail')) process.exitCode = 1
    })
