import { Command } from 'commander'
import { processOutput } from '../cache.ts'
import { credentialsFor, type CredentialsWish } from '../credentials.ts'
import { CliFault } from '../fault.ts'
import { withLock } from '../lock.ts'
import { logIn } from '../login.ts'
import { print } from '../machine.ts'
import { readSession } from '../session-file.ts'
import { durationOption, regionOption, sessionOption, type RoleOptions } from './options.ts'

/** Some SDKs wait a minute for the process. */
const AUTO_LOGIN_MS = 45_000

/** Signs in where that is missing, once for however many wait, and tries again. */
async function withLogin(wish: CredentialsWish) {
  const { session } = wish
  const before = readSession(session)?.endsAt
  try {
    return await credentialsFor(wish)
  } catch (error) {
    if (!(error instanceof CliFault) || error.failure !== 'login') throw error
    await withLock(`login ${session}`, async (waited) => {
      if (readSession(session)?.endsAt !== before) return
      // One window is enough: nobody has answered the one of who was first.
      if (waited) throw error
      const { role } = error
      await logIn({ session, role, browser: true, device: false, patienceMs: AUTO_LOGIN_MS })
    })
    return credentialsFor(wish)
  }
}

/** `doorward aws credentials`: what the AWS CLI and the SDKs run as a `credential_process`. */
export const credentialsCommand = (): Command =>
  new Command('credentials')
    .description(
      'AWS credentials as JSON, for credential_process; one line on standard error when there are none',
    )
    .requiredOption('--role <role>', 'alias, name, account/role or ARN')
    .addOption(sessionOption())
    .addOption(durationOption())
    .addOption(regionOption())
    .option('--auto-login', 'open the browser when nobody is signed in')
    .action(async (options: RoleOptions & { role: string; autoLogin?: true }) => {
      const { session, role, duration: seconds, region, autoLogin } = options
      const wish = { session, role, seconds, region }
      print(processOutput(await (autoLogin ? withLogin(wish) : credentialsFor(wish))))
    })
