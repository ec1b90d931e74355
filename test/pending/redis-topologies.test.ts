import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { pendingStoreRedis } from '../../server/pending/pending-store-redis.ts'
import type { PendingStore } from '../../server/pending/pending-store.ts'
import { connectRedis } from '../../server/platform/redis.ts'
import { type RedisServer, startRedis } from '../support/redis.ts'
import { freePort, startProcess, until } from '../support/server-process.ts'
import { QUESTIONS, expectUnavailable, works } from './every-method.ts'

const run = promisify(execFile)
const PASSWORD = 'of the nodes'

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'doorward-topology-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

function aStore(url: string): PendingStore {
  const store = pendingStoreRedis(connectRedis(url, { onError: () => undefined }))
  onTestFinished(() => store.close())
  return store
}

async function aNode(args: string[]): Promise<RedisServer> {
  const node = await startRedis({ password: PASSWORD, args: ['--masterauth', PASSWORD, ...args] })
  onTestFinished(() => node.stop('SIGKILL'))
  return node
}

const cli = async (port: number, ...args: string[]): Promise<string> => {
  const env = { ...process.env, REDISCLI_AUTH: PASSWORD }
  return (await run('redis-cli', ['-p', String(port), ...args], { env })).stdout
}

/** Every answer of the store on a record and a count, which tells whether all commands and scripts arrive. */
async function expectAllAnswers(store: PendingStore): Promise<void> {
  for (const ask of Object.values(QUESTIONS)) await ask(store)
  for (let i = 0; i < 40; i++) {
    const id = `id ${i}`
    await store.put('attempt', id, 'one', 60)
    expect(await store.swap('attempt', id, 'one', 'two')).toBe(true)
    expect(await store.take('attempt', id)).toBe('two')
    await store.drop('failed_address', id)
    expect((await store.count('failed_address', id, 60)).count).toBe(1)
  }
}

async function aSentinel(folder: string, name: string, masterPort: number): Promise<number> {
  const port = await freePort()
  const file = join(folder, `${name}.conf`)
  const watch = `sentinel monitor main 127.0.0.1 ${masterPort} 2
sentinel auth-pass main ${JSON.stringify(PASSWORD)}
sentinel down-after-milliseconds main 500
sentinel failover-timeout main 3000`
  await writeFile(file, `port ${port}\nbind 127.0.0.1\ndir ${folder}\n${watch}\n`)
  const sentinel = startProcess('redis-server', [file, '--sentinel'], { cwd: folder })
  onTestFinished(() => sentinel.stop('SIGKILL'))
  return port
}

test(
  'a store behind Sentinel refuses everything when the master dies, and goes on with the new one',
  { timeout: 60_000 },
  async () => {
    const master = await aNode([])
    const replica = await aNode(['--replicaof', `127.0.0.1 ${master.port}`])
    const folder = await aFolder()
    const sentinels = await Promise.all(['a', 'b', 'c'].map((name) => aSentinel(folder, name, master.port)))
    await until('sentinels know each other and the replica', async () => {
      const asked = await Promise.all(
        sentinels.map((port) => cli(port, 'sentinel', 'master', 'main').catch(() => '')),
      )
      return asked.every((text) => text.includes('num-slaves\n1\nnum-other-sentinels\n2\n'))
    })
    const everySentinel = async (words: string[], says: string) =>
      (await Promise.all(sentinels.map((port) => cli(port, ...words)))).every((text) => text.includes(says))
    const noneTilts = () => everySentinel(['info', 'sentinel'], 'sentinel_tilt:0')
    const elected = () =>
      everySentinel(['sentinel', 'get-master-addr-by-name', 'main'], `\n${replica.port}\n`)
    await until('the replica is in step', async () =>
      (await cli(replica.port, 'info')).includes('master_link_status:up'),
    )

    const login = `:${encodeURIComponent(PASSWORD)}@`
    const store = aStore(
      `redis+sentinel://${login}${sentinels.map((port) => `127.0.0.1:${port}`).join(',')}/main/3`,
    )
    await until('it works', () => works(store))
    await expectAllAnswers(store)
    expect(await cli(master.port, '-n', '3', 'dbsize')).not.toBe('0\n')
    await store.put('attempt', 'kept', 'one', 60)
    await cli(master.port, 'wait', '1', '1000')

    // Sentinels whose machine stood still for two seconds do nothing for thirty, and then find no replica fresh enough.
    await until('no Sentinel is in its TILT mode', noneTilts, 40_000)
    await master.stop('SIGKILL')
    await expectUnavailable(store)
    await until('the Sentinels have a new master', elected, 20_000)
    await until('it works again', () => works(store), 10_000)
    expect(await store.take('attempt', 'kept')).toBe('one')
    await expectAllAnswers(store)
  },
)

test(
  'a store on a Cluster spreads its keys, and refuses when a part of the Cluster is gone',
  { timeout: 60_000 },
  async () => {
    const folder = await aFolder()
    const nodes = await Promise.all(
      ['a', 'b', 'c'].map(async (name) => {
        await mkdir(join(folder, name))
        return aNode([
          '--cluster-enabled',
          'yes',
          '--cluster-node-timeout',
          '1000',
          '--dir',
          join(folder, name),
        ])
      }),
    )
    const addresses = nodes.map((node) => `127.0.0.1:${node.port}`)
    await cli(nodes[0]!.port, '--cluster', 'create', ...addresses, '--cluster-yes')
    await until('every node finds the Cluster whole', async () => {
      const states = await Promise.all(nodes.map((node) => cli(node.port, 'cluster', 'info')))
      return states.every((text) => text.includes('cluster_state:ok'))
    })

    const store = aStore(
      `redis+cluster://:${encodeURIComponent(PASSWORD)}@${addresses.slice(0, 2).join(',')}`,
    )
    await until('it works', () => works(store))
    await expectAllAnswers(store)
    const sizes = await Promise.all(nodes.map((node) => cli(node.port, 'dbsize')))
    expect(sizes.every((size) => Number(size) > 0)).toBe(true)

    await nodes[2]!.stop('SIGKILL')
    await until('the others have noticed', async () =>
      (await cli(nodes[0]!.port, 'cluster', 'info')).includes('cluster_state:fail'),
    )
    await expectUnavailable(store)
    await mkdir(join(folder, 'c'), { recursive: true })
    await nodes[2]!.start()
    await until('it works again', () => works(store), 20_000)
    await until(
      'every key finds its node',
      () =>
        expectAllAnswers(store).then(
          () => true,
          () => false,
        ),
      20_000,
    )
  },
)
