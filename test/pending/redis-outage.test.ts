import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { inspect } from 'node:util'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { pendingStoreRedis } from '../../server/pending/pending-store-redis.ts'
import type { PendingStore } from '../../server/pending/pending-store.ts'
import { closeRedis, connectRedis, firstTry } from '../../server/platform/redis.ts'
import { freePort, until } from '../support/server-process.ts'
import { type RedisServerOptions, startRedis } from '../support/redis.ts'
import { expectUnavailable, QUESTIONS, works } from './every-method.ts'
import { lyingRedis } from './lying-redis.ts'

const yes = () => true
const no = () => false

async function aServer(options?: RedisServerOptions) {
  const server = await startRedis(options)
  onTestFinished(() => server.stop('SIGKILL'))
  return server
}

function aStore(url: string): PendingStore & { troubles: Error[] } {
  const troubles: Error[] = []
  const redis = connectRedis(url, { onError: (error) => troubles.push(error) })
  const store = pendingStoreRedis(redis)
  onTestFinished(() => store.close())
  return { ...store, troubles }
}

test('a store refuses everything while Redis is gone, and works again by itself when it is back', async () => {
  const server = await aServer()
  const store = aStore(server.url)
  await until('it works', () => works(store))
  await server.stop('SIGKILL')
  await expectUnavailable(store)
  await until('the trouble is told', () =>
    store.troubles.some((error) => error.message.includes('ECONNREFUSED')),
  )
  await server.start()
  await until('it works again', () => works(store), 8000)
})

test('a store whose Redis is not there yet refuses everything, and works once it has come', async () => {
  const port = await freePort()
  const store = aStore(`redis://127.0.0.1:${port}`)
  await expectUnavailable(store)
  await aServer({ port })
  await until('it works', () => works(store), 8000)
})

test('a take whose answer is lost is refused, not sent again and read as absent', async () => {
  let taken = 0
  const url = await lyingRedis((command) => {
    if (command === 'GETDEL') return taken++ === 0 ? 'hang up' : '$-1\r\n'
    return '+OK\r\n'
  })
  const store = aStore(url)
  await until('it is connected', () => store.put('attempt', 'a', 'one', 60).then(yes, no))
  await expect(store.take('attempt', 'a')).rejects.toMatchObject({ code: 'unavailable' })
  await until('it is connected again', () => store.put('attempt', 'a', 'one', 60).then(yes, no))
  expect(taken).toBe(1)
})

test('a connection that swallows every command is given up for a new one', async () => {
  const url = await lyingRedis((_, connection) => (connection === 1 ? 'silence' : '$3\r\none\r\n'))
  const store = aStore(url)
  await until('it works', () => store.peek('attempt', 'a').then((value) => value === 'one', no), 12_000)
})

test('a reply of a kind that the command never gives is refused, and not read as absent or done', async () => {
  const lies: Record<string, string> = {
    GET: ':1\r\n',
    GETDEL: ':0\r\n',
    SET: '$-1\r\n',
    DEL: '+OK\r\n',
    PEXPIRE: '$-1\r\n',
  }
  let connected = false
  const url = await lyingRedis((command) => {
    connected = true
    return lies[command] ?? '*1\r\n:1\r\n'
  })
  const store = aStore(url)
  await until('it is connected', async () => (await store.ping().catch(() => undefined), connected))
  // Nothing is what SET answers when a value that should be new is there already: that one is lied to by a number.
  await expectUnavailable(
    store,
    Object.keys(QUESTIONS).filter((name) => name !== 'putNew'),
  )
  lies.SET = ':1\r\n'
  await expectUnavailable(store, ['putNew'])
})

test('a store with the wrong password refuses everything, and no error shows either password', async () => {
  const server = await aServer({ password: 'the right password' })
  const store = aStore(`redis://:the+wrong+password@127.0.0.1:${server.port}`)
  await until('a refusal', () => store.troubles.length > 0)
  await expectUnavailable(store)
  expect(store.troubles.some((error) => error.message.includes('WRONGPASS'))).toBe(true)
  expect(inspect(store.troubles, { depth: 9, showHidden: true })).not.toMatch(
    /wrong\+password|right password/,
  )
})

test('a store without the password that Redis wants refuses everything', async () => {
  const server = await aServer({ password: 'the right password' })
  const store = aStore(`redis://127.0.0.1:${server.port}`)
  await until('a refusal', () => store.troubles.length > 0)
  await expectUnavailable(store)
  const allowed = aStore(server.url)
  await until('the right one works', () => works(allowed))
})

test('a store refuses everything when its database number is refused, and never uses another', async () => {
  const server = await aServer()
  const store = aStore(`${server.url}/99999`)
  await until('a refusal', () => store.troubles.some((error) => error.message.includes('DB index')))
  for (let i = 0; i < 40; i++) {
    await expect(store.put('attempt', 'a', 'one', 60)).rejects.toMatchObject({ code: 'unavailable' })
    await wait(25)
  }
  const admin = new Redis(server.url)
  onTestFinished(() => admin.disconnect())
  expect(await admin.dbsize()).toBe(0)
})

