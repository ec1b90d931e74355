import { Command, InvalidArgumentError } from 'commander'
import { endAllOf, endByAdmin } from '../../server/broker/grants.ts'
import type { BrokerSession } from '../../server/broker/broker-session-store.ts'
import { displayName, type User } from '../../server/directory/user.ts'
import { COMMAND_LINE } from '../../server/events/event-store.ts'
import { isoTime } from '../../server/platform/clock.ts'
import type { Directory } from '../../server/context.ts'
import { table } from '../table.ts'
import { withDirectory } from './with-directory.ts'

/** `doorward broker`: command lines that fetch AWS credentials. */
export const brokerCommand = (): Command =>
  new Command('broker')
    .description('see and end the sessions of command lines')
    .addCommand(
      new Command('sessions').description('those that are alive').addCommand(list()).addCommand(end()),
    )

const depsOf = ({ clock, transact, stores }: Directory) => ({ clock, transact, ...stores })

async function personOf({ stores }: Directory, login: string): Promise<User> {
  const user = await stores.users.findByLogin(login)
  if (user) return user
  throw new Error(`nobody has the e-mail or username "${login}"`)
}

const PAGE = 100

/** Every session that is alive, or those of one person. */
async function* alive(
  { stores, clock }: Directory,
  userId: number | undefined,
): AsyncGenerator<BrokerSession> {
  const where =
    userId === undefined ? [] : [{ column: 'userId', not: false, test: { is: 'equal', to: userId } } as const]
  let after: { key: string | number; id: number } | undefined
  do {
    const page = await stores.brokerSessions.page(
      {
        where,
        search: undefined,
        sort: { column: 'id', descending: false },
        limit: PAGE,
        from: after && { ...after, direction: 'after' },
      },
      clock(),
    )
    yield* page.items
    after = page.after
  } while (after)
}

const list = (): Command =>
  new Command('list')
    .description('list them')
    .option('--user <login>', 'of this person only')
    .option('--json', 'as a JSON array')
    .action(({ user: login, json }: { user?: string; json?: true }) =>
      withDirectory(async (directory) => {
        const userId = login === undefined ? undefined : (await personOf(directory, login)).id
        const rows: Record<string, string | number>[] = []
        for await (const one of alive(directory, userId)) {
          const person = await directory.stores.users.find(one.userId)
          rows.push({
            id: one.id,
            person: person ? displayName(person) : '-',
            device: one.deviceName,
            key: one.keyStorage,
            address: one.lastAddress,
            used: isoTime(one.lastUsedAt),
            until: isoTime(one.endsAt),
          })
        }
        const head = ['ID', 'PERSON', 'DEVICE', 'KEY', 'ADDRESS', 'USED', 'UNTIL']
        console.log(
          json
            ? JSON.stringify(rows, null, 2)
            : table([head, ...rows.map((row) => Object.values(row).map(String))]),
        )
      }),
    )

function idArgument(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new InvalidArgumentError('It is the number that `list` shows.')
  return Number(text)
}

const end = (): Command =>
  new Command('end')
    .description('end one, or all of a person: they get no new credentials')
    .argument('[id]', 'as `list` shows it', idArgument)
    .option('--user <login>', 'all of this person')
    .action((id: number | undefined, { user: login }: { user?: string }) =>
      withDirectory(async (directory) => {
        const d = depsOf(directory)
        if ((id === undefined) === (login === undefined)) throw new Error('give either an id or --user')
        if (login !== undefined) {
          const ended = await endAllOf(d, await personOf(directory, login), COMMAND_LINE)
          return console.log(`ended ${ended}`)
        }
        const session = await d.brokerSessions.find(id ?? 0)
        if (!session || !(await endByAdmin(d, session, COMMAND_LINE)))
          throw new Error(`there is no session ${id}`)
        return console.log(`ended ${id}`)
      }),
    )
