import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { inject } from 'vitest'
import { type ServerProcess, freePort, startProcess, until } from './server-process.ts'

/** A PostgreSQL of our own, on loopback, whose data is thrown away. */
export interface PostgresServer {
  /** The database `postgres` as its superuser, without a password. */
  url: string
  stop(): Promise<void>
}

const run = promisify(execFile)

const SETTINGS = {
  listen_addresses: '127.0.0.1',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: '200',
}

/** Needs root or an ordinary user; as root, PostgreSQL runs as its own user `postgres`, as it insists. */
export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'doorward-postgres-'))
  const remove = () => rm(folder, { recursive: true, force: true })
  try {
    await makeCluster(folder)
    const { server, port } = await startSomewhere(folder)
    const stop = async () => {
      await server.stop('SIGINT') // "fast": ends its connections and does not wait for them
      await remove()
    }
    return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, stop }
  } catch (error) {
    await remove()
    throw error
  }
}

async function makeCluster(folder: string): Promise<void> {
  await chmod(folder, 0o700)
  if (isRoot()) await run('chown', ['postgres:', folder])
  const args = [
    '-D',
    join(folder, 'data'),
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C',
    '--no-sync',
  ]
  const [file, rest] = asPostgres(program('initdb'), args)
  await run(file, rest, { cwd: folder })
}

const isRoot = () => process.getuid?.() === 0

const asPostgres = (file: string, args: string[]): [string, string[]] =>
  isRoot() ? ['runuser', ['-u', 'postgres', '--', file, ...args]] : [file, args]

async function startSomewhere(folder: string): Promise<{ server: ServerProcess; port: number }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort()
    const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`])
    const args = ['-D', join(folder, 'data'), '-p', String(port), '-k', folder, ...settings]
    const server = startProcess(program('postgres'), args, { cwd: folder, user: 'postgres' })
    try {
      await until('postgres accepts connections', () => accepts(server, port))
      return { server, port }
    } catch (error) {
      await server.stop('SIGKILL')
      if (attempt === 5 || !server.output().includes('in use')) throw error // somebody took the port in between
    }
  }
}

async function accepts(server: ServerProcess, port: number): Promise<boolean> {
  if (!server.running()) throw new Error(`postgres did not start: ${server.output()}`)
  const asked = run(program('pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)])
  return asked.then(
    () => true,
    () => false,
  )
}

/** Debian keeps the server's programs out of PATH, one folder a version; the newest is taken. Elsewhere PATH has them. */
function program(name: string): string {
  const root = '/usr/lib/postgresql'
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : []
  return versions.map((version) => join(root, version, 'bin', name)).find((path) => existsSync(path)) ?? name
}

/** An empty database of the server behind `url`; gives its address. */
export async function newDatabase(url: string, name: string): Promise<string> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`create database "${name}"`)
  await client.end()
  return url.replace(/postgres$/, name)
}

/** An empty database of its own in the run's PostgreSQL. */
export const freshDatabaseUrl = (): Promise<string> =>
  newDatabase(inject('postgresUrl'), `t${randomBytes(8).toString('hex')}`)
