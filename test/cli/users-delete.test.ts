import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { build } from '../support/doorward.ts'
import { CLIENTS, company, type ScopeName } from '../support/people.ts'
import { openShell, type CommandOptions } from './shell.ts'

const CROWD = Array.from({ length: 60 }, (_, i) => ({
  id: 1000 + i,
  email: `crowd${i}@acme.test`,
  username: `crowd${i}`,
}))

let app: TestApp
beforeAll(async () => {
  build()
  const document = company()
  app = await startApp({ document: { ...document, users: [...document.users!, ...CROWD] } })
}, 120_000)
afterAll(() => app.close())

interface Run extends CommandOptions {
  csv: string | Buffer
  args?: string[]
  url?: string
  scope?: ScopeName
}

/** Runs `doorward users delete` on a file of these bytes. */
async function deleteUsers({ csv, args = [], url = app.url, scope = 'Manage All', env, ...options }: Run) {
  const shell = await openShell()
  const { id, secret } = CLIENTS[scope]
  await shell.file('users.csv', csv)
  const command = ['users', 'delete', '--file', 'users.csv', '--url', url, '--client-id', id, ...args]
  return shell.doorward(command, { env: env ?? { DOORWARD_CLIENT_SECRET: secret }, ...options })
}

const exists = async (id: number) =>
  (await app.ctx.db.selectFrom('users').select('id').where('id', '=', id).execute()).length === 1
const everybody = async () => (await app.ctx.db.selectFrom('users').select('id').execute()).length

