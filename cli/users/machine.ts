/** The one file of this command that knows the machine it runs on: environment, terminal and time. */
import { setTimeout as wait } from 'node:timers/promises'

const SECRET = 'DOORWARD_CLIENT_SECRET'

/** Nobody is there to type what is missing. */
export class NoSecret extends Error {
  override readonly name = 'NoSecret'
}

export const waitMs = (ms: number): Promise<void> => wait(ms)

/** Seconds until a moment that a server named as a date of HTTP. */
export const secondsUntil = (date: string): number => (Date.parse(date) - Date.now()) / 1000

/** The secret from the environment, or typed in without being shown. Never an argument: these are seen by everybody. */
export async function clientSecret(): Promise<string> {
  const given = process.env[SECRET]
  if (given !== undefined && given !== '') return given
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new NoSecret(
      `Put the client secret into ${SECRET}, or run this on a terminal, which will ask for it.`,
    )
  }
  const typed = await typeHidden('Client secret: ')
  if (typed === '') throw new NoSecret('No client secret was given.')
  return typed
}

/** Reads one line without an echo, and leaves the terminal as it was. */
function typeHidden(question: string): Promise<string> {
  const { stdin, stderr } = process
  stdin.setRawMode(true) // before the question: whoever types at once must not see it
  stdin.setEncoding('utf8')
  stderr.write(question)
  return new Promise((resolve, reject) => {
    let line = ''
    const end = (settle: () => void) => {
      stdin.off('data', onText)
      stdin.setRawMode(false)
      stdin.pause()
      stderr.write('\n')
      settle()
    }
    const onText = (text: string) => {
      for (const char of text) {
        if (char === '\r' || char === '\n') return end(() => resolve(line))
        if (char === '\u0003' || char === '\u0004') return end(() => reject(new NoSecret('Given up.')))
        line = char === '\u007f' || char === '\b' ? line.slice(0, -1) : line + char
      }
    }
    stdin.on('data', onText)
    stdin.resume()
  })
}
