import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { outboxMailer, smtpMailer, type Letter } from '../../server/platform/mail.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { movableClock } from '../support/clock.ts'
import { freePort } from '../support/server-process.ts'

const LETTER: Letter = { to: 'ada@acme.test', subject: 'Your sign-in code', text: 'It is\nhere.\n' }
const FROM = 'Doorward <doorward@localhost>'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'doorward-mail-'))
  return () => rm(folder, { recursive: true, force: true })
})

async function outboxOf(letter: Letter): Promise<string> {
  await outboxMailer(join(folder, 'outbox'), FROM, { clock: movableClock().now, random: systemRandom }).send(
    letter,
  )
  const [name] = await readdir(join(folder, 'outbox'))
  return readFile(join(folder, 'outbox', name!), 'utf8')
}

const headersOf = (eml: string): string[] =>
  eml
    .slice(0, eml.indexOf('\n\n'))
    .replace(/\n[ \t]+/g, ' ')
    .split('\n')

describe('outboxMailer', () => {
  test('writes a letter that only its owner may read, named by time', async () => {
    const clock = movableClock()
    const mailer = outboxMailer(join(folder, 'outbox'), FROM, { clock: clock.now, random: systemRandom })
    await mailer.send(LETTER)
    clock.advance(1)
    await mailer.send({ ...LETTER, to: 'bob@acme.test' })
    const names = (await readdir(join(folder, 'outbox'))).sort()
    expect(names.map((name) => name.split('-')[0])).toEqual([String(clock.now() - 1000), String(clock.now())])
    expect((await stat(join(folder, 'outbox', names[0]!))).mode & 0o777).toBe(0o600)
    expect((await stat(join(folder, 'outbox'))).mode & 0o777).toBe(0o700)
    const first = await readFile(join(folder, 'outbox', names[0]!), 'utf8')
    expect(headersOf(first)).toEqual(expect.arrayContaining([`From: ${FROM}`, 'To: ada@acme.test']))
    expect(first).toContain('It is\nhere.')
  })

  const INJECTED: [what: string, letter: Partial<Letter>][] = [
    ['a line break in the address', { to: 'ada@acme.test\r\nBcc: eve@evil.test' }],
    ['a bare newline in the address', { to: 'ada@acme.test\nBcc: eve@evil.test' }],
    ['a line break in the subject', { subject: 'Code\r\nBcc: eve@evil.test\r\n\r\nbody' }],
    ['a second address after a comma', { to: 'ada@acme.test, eve@evil.test' }],
    ['a second address after a semicolon', { to: 'ada@acme.test; eve@evil.test' }],
    ['a name in front of another address', { to: 'ada@acme.test <eve@evil.test>' }],
    ['a group of addresses', { to: 'all: ada@acme.test, eve@evil.test;' }],
  ]
  for (const [what, letter] of INJECTED) {
    test(`sends a letter to nobody else for ${what}`, async () => {
      const eml = await outboxOf({ ...LETTER, ...letter }).catch((error: unknown) => {
        expect(error).toMatchObject({ code: 'unavailable' })
        return undefined
      })
      if (eml === undefined) return
      const names = headersOf(eml).map((line) => line.split(':')[0])
      expect(names.filter((name) => /^(b?cc|resent)/i.test(name!))).toEqual([])
      expect(names.filter((name) => name === 'To')).toHaveLength(1)
      const to = headersOf(eml).find((line) => line.startsWith('To:'))!
      expect(to).not.toMatch(/^To: .*[<,;\s]eve@evil\.test>?$/)
    })
  }
})

/** Takes letters as a mail server does and notes who they are for. */
async function mailServer(): Promise<{ url: string; recipients: string[]; server: Server }> {
  const recipients: string[] = []
  const server = createServer((socket) => {
    let inData = false
    socket.write('220 test\r\n')
    socket.on('error', () => undefined)
    socket.on('data', (chunk) => {
      const text = chunk.toString()
      if (inData) {
        if (!text.includes('\r\n.\r\n')) return
        inData = false
        return void socket.write('250 taken\r\n')
      }
      for (const line of text.split('\r\n').filter(Boolean)) {
        if (/^RCPT/i.test(line)) recipients.push(line)
        inData = /^DATA/i.test(line)
        socket.write(inData ? '354 go on\r\n' : /^QUIT/i.test(line) ? '221 bye\r\n' : '250 ok\r\n')
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const { port } = server.address() as { port: number }
  return { url: `smtp://127.0.0.1:${port}`, recipients, server }
}

describe('smtpMailer', () => {
  test('hands a letter to the server, for its one recipient', async () => {
    const { url, recipients } = await mailServer()
    await smtpMailer(url, FROM).send(LETTER)
    expect(recipients).toEqual(['RCPT TO:<ada@acme.test>'])
  })

  for (const to of [
    'ada@acme.test, eve@evil.test',
    'ada@acme.test>\r\nRCPT TO:<eve@evil.test',
    'x <eve@evil.test>',
  ]) {
    test(`never makes eve a recipient by way of ${JSON.stringify(to)}`, async () => {
      const { url, recipients } = await mailServer()
      await smtpMailer(url, FROM)
        .send({ ...LETTER, to })
        .catch((error: unknown) => expect(error).toMatchObject({ code: 'unavailable' }))
      expect(recipients.filter((line) => /^RCPT TO:<eve@evil\.test>/i.test(line))).toEqual([])
      expect(recipients.length).toBeLessThan(2)
    })
  }

  test('says that it is not available, and when to come back, when nobody takes the letter', async () => {
    const mailer = smtpMailer(`smtp://user:dont-tell-me@127.0.0.1:${await freePort()}`, FROM)
    const error = await mailer.send(LETTER).catch((thrown: unknown) => thrown as Error)
    expect(error).toMatchObject({ name: 'Problem', code: 'unavailable', retryAfterSeconds: 30 })
    expect((error as Error).message).not.toContain('dont-tell-me')
  })
})
