import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { CLIENTS } from '../support/people.ts'

interface Runner {
  language: string
  file: string
  command: string
  username: string
  /** On every machine that runs these tests; the others are run where they are installed. */
  always?: true
}

const RUNNERS: Record<string, Runner> = {
  js: {
    language: 'Node',
    file: 'create-user.mjs',
    command: process.execPath,
    username: 'nora.node',
    always: true,
  },
  python: {
    language: 'Python',
    file: 'create_user.py',
    command: 'python3',
    username: 'pia.python',
    always: true,
  },
  java: { language: 'Java', file: 'CreateUser.java', command: 'java', username: 'jo.java' },
  ruby: { language: 'Ruby', file: 'create_user.rb', command: 'ruby', username: 'ria.ruby' },
  php: { language: 'PHP', file: 'create_user.php', command: 'php', username: 'pat.php' },
}

const run = promisify(execFile)
const has = (command: string) =>
  run(command, [command === 'java' ? '-version' : '--version']).then(
    () => true,
    () => false,
  )

let app: TestApp
let folder: string
let samples: Map<string, string>
beforeAll(async () => {
  app = await startApp()
  folder = await mkdtemp(join(tmpdir(), 'doorward-samples-'))
  const page = await readFile(resolve(import.meta.dirname, '../../docs/create-a-user.md'), 'utf8')
  samples = new Map(
    [...page.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, name, code]) => [name!, code!]),
  )
})
afterAll(async () => {
  await app.close()
  await rm(folder, { recursive: true, force: true })
})

describe('The sample that creates a user', () => {
  test('is there in six languages, and each asks our two addresses with a credential of its own', () => {
    expect([...samples.keys()].sort()).toEqual(['csharp', 'java', 'js', 'php', 'python', 'ruby'])
    for (const [language, code] of samples) {
      for (const part of [
        '/auth/oauth2/v2/token',
        '/api/1/users',
        'DOORWARD_URL',
        'CLIENT_ID',
        'CLIENT_SECRET',
        'client_credentials',
        'bearer:',
        'firstname',
        'lastname',
        'username',
      ])
        // prettier-ignore
        expect([language, part, code.includes(part)]).toEqual([language, part, true])
      expect([language, /onelogin/i.test(code)]).toEqual([language, false])
    }
  })

  test.each(Object.entries(RUNNERS))(
    'in %s makes the person and prints their id',
    async (name, runner) => {
      if (!runner.always && !(await has(runner.command))) return
      const file = join(folder, runner.file)
      await writeFile(file, samples.get(name)!)
      const { id, secret } = CLIENTS['Manage Users']
      const env = {
        PATH: process.env.PATH,
        HOME: folder,
        DOORWARD_URL: app.url,
        CLIENT_ID: id,
        CLIENT_SECRET: secret,
      }
      const { stdout } = await run(runner.command, [file], { env })
      const user = await app.ctx.users.findByLogin(runner.username)
      expect(user).toMatchObject({ email: `${runner.username}@example.com`, status: 7, state: 1 })
      expect(stdout.trim()).toBe(String(user!.id))
      await expect(run(runner.command, [file], { env })).rejects.toThrow() // the same person a second time
    },
    60_000,
  )
})
