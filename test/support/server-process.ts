import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:net'

/** A port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

export interface ServerProcess {
  pid: number
  /** What it has written so far. */
  output(): string
  running(): boolean
  /** Its exit code once it has gone; null when a signal ended it. */
  exited: Promise<number | null>
  /** Sends the signal and waits until the process has gone; after ten seconds it is killed. */
  stop(signal?: NodeJS.Signals): Promise<void>
}

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path))

/**
 * Starts a server that dies with us, however we end: `setpriv --pdeathsig` (Linux) makes the kernel see to it even when
 * this process is killed. `user` is who it runs as when we are root.
 */
export function startProcess(
  command: string,
  args: string[],
  options: { cwd: string; user?: string },
): ServerProcess {
  const [file, rest] = tied(command, args, options.user)
  const child = spawn(file, rest, { cwd: options.cwd, stdio: ['ignore', 'pipe', 'pipe'] })
  let text = ''
  const keep = (chunk: Buffer) => void (text = (text + chunk.toString()).slice(-20_000))
  child.stdout.on('data', keep)
  child.stderr.on('data', keep)
  child.on('error', (error) => keep(Buffer.from(error.message)))
  const killWithUs = () => child.kill('SIGKILL')
  process.once('exit', killWithUs)
  const gone = new Promise<void>((resolve) => {
    child.once('error', () => resolve())
    child.once('exit', () => resolve())
  }).then(() => void process.off('exit', killWithUs))
  return {
    pid: child.pid ?? -1,
    output: () => text,
    running: () => isRunning(child),
    exited: gone.then(() => child.exitCode),
    async stop(signal = 'SIGTERM') {
      if (isRunning(child)) child.kill(signal)
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
      await gone
      clearTimeout(late)
    },
  }
}

const isRunning = (child: ChildProcess) =>
  child.pid !== undefined && child.exitCode === null && child.signalCode === null

function tied(command: string, args: string[], user: string | undefined): [string, string[]] {
  if (SETPRIV === undefined) return [command, args]
  const as =
    user !== undefined && process.getuid?.() === 0
      ? [`--reuid=${user}`, `--regid=${user}`, '--init-groups']
      : []
  return [SETPRIV, [...as, '--pdeathsig=KILL', '--', command, ...args]]
}

/** Asks until the answer is yes. Fails with `what` when it takes too long. */
export async function until(
  what: string,
  yes: () => Promise<boolean> | boolean,
  withinMs = 20_000,
): Promise<void> {
  const end = performance.now() + withinMs
  while (!(await yes())) {
    if (performance.now() > end) throw new Error(`waited ${withinMs} ms in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
