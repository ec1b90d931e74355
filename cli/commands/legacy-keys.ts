import { Command, Option } from 'commander'
import { loadConfig } from '../../server/config.ts'
import { openDirectory, type Directory } from '../../server/context.ts'
import { createLegacyKey, disableLegacyKey } from '../../server/legacy/legacy-key.ts'
import type { LegacyKey } from '../../server/legacy/legacy-key-store.ts'
import { SCOPES, type Scope } from '../../server/oauth/scope.ts'
import { hexToken } from '../../server/platform/random.ts'

/** `doorward legacy-keys …`: the API keys of the v1-v3 resources. */
export const legacyKeysCommand = (): Command =>
  new Command('legacy-keys')
    .description('make, list and disable API keys of the v1-v3 XML resources')
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(disableCommand())

async function inDirectory<T>(work: (directory: Directory) => Promise<T>): Promise<T> {
  const directory = await openDirectory(loadConfig())
  try {
    return await work(directory)
  } finally {
    await directory.db.destroy()
  }
}

const origin = ({ random }: Directory) => ({
  address: 'doorward legacy-keys',
  requestId: hexToken(random, 8),
})

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
      console.log(await inDirectory((directory) => create(directory, name, options)))
    })

async function create(directory: Directory, name: string, { scope, owner }: Creation): Promise<string> {
  if (!/^[^\p{Cc}]{1,64}$/u.test(name))
    throw new Error('A name has 1 to 64 characters and no control characters.')
  const ownerUserId = owner === undefined ? null : await idOf(directory, owner)
  const key = await createLegacyKey(directory, { name, scope, ownerUserId }, origin(directory))
  if (key === undefined) throw new Error(`There is a key with the name ${name}. Choose another.`)
  return key
}

async function idOf({ transact }: Directory, login: string): Promise<number> {
  const user = await transact(({ users }) => users.findByLogin(login))
  if (!user) throw new Error(`Nobody has the e-mail or username ${login}.`)
  return user.id
}

const line = ({ name, scope, enabled, createdAt, ownerUserId }: LegacyKey): string =>
  [
    name,
    scope,
    enabled ? 'enabled' : 'disabled',
    new Date(createdAt).toISOString(),
    ownerUserId === null ? 'no owner' : `owner ${ownerUserId}`,
  ].join('\t')

const listCommand = (): Command =>
  new Command('list')
    .description('list keys by name, scope, state, time and owner; never the keys themselves')
    .action(async () => {
      const keys = await inDirectory(({ transact }) => transact(({ legacyKeys }) => legacyKeys.list()))
      for (const key of keys) console.log(line(key))
    })

const disableCommand = (): Command =>
  new Command('disable')
    .description('disable a key for good')
    .argument('<name>', 'its name')
    .action(async (name: string) => {
      const known = await inDirectory((directory) => disableLegacyKey(directory, name, origin(directory)))
      if (!known) throw new Error(`No key has the name ${name}.`)
      console.log(`Disabled: ${name}`)
    })
