import { mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Problem } from '../errors.ts'
import type { Clock } from './clock.ts'
import { onFirstUse } from './on-first-use.ts'
import { hexToken, type Random } from './random.ts'

export interface Letter {
  to: string
  subject: string
  text: string
  /** The same for programs that show HTML. */
  html?: string
}

export interface Mailer {
  /** @throws Problem `unavailable` when the letter could not be handed over. */
  send(letter: Letter): Promise<void>
}

/** As text, an address with a comma or a name in it would be read as several people, or as somebody else. */
const toOne = ({ to, subject, text, html }: Letter) => ({
  to: { name: '', address: to },
  subject,
  text,
  ...(html !== undefined && { html }),
  headers: { 'Auto-Submitted': 'auto-generated' }, // RFC 3834: no program answers that somebody is on holiday
  disableFileAccess: true,
  disableUrlAccess: true,
})

/** Sends through the server of `SMTP_URL` (`smtp://` or `smtps://`, with credentials in the URL). */
export function smtpMailer(smtpUrl: string, from: string): Mailer {
  const transport = onFirstUse(async () => (await import('nodemailer')).createTransport(smtpUrl, { from }))
  return {
    async send(letter) {
      try {
        await (await transport()).sendMail(toOne(letter))
      } catch (cause) {
        throw new Problem('unavailable', {
          message: 'mail server did not take the letter',
          retryAfterSeconds: 30,
          cause,
        })
      }
    },
  }
}

/** Writes each letter as `<time>-<id>.eml` into a folder, for a first try without a mail server. */
export function outboxMailer(folder: string, from: string, deps: { clock: Clock; random: Random }): Mailer {
  const options = { streamTransport: true, buffer: true, newline: 'unix' } as const
  const transport = onFirstUse(async () => (await import('nodemailer')).createTransport(options, { from }))
  return {
    async send(letter) {
      const { message } = await (await transport()).sendMail(toOne(letter))
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const name = `${String(deps.clock())}-${hexToken(deps.random, 4)}.eml`
      await writeFile(join(folder, name), message as Buffer, { mode: 0o600 })
    },
  }
}