describe('doorward users delete', () => {
  test('says what it would do, and does nothing, unless told otherwise', async () => {
    const before = await everybody()
    const csv = 'id\n1000\n'
    for (const args of [[], ['--dry-run']]) {
      expect(await deleteUsers({ csv, args })).toEqual({
        code: 0,
        out:
          'line 2: would delete 1000 (crowd0@acme.test, crowd0)\n' +
          'Dry run of 1 row: 1 would be deleted.\nNobody was deleted. To delete them, give --no-dry-run.\n',
        err: '',
      })
    }
    expect(await everybody()).toBe(before)
  })

  test('deletes by id, username and e-mail, and finds nobody left when it is run again', async () => {
    const csv =
      'email,ignored,username,id\n,x,,1001\n,,CROWD2,\nCrowd3@acme.test,,,\ncrowd4@acme.test,,crowd4,1004\n'
    const first = await deleteUsers({ csv, args: ['--no-dry-run'] })
    expect(first).toMatchObject({ code: 0, err: '' })
    expect(first.out).toContain('line 3: deleted 1002 (crowd2@acme.test, crowd2)\n')
    expect(first.out).toMatch(/\nOf 4 rows: 4 deleted\.\n$/)
    for (const id of [1001, 1002, 1003, 1004]) expect([id, await exists(id)]).toEqual([id, false])
    expect(await exists(1005)).toBe(true)

    const again = await deleteUsers({ csv, args: ['--no-dry-run'] })
    expect(again.code).toBe(0)
    expect(again.out).toContain('line 3: skipped, nobody is username CROWD2\n')
    expect(again.out).toMatch(/\nOf 4 rows: 0 deleted, 4 unknown\.\n$/)
  })

  test('skips rows that name several people or nobody, each with its line, and goes on', async () => {
    const csv = [
      'id,username,email',
      '1010,,crowd11@acme.test',
      '1012,crowd13,',
      '99,,crowd14@acme.test',
      '',
      ',nobody,',
      ',crowd15,nobody@acme.test',
      '1016,,',
    ].join('\n')
    const before = await everybody()
    const { code, out } = await deleteUsers({ csv, args: ['--no-dry-run'] })
    expect(out.split('\n')).toEqual([
      'line 2: skipped, ambiguous: id 1010 is 1010, email crowd11@acme.test is 1011',
      'line 3: skipped, ambiguous: id 1012 is 1012, username crowd13 is 1013',
      'line 4: skipped, ambiguous: id 99 is nobody, email crowd14@acme.test is 1014',
      'line 6: skipped, nobody is username nobody',
      'line 7: skipped, ambiguous: username crowd15 is 1015, email nobody@acme.test is nobody',
      'line 8: deleted 1016 (crowd16@acme.test, crowd16)',
      'Of 6 rows: 1 deleted, 1 unknown, 4 ambiguous.',
      '',
    ])
    expect(code).toBe(3)
    expect(await everybody()).toBe(before - 1)
  })

  test('takes no cell for a pattern, and no id that is none', async () => {
    const before = await everybody()
    const csv =
      'id,email\n,*\n,!crowd20@acme.test\n,*@acme.test\n1e3,\n-1,\n1020 or 1=1,\n0,\n"1,021",\n,%\n../1020,\n'
    const { code, out } = await deleteUsers({ csv, args: ['--no-dry-run'] })
    expect([code, await everybody()]).toEqual([3, before])
    expect(out).toContain('line 2: skipped, it has ! or * in email, which look for many: give an id\n')
    expect(out).toMatch(/\nOf 10 rows: 0 deleted, 1 unknown, 9 faulty\.\n$/)
  })

  test('reads a byte order mark, quotes, CRLF, empty lines and line breaks in cells', async () => {
    const csv =
      '\ufeff"email" , id\r\n\r\n"crowd21@acme.test",1021\r\n  \r\n"crowd\n22@acme.test",\r\n crowd23@acme.test ,\r\n'
    const { code, out } = await deleteUsers({ csv })
    expect(out.split('\n').slice(0, 4)).toEqual([
      'line 3: would delete 1021 (crowd21@acme.test, crowd21)',
      'line 5: skipped, nobody is email crowd\\u000a22@acme.test',
      'line 7: would delete 1023 (crowd23@acme.test, crowd23)',
      'Dry run of 3 rows: 2 would be deleted, 1 unknown.',
    ])
    expect(code).toBe(0)
  })

  test('deletes a person once, whichever rows name them', async () => {
    const csv =
      'id,email\n1024,\n,crowd24@acme.test\n1024,crowd24@acme.test\n,crowd25@acme.test\n,CROWD25@acme.test\n'
    const lines = (out: string) => out.split('\n').slice(0, 5)
    const dry = await deleteUsers({ csv })
    expect(lines(dry.out).map((line) => /skipped.*|would delete \d+/.exec(line)?.[0])).toEqual([
      'would delete 1024',
      'skipped, the same as line 2',
      'skipped, the same as line 2',
      'would delete 1025',
      'skipped, the same as line 5',
    ])
    const { code, out } = await deleteUsers({ csv, args: ['--no-dry-run'] })
    expect([code, out]).toEqual([0, expect.stringMatching(/\nOf 5 rows: 2 deleted, .*\.\n$/)])
  })

  const NOT_A_FILE: [what: string, csv: string | Buffer, complaint: RegExp][] = [
    ['an empty file', '', /users\.csv is empty\.$/m],
    ['a header in another case', 'ID,Email\n1030,\n', /The column "ID" .* lower case: id$/m],
    ['none of the columns', 'name\ncrowd30\n', /names none of the columns id, username, email\.$/m],
    ['a column twice', 'id,id\n1030,1031\n', /has the column id twice\.$/m],
    ['a quote that is never closed', 'id\n1030\n"1031\n', /is not CSV: Quote Not Closed/],
    ['a quote inside a cell', 'id,email\n1030,a"b\n', /is not CSV: /],
    ['UTF-16', Buffer.from('\ufeffid\n1030\n', 'utf16le'), /is not UTF-8 text/],
    ['Latin-1', Buffer.from('id,email\n1030,\n,m\xfcller@acme.test\n', 'latin1'), /is not UTF-8 text/],
    ['a row without an end', `id\n1030\n"${'x'.repeat(100_000)}`, /is not CSV: Max Record Size/],
  ]
  test.each(NOT_A_FILE)('refuses %s before anybody is deleted', async (_what, csv, complaint) => {
    const { code, out, err } = await deleteUsers({ csv, args: ['--no-dry-run'] })
    expect([code, out, err]).toEqual([1, '', expect.stringMatching(complaint)])
    expect(await exists(1030)).toBe(true)
  })

  test('prints one JSON object when asked', async () => {
    const csv = 'username\ncrowd31\nnobody\n*\n'
    const { code, out, err } = await deleteUsers({ csv, args: ['--json'] })
    expect([code, err, out.split('\n').length]).toEqual([3, '', 2])
    expect(JSON.parse(out)).toEqual({
      dry_run: true,
      rows: 3,
      deleted: 1,
      unknown: 1,
      ambiguous: 0,
      duplicate: 0,
      faulty: 1,
      failed: 0,
      stopped: null,
      skipped: [
        { line: 3, because: 'unknown', detail: 'skipped, nobody is username nobody' },
        { line: 4, because: 'faulty', detail: expect.stringContaining('give an id') },
      ],
    })
  })

  test('deletes nobody with a credential that may not', async () => {
    const { code, out, err } = await deleteUsers({
      csv: 'id\n1032\n',
      args: ['--no-dry-run'],
      scope: 'Read All',
    })
    expect([code, err]).toEqual([1, expect.stringContaining('401 Insufficient Permission')])
    expect(out).toBe('Of 0 rows: 0 deleted.\n')
    expect(await exists(1032)).toBe(true)
  })

  test('takes the secret from the environment only, and says what is missing', async () => {
    const csv = 'id\n1033\n'
    const none = await deleteUsers({ csv, env: {} })
    expect([none.code, none.err]).toEqual([1, expect.stringContaining('DOORWARD_CLIENT_SECRET')])
    const wrong = await deleteUsers({ csv, env: { DOORWARD_CLIENT_SECRET: 'wrong-secret-of-nobody' } })
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining('401 Authentication Failure')])
    expect(wrong.err + wrong.out).not.toContain('wrong-secret-of-nobody')
    const argument = await deleteUsers({ csv, args: ['--client-secret', 'x'] })
    expect([argument.code, argument.err]).toEqual([2, expect.stringContaining('unknown option')])
  })

  test('asks for the secret on a terminal without showing it, and draws a bar there', async () => {
    const { secret } = CLIENTS['Manage All']
    const csv = `id\n${CROWD.slice(34, 50)
      .map(({ id }) => id)
      .join('\n')}\n`
    const { code, out } = await deleteUsers({ csv, env: {}, terminal: true, stdin: `${secret}x\u007f\r` })
    expect(code).toBe(0)
    expect(out).toContain('Client secret: ')
    expect(out).not.toContain(secret)
    expect(out).toMatch(/of 16 rows, .* left/)
    expect(out).toContain('line 17: would delete 1049')
    expect(out).toContain('Dry run of 16 rows: 16 would be deleted.')
  }, 30_000)
})

