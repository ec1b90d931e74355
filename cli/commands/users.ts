import { Command, InvalidArgumentError, Option } from 'commander'
import { openApi } from '../users/api.ts'
import { deletePeople, StoppedAt } from '../users/delete-people.ts'
import { clientSecret } from '../users/machine.ts'
import { count, lineOf, newSummary, openScreen, plain, summaryText, type Summary } from '../users/report.ts'
import { countRows, readRows } from '../users/rows.ts'

interface Options {
  file: string
  url: string
  clientId: string
  dryRun: boolean
  json?: true
}

const STOPPED = 1
/** Done, and some rows need a person: ambiguous, faulty or refused. */
const ROWS_LEFT = 3

const HELP = `
The file has a first line with any of the columns id, username, email, in lower case. All that a row
gives must be of one person. The client secret is read from DOORWARD_CLIENT_SECRET, or asked for.

Exit codes:
  0  every row was dealt with, or names nobody (any more)
  1  stopped before the end; run it again to go on
  2  the command was not understood
  3  some rows were skipped as ambiguous, faulty or refused by the server`

/** `doorward users …`: people in bulk, by the API of any address, so that it works against OneLogin as well. */
export const usersCommand = (): Command =>
  new Command('users').description('work on many people by the API').addCommand(deleteCommand())

const deleteCommand = (): Command =>
  new Command('delete')
    .description('delete the people that a CSV file names')
    .requiredOption('--file <csv>', 'whom to delete')
    .requiredOption('--url <address>', 'where the API is, such as https://login.acme.com', address)
    .requiredOption('--client-id <id>', 'API credential that may manage users')
    .addOption(new Option('--dry-run', 'say what would be done, and do nothing').default(true))
    .addOption(new Option('--no-dry-run', 'delete'))
    .option('--json', 'print one JSON object in place of the lines')
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      process.exitCode = await run(options)
    })

function address(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.search || url.hash) {
    throw new InvalidArgumentError('It must look like https://login.acme.com')
  }
  return url.href.replace(/\/+$/, '')
}

/** A secret that travels in the open, further than this machine. */
const isOpen = (url: string): boolean =>
  url.startsWith('http:') && !/^(localhost|127\.[\d.]+|\[::1\])$/.test(new URL(url).hostname)

async function run({ file, url, clientId, dryRun, json }: Options): Promise<number> {
  const total = await countRows(file)
  const secret = await clientSecret()
  const summary = newSummary(dryRun)
  const screen = await openScreen(total)
  if (isOpen(url)) screen.note(`${url} is not encrypted: the client secret can be read on its way.`)
  const api = openApi({ url, clientId, clientSecret: secret, onWait: (text) => screen.note(text) })
  try {
    for await (const result of deletePeople(api, readRows(file), { dryRun })) {
      count(summary, result, dryRun)
      if (!json) screen.line(lineOf(result, dryRun))
      screen.step()
    }
  } catch (error) {
    if (!(error instanceof StoppedAt)) throw error
    summary.stopped = plain(error.message)
  } finally {
    screen.end()
  }
  return conclude(summary, json === true)
}

function conclude(summary: Summary, json: boolean): number {
  console.log(json ? JSON.stringify(summary) : summaryText(summary))
  if (summary.stopped !== null) {
    console.error(`doorward: ${summary.stopped}`)
    return STOPPED
  }
  return summary.ambiguous + summary.faulty + summary.failed > 0 ? ROWS_LEFT : 0
}
