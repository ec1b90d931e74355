import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { onTestFinished } from 'vitest'

const COMMAND = join(resolve(import.meta.dirname, '../..'), 'cli/doorward.js')

export interface Outcome {
  code: number | null
  out: string
  err: string
}

export interface CommandOptions {
  stdin?: string | Buffer
  env?: Record<string, string>
  /** On a terminal: both outputs come as one, in `out`. */
  terminal?: true
}

export interface Shell {
  folder: string
  file: (name: string, content: string | Buffer) => Promise<string>
  /** Runs the `doorward` command in the folder, with nothing in its environment but what is given. */
  doorward: (args: string[], options?: CommandOptions) => Promise<Outcome>
}

/** A folder of its own, and the built command to run in it. */
export async function openShell(): Promise<Shell> {
  const folder = await mkdtemp(join(tmpdir(), 'doorward-cli-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return {
    folder,
    async file(name, content) {
      await writeFile(join(folder, name), content)
      return name
    },
    doorward: (args, { stdin = '', env = {}, terminal } = {}) =>
      new Promise((done, fail) => {
        const [file, rest] = terminal ? onTerminal(args) : [process.execPath, [COMMAND, ...args]]
        const child = spawn(file, rest, {
          cwd: folder,
          env: { PATH: process.env.PATH, DATA_DIR: join(folder, 'data'), TERM: 'xterm', ...env },
        })
        let [out, err] = ['', '']
        child.stdout.on('data', (chunk: Buffer) => void (out += chunk.toString()))
        child.stderr.on('data', (chunk: Buffer) => void (err += chunk.toString()))
        child.on('error', fail)
        child.on('close', (code) => done({ code, out, err }))
        child.stdin.on('error', () => undefined) // it may have gone before it read all
        if (!terminal) child.stdin.end(stdin)
        else {
          // Typed when the command asks; what is typed before that, a terminal would show.
          child.stdout.on('data', (chunk: Buffer) => {
            if (chunk.toString().includes('secret: ')) child.stdin.write(stdin)
          })
        }
      }),
  }
}

/** `script` gives the command a terminal of its own and ends with its exit code. */
function onTerminal(args: string[]): [string, string[]] {
  const quoted = [process.execPath, COMMAND, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`)
  return ['script', ['--quiet', '--return', '--command', quoted.join(' '), '/dev/null']]
}
