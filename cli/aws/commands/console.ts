import { Command } from 'commander'
import { credentialsFor } from '../credentials.ts'
import { CliFault } from '../fault.ts'
import { jsonOf, send } from '../http.ts'
import { print, tell } from '../machine.ts'
import { openBrowser } from '../open-browser.ts'
import { consoleHosts, regionFor } from '../region.ts'
import { chooseRole } from '../roles.ts'
import { openSession } from '../session.ts'
import type { AwsCredentials } from '../cache.ts'
import { regionOption, roleOption, sessionOption, type RoleOptions } from './options.ts'

/** A token to sign in to the console with. By POST: in an address the secret would stand in the log of every proxy. */
async function signInToken(federation: string, credentials: AwsCredentials): Promise<string> {
  const body = new URLSearchParams({
    Action: 'getSigninToken',
    Session: JSON.stringify({
      sessionId: credentials.accessKeyId,
      sessionKey: credentials.secretAccessKey,
      sessionToken: credentials.sessionToken,
    }),
  }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const reply = await send(federation, () => ({ method: 'POST', headers, body, repeatable: true }))
  if (reply.status !== 200)
    throw new CliFault('aws', `the console does not take the credentials (${reply.status})`)
  return String(jsonOf(federation, reply).SigninToken)
}

interface ConsoleOptions extends RoleOptions {
  url?: true
  destination?: string
}

/** `s3` is a page of the console; an address is itself, as long as it is the console's. */
function destinationOf(base: string, wanted: string | undefined): string {
  if (wanted === undefined) return base
  if (/^[a-z0-9-]{1,40}$/.test(wanted)) return `${base}${wanted}/home`
  const host = new URL(base).hostname.replace(/^[^.]+\./, '')
  if (
    URL.canParse(wanted) &&
    new URL(wanted).protocol === 'https:' &&
    `.${new URL(wanted).hostname}`.endsWith(`.${host}`)
  )
    return wanted
  throw new CliFault('usage', `--destination is a service such as s3, or an address of ${host}`)
}

async function consoleUrl({
  session: name,
  role: wanted,
  region: asked,
  destination,
}: ConsoleOptions): Promise<string> {
  const session = openSession(name)
  const role = (await chooseRole(session, wanted)).role_arn
  const region = regionFor(role, asked)
  const hosts = consoleHosts(role, region)
  const target = destinationOf(hosts.console, destination)
  const credentials = await credentialsFor({ session: name, role, region: asked })
  const url = new URL(hosts.federation)
  url.search = new URLSearchParams({
    Action: 'login',
    Issuer: session.file.server,
    Destination: target,
    SigninToken: await signInToken(hosts.federation, credentials),
  }).toString()
  return url.href
}

/** `doorward aws console`. */
export const consoleCommand = (): Command =>
  new Command('console')
    .description('open the AWS console in the browser as a role')
    .addOption(roleOption())
    .addOption(sessionOption())
    .addOption(regionOption())
    .option('--destination <place>', 'a service such as s3, or an address of the console')
    .option(
      '--url',
      'print the address, which signs in whoever opens it within 15 minutes, instead of opening it',
    )
    .action(async (options: ConsoleOptions) => {
      const url = await consoleUrl(options)
      if (options.url) return print(url)
      if (!(await openBrowser(url)))
        throw new CliFault('usage', 'no browser starts here; --url prints the address instead')
      return tell('The console opens in the browser.')
    })
