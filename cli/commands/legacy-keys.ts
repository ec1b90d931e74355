import { Command, Option } from 'commander'
import type { Directory } from '../../server/context.ts'
import { COMMAND_LINE } from '../../server/events/event-store.ts'
import { createLegacyKey, disableLegacyKey } from '../../server/legacy/legacy-key.ts'
import type { LegacyKey } from '../../server/legacy/legacy-key-store.ts'
import { SCOPES, type Scope } from '../../server/oauth/scope.ts'
import { isoTime } from '../../server/platform/clock.ts'
import { withDirectory } from './with-directory.ts'

/** `doorward legacy-keys …`: the API keys of the v1-v3 resources. */
export const legacyKeysCommand = (): Command =>
  new Command('legacy-keys')
    .description('make, list and disable API keys of the v1-v3 XML resources')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(disableCommand())

interface Creation {
  scope: Scope
  owner?: string
}

const createCommand = (): Command =>
  new Command('create')
    .description('make a key and print it; it is never shown again')
    .argument('<name>', 'what the key is for; events name it')
    .addOption(new Option('--scope <scope>', 'what it may do').choices(SCOPES).makeOptionMandatory())
    .option('--owner <login>', 'e-mail or username of a person whose privileges bound what it may do')
    .action(async (name: string, options: Creation) => {
      console.log(await withDirectory((directory) => create(directory, name, options)))
    })

async function create(directory: Directory, name: string, { scope, owner }: Creation): Promise<string> {
  if (!/^[^\p{Cc}]{1,64}$/u.test(name))
    throw new Error('A name has 1 to 64 characters and no control characters.')
  const ownerUserId = owner === undefined ? null : await idOf(directory, owner)
  const key = await createLegacyKey(directory, { name, scope, ownerUserId }, COMMAND_LINE)
  if (key === undefined) throw new Error(`There is a key with the name ${name}. Choose another.`)
  return key
}

async function idOf({ stores }: Directory, login: string): Promise<number> {
  const user = await stores.users.findByLogin(login)
  if (!user) throw new Error(`Nobody has the e-mail or username ${login}.`)
  return user.id
}

const line = ({ name, scope, enabled, createdAt, ownerUserId }: LegacyKey): string =>
  [
    name,
    scope,
    enabled ? 'enabled' : 'disabled',
    isoTime(createdAt),
    ownerUserId === null ? 'no owner' : `owner ${ownerUserId}`,
  ].join('\t')

const listCommand = (): Command =>
  new Command('list')
    .description('list keys by name, scope, state, time and owner; never the keys themselves')
    .action(async () => {
      const keys = await withDirectory(({ stores }) => stores.legacyKeys.list())
      for (const key of keys) console.log(line(key))
    })

const disableCommand = (): Command =>
  new Command('disable')
    .description('disable a key for good')
    .argument('<name>', 'its name')
    .action(async (name: string) => {
      const known = await withDirectory((directory) => disableLegacyKey(directory, name, COMMAND_LINE))
      if (!known) throw new Error(`No key has the name ${name}.`)
      console.log(`Disabled: ${name}`)
    })