type Handler = (req: IncomingMessage, res: ServerResponse, calls: string[]) => void

/** A server that gives a token, knows user 7 as `ada`, and otherwise behaves as the test wants. */
async function standIn(handle: Handler): Promise<{ url: string; calls: string[] }> {
  const calls: string[] = []
  const server = createServer((req, res) => {
    const call = `${req.method} ${req.url}`
    calls.push(call)
    if (req.url!.startsWith('/auth/')) return json(res, 200, { access_token: 'a'.repeat(64) })
    handle(
      req,
      res,
      calls.filter((other) => other === call),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => server.closeAllConnections())
  onTestFinished(() => void server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, calls }
}

const json = (res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}) =>
  res.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
const ADA = { id: 7, email: 'ada@acme.test', username: 'ada' }
const success = (data?: unknown) => ({
  status: { error: false, code: 200, type: 'success', message: 'Success' },
  data,
})
const said = (code: number, message: string) => ({ status: { error: true, code, type: 'x', message } })
const known: Handler = (req, res) => json(res, 200, success(req.method === 'GET' ? [ADA] : undefined))

describe('doorward users delete, against a server that', () => {
  const real = ['--no-dry-run']

  test('lets no more requests in waits as long as it is told, then goes on', async () => {
    const { url, calls } = await standIn((req, res, same) => {
      if (same.length > 1) return known(req, res, same)
      const headers = req.method === 'GET' ? { 'retry-after': '0' } : { 'x-ratelimit-reset': '1' }
      res.writeHead(429, { 'content-type': 'text/html', ...headers }).end('<h1>Too many</h1>')
    })
    const start = performance.now()
    const { code, out, err } = await deleteUsers({ csv: 'id\n7\n', args: real, url })
    expect([code, out]).toEqual([0, expect.stringContaining('line 2: deleted 7')])
    expect(err).toBe(
      'The server lets no more requests in for 0 s: waiting.\nThe server lets no more requests in for 1 s: waiting.\n',
    )
    expect(performance.now() - start).toBeGreaterThan(1000)
    expect(calls).toHaveLength(5)
  })

  test('fails or hangs up now and then is asked again', async () => {
    const { url } = await standIn((req, res, same) => {
      if (same.length === 1) return void req.socket.destroy()
      if (same.length === 2)
        return void res.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad</h1>')
      return known(req, res, same)
    })
    expect(await deleteUsers({ csv: 'id\n7\n', args: real, url })).toMatchObject({ code: 0, err: '' })
  })

  test('fails for good stops the run at that line, and what was done is told', async () => {
    const { url } = await standIn((req, res, same) =>
      req.url!.includes('/8') ? json(res, 500, {}) : known(req, res, same),
    )
    const { code, out, err } = await deleteUsers({ csv: 'id\n7\n8\n9\n', args: real, url })
    expect([code, out]).toEqual([1, 'line 2: deleted 7 (ada@acme.test, ada)\nOf 1 row: 1 deleted.\n'])
    expect(err).toMatch(/^doorward: Stopped at line 3\. http:.* answers 500, after 6 tries\.\n$/)
  }, 30_000)

  test('refuses one person is not asked again, and the run goes on', async () => {
    const { url, calls } = await standIn((req, res, same) => {
      if (req.method === 'DELETE' && same.length < 9)
        return json(res, 403, said(403, 'user is not authorized to access this User\u001b[2J'))
      return known(req, res, same)
    })
    const { code, out } = await deleteUsers({ csv: 'id\n7\n', args: real, url })
    expect([code, out]).toEqual([
      3,
      expect.stringContaining(
        'the server refuses: 403 user is not authorized to access this User\\u001b[2J\n',
      ),
    ])
    expect(calls.filter((call) => call.startsWith('DELETE'))).toHaveLength(1)
  })

  test('has forgotten the token gets a new one', async () => {
    const { url } = await standIn((req, res, same) =>
      req.method === 'DELETE' && same.length === 1
        ? json(res, 401, said(401, 'Authentication Failure'))
        : known(req, res, same),
    )
    expect(await deleteUsers({ csv: 'id\n7\n', args: real, url })).toMatchObject({ code: 0 })
  })

  test('lost the race for a person is no failure', async () => {
    const { url } = await standIn((req, res, same) =>
      req.method === 'DELETE'
        ? json(res, 404, said(404, 'User for id 7 was not found'))
        : known(req, res, same),
    )
    const { code, out } = await deleteUsers({ csv: 'id\n7\n', args: real, url })
    expect([code, out]).toEqual([0, expect.stringContaining('Of 1 row: 0 deleted, 1 unknown.')])
  })

  test('finds several people for one name has the row skipped', async () => {
    const { url, calls } = await standIn((_req, res) => json(res, 200, success([ADA, { ...ADA, id: 8 }])))
    const { code, out } = await deleteUsers({ csv: 'username\nada\n', args: real, url })
    expect([code, out]).toEqual([3, expect.stringContaining('ambiguous: username ada is 7 and 8\n')])
    expect(calls.filter((call) => call.startsWith('DELETE'))).toEqual([])
  })

  const STRANGE: [what: string, handle: Handler, complaint: string][] = [
    ['answers with pages', (_req, res) => void res.end('<!doctype html><h1>Sign in</h1>'), 'is --url right?'],
    [
      'redirects',
      (_req, res) => void res.writeHead(302, { location: 'https://evil.test/' }).end(),
      'https://evil.test/',
    ],
    [
      'knows no filters',
      (_req, res) => void json(res, 200, success([{ ...ADA, id: 9, email: 'x@y' }])),
      'other people',
    ],
    [
      'answers with nobody we asked for',
      (_req, res) => void json(res, 200, success([{ email: 'zoe' }])),
      'no id',
    ],
    ['answers with null', (_req, res) => void json(res, 200, null), 'is --url right?'],
    ['lists no list', (_req, res) => void json(res, 200, success({ id: 7 })), 'no list of people'],
  ]
  test.each(STRANGE)('%s has nobody deleted', async (_what, handle, complaint) => {
    const { url, calls } = await standIn(handle)
    const { code, err } = await deleteUsers({ csv: 'email\nada@acme.test\n', args: real, url })
    expect([code, err]).toEqual([1, expect.stringContaining(complaint)])
    expect(calls.filter((call) => call.startsWith('DELETE'))).toEqual([])
  })

  test('gives tokens in pages instead of JSON is told from one that refuses the secret', async () => {
    const { url } = await standIn(known)
    const { code, err } = await deleteUsers({ csv: 'id\n7\n', url: `${url}/login` })
    expect([code, err]).toEqual([1, expect.stringContaining('no access token')])
  })
})

test('doorward users delete reads 100,000 rows in memory that does not grow with the file', async () => {
  const rows = 100_000
  const csv = `id,email\n${Array.from({ length: rows }, (_, i) => `x${i},crowd${i}@acme.test\n`).join('')}`
  const env = { DOORWARD_CLIENT_SECRET: 'x', NODE_OPTIONS: '--max-old-space-size=30' }
  const { code, out } = await deleteUsers({ csv, args: ['--json'], env })
  const summary = JSON.parse(out) as { rows: number; faulty: number; skipped: unknown[] }
  expect([code, summary.rows, summary.faulty, summary.skipped.length]).toEqual([3, rows, rows, 1000])
}, 60_000)
