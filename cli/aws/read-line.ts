import { openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { ReadStream } from 'node:tty'
import { CliFault } from './fault.ts'

/** The terminal itself: standard input may be a pipe of the program that has started us. */
function terminal(): number | undefined {
  try {
    return openSync(process.platform === 'win32' ? '\\\\.\\CON' : '/dev/tty', 'r+')
  } catch {
    return undefined
  }
}

/** One line from the terminal, or from standard input where there is none. @throws CliFault when nobody is there */
export function readLine(question: string): Promise<string> {
  const tty = process.stdin.isTTY ? undefined : terminal()
  const input = tty === undefined ? process.stdin : new ReadStream(tty)
  if (tty === undefined) process.stderr.write(question)
  else writeSync(tty, question)
  const lines = createInterface({ input, terminal: false })
  return new Promise((resolve, reject) => {
    let line: string | undefined
    lines.once('line', (typed) => {
      line = typed
      lines.close()
    })
    lines.once('close', () => {
      if (tty === undefined) process.stdin.pause()
      else input.destroy()
      if (line === undefined) reject(new CliFault('usage', 'nothing was typed'))
      else resolve(line)
    })
  })
}
