import { Command, InvalidArgumentError } from 'commander'
import { COMMAND_LINE } from '../../server/events/event-store.ts'
import type { ListedCredential } from '../../server/oauth/credential-store.ts'
import {
  createCredential,
  deleteCredential,
  setCredentialEnabled,
} from '../../server/oauth/manage-credentials.ts'
import { SCOPES } from '../../server/oauth/scope.ts'
import { isoTime } from '../../server/platform/clock.ts'
import { table } from '../table.ts'
import { withDirectory } from './with-directory.ts'

/** `doorward credentials`: who may call the API. */
export const credentialsCommand = (): Command =>
  new Command('credentials')
    .description('make, list, disable, enable and delete API credentials')
    .addCommand(create())
    .addCommand(list())
    .addCommand(turn('disable', false))
    .addCommand(turn('enable', true))
    .addCommand(remove())

const create = (): Command =>
  new Command('create')
    .description('make an API credential; its secret is shown this once')
    .requiredOption('--name <name>', 'what it is called here')
    .requiredOption('--scope <scope>', `one of: ${SCOPES.join(', ')}`)
    .option('--owner <login>', 'e-mail or username of the person whose privileges bound what it may do')
    .action((wish: { name: string; scope: string; owner?: string }) =>
      withDirectory(async (directory) => {
        const made = await createCredential(directory, wish, COMMAND_LINE)
        console.log(`id            ${made.id}`)
        console.log(`client_id     ${made.clientId}`)
        console.log(`client_secret ${made.clientSecret}`)
        console.error('The secret is kept nowhere else. Write it down now.')
      }),
    )

const list = (): Command =>
  new Command('list')
    .description('list the API credentials, without their secrets')
    .option('--json', 'as a JSON array')
    .action(({ json }: { json?: true }) =>
      withDirectory(async ({ stores }) => {
        const all = await stores.credentials.list()
        console.log(json ? JSON.stringify(all.map(toJson), null, 2) : listText(all))
      }),
    )

const ownerText = ({ owner }: ListedCredential): string =>
  owner === null ? '-' : owner === 'gone' ? '(deleted: can do nothing)' : owner.login

const toJson = (credential: ListedCredential) => ({
  id: credential.id,
  name: credential.name,
  client_id: credential.clientId,
  scope: credential.scope,
  enabled: credential.enabled,
  owner_user_id: credential.owner === null || credential.owner === 'gone' ? null : credential.owner.id,
  owner_deleted: credential.owner === 'gone',
  created_at: isoTime(credential.createdAt),
})

const listText = (all: readonly ListedCredential[]): string =>
  table([
    ['ID', 'NAME', 'SCOPE', 'STATE', 'OWNER', 'CLIENT ID'],
    ...all.map((one) => [
      String(one.id),
      one.name,
      one.scope,
      one.enabled ? 'enabled' : 'disabled',
      ownerText(one),
      one.clientId,
    ]),
  ])

function idArgument(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It is the number that `list` shows.')
  return Number(text)
}

const turn = (name: 'disable' | 'enable', enabled: boolean): Command =>
  new Command(name)
    .description(
      enabled
        ? 'let an API credential in again; it needs new tokens'
        : 'shut an API credential out; its tokens end',
    )
    .argument('<id>', 'as `doorward credentials list` shows it', idArgument)
    .action((id: number) =>
      withDirectory(async (directory) => {
        console.log(`${name}d ${await setCredentialEnabled(directory, id, enabled, COMMAND_LINE)}`)
      }),
    )

const remove = (): Command =>
  new Command('delete')
    .description('take an API credential away for good, with its tokens')
    .argument('<id>', 'as `doorward credentials list` shows it', idArgument)
    .action((id: number) =>
      withDirectory(async (directory) => {
        console.log(`deleted ${await deleteCredential(directory, id, COMMAND_LINE)}`)
      }),
    )
