import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'
import { freePort, startProcess, until, type ServerProcess } from './server-process.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const COMMAND = join(ROOT, 'cli/doorward.js')

/** Compiles the program, as `npm start` does. */
export const build = (): void => void execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT })

/** A folder for data that goes with the test. */
export function dataFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'doorward-main-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }))
  return folder
}

type Env = Record<string, string>

/** A process of the built program with these settings and no others; it ends with the test. */
export function doorward(args: string[], env: Env): ServerProcess {
  const settings = Object.entries({ PATH: process.env.PATH ?? '', ...env }).map(
    ([name, value]) => `${name}=${value}`,
  )
  const server = startProcess('env', ['-i', ...settings, process.execPath, COMMAND, ...args], {
    cwd: tmpdir(),
  })
  onTestFinished(() => server.stop('SIGKILL'))
  return server
}

export interface Serving extends ServerProcess {
  url: string
  port: number
}

/** `doorward serve` on a port of its own, once it is ready. */
export async function serving(env: Env): Promise<Serving> {
  const port = Number(env.PORT ?? (await freePort()))
  const server = doorward(['serve'], { PORT: String(port), ...env })
  const url = env.PUBLIC_URL ?? `http://localhost:${port}`
  await until('the server is ready', () => {
    if (!server.running()) throw new Error(`it did not start: ${server.output()}`)
    return server.output().includes('"msg":"ready"')
  })
  return { ...server, url, port }
}