test('a store of a full Redis refuses what would be kept, without its value in the error, and still takes', async () => {
  const server = await aServer({ args: ['--maxmemory-policy', 'noeviction'] })
  const store = aStore(server.url)
  await until('it works', () => works(store))
  await store.put('attempt', 'kept', 'one', 60)
  const admin = new Redis(server.url)
  onTestFinished(() => admin.disconnect())
  await admin.config('SET', 'maxmemory', '1')
  await expectUnavailable(store, ['put', 'count'])
  const error: unknown = await store.put('attempt', 'a', 'a secret value', 60).catch((e: unknown) => e)
  expect(inspect(error, { depth: 9, showHidden: true })).toContain('OOM')
  expect(inspect(error, { depth: 9, showHidden: true })).not.toContain('a secret value')
  expect(await store.counted('rate_limit', 'a')).toBe(0)
  expect(await store.take('attempt', 'kept')).toBe('one')
  await admin.config('SET', 'maxmemory', '0')
  expect(await works(store)).toBe(true)
})

test('a store of a Redis that has become read-only refuses what would change it', async () => {
  const server = await aServer()
  const store = aStore(server.url)
  await until('it works', () => works(store))
  await store.put('attempt', 'a', 'one', 60)
  const admin = new Redis(server.url)
  onTestFinished(() => admin.disconnect())
  await admin.replicaof('127.0.0.1', await freePort())
  await expectUnavailable(store, ['put', 'take', 'swap', 'touch', 'count', 'drop'])
  await admin.replicaof('NO', 'ONE')
  await until('it works again', () => works(store), 8000)
})

test('a store refuses everything within 3 seconds while Redis hangs, and works when it goes on', async () => {
  const server = await aServer()
  const store = aStore(server.url)
  await until('it works', () => works(store))
  const admin = new Redis(server.url)
  onTestFinished(() => admin.disconnect())
  await admin.client('PAUSE', 60_000, 'ALL')
  await expectUnavailable(store)
  process.kill(server.pid, 'SIGKILL') // nothing else ends a pause that stops its own end
  await server.stop()
  await server.start()
  await until('it works again', () => works(store), 12_000)
})

test('a store refuses everything while the process of Redis is frozen, and works when it is thawed', async () => {
  const server = await aServer()
  const store = aStore(server.url)
  await until('it works', () => works(store))
  process.kill(server.pid, 'SIGSTOP')
  await expectUnavailable(store)
  process.kill(server.pid, 'SIGCONT')
  await until('it works again', () => works(store), 8000)
})

test('a store refuses everything when the certificate of Redis is not believed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'doorward-tls-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const [key, certificate] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const made = [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-keyout',
    key,
    '-out',
    certificate,
    ...subject,
  ]
  execFileSync('openssl', made, { stdio: 'pipe' })
  const tlsPort = await freePort()
  const tls = ['--tls-port', String(tlsPort), '--tls-cert-file', certificate, '--tls-key-file', key]
  await aServer({ args: [...tls, '--tls-ca-cert-file', certificate, '--tls-auth-clients', 'no'] })
  const store = aStore(`rediss://localhost:${tlsPort}`)
  await until('a refusal', () => store.troubles.length > 0)
  await expectUnavailable(store)
  expect(store.troubles.every((error) => error.message.includes('self-signed certificate'))).toBe(true)
})

test('a closed store refuses everything, also when it never found its Redis', async () => {
  const server = await aServer()
  const store = aStore(server.url)
  await until('it works', () => works(store))
  await store.close()
  await store.close()
  await expectUnavailable(store)
  const lost = aStore(`redis://127.0.0.1:${await freePort()}`)
  await lost.close()
  await expectUnavailable(lost)
})

test('who waits for the first try to connect is answered at once', async () => {
  const { url } = await aServer()
  const redis = connectRedis(url, { onError: () => undefined })
  const store = pendingStoreRedis(redis)
  onTestFinished(() => store.close())
  await firstTry(redis)
  await store.put('attempt', 'a', 'one', 60)
})

test.each(['redis', 'redis+sentinel', 'redis+cluster'])(
  'the first try to connect to a %s comes to an end where nobody listens, and where nobody speaks',
  async (scheme) => {
    const master = scheme === 'redis+sentinel' ? '/mymaster' : ''
    const silent = createServer().listen(0, '127.0.0.1')
    onTestFinished(() => void silent.close())
    await once(silent, 'listening')
    for (const port of [await freePort(), (silent.address() as AddressInfo).port]) {
      const redis = connectRedis(`${scheme}://127.0.0.1:${port}${master}`, { onError: () => undefined })
      onTestFinished(() => closeRedis(redis))
      await firstTry(redis)
    }
  },
)

test('a connection that is closed leaves nothing that keeps the process alive', async () => {
  const server = await aServer()
  const before = process.getActiveResourcesInfo().length
  const urls = [
    server.url,
    `redis://127.0.0.1:${await freePort()}`,
    `redis+sentinel://127.0.0.1:${await freePort()}/mymaster`,
    `redis+cluster://127.0.0.1:${await freePort()}`,
  ]
  for (const url of urls) {
    const redis = connectRedis(url, { onError: () => undefined })
    await wait(300)
    await closeRedis(redis)
  }
  await until('sockets and timers are gone', () => process.getActiveResourcesInfo().length <= before, 8000)
})
