import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { build } from '../support/doorward.ts'
import { openShell } from './shell.ts'

const KEY = Buffer.alloc(32, 5).toString('base64')
const DOCUMENT = {
  account: { subdomain: 'acme', name: 'Acme' },
  roles: [{ id: 10, name: 'Developers' }],
  users: [{ id: 7, email: 'sally@acme.test', password: 'correct horse', roles: [10] }],
}

beforeAll(() => build(), 120_000)

describe('doorward import and export', () => {
  test('bring a directory from one database to another, by file and by stream', async () => {
    const { folder, doorward } = await openShell()
    await writeFile(join(folder, 'acme.json'), JSON.stringify(DOCUMENT))
    expect(await doorward(['import', 'acme.json'])).toEqual({
      code: 0,
      out: 'Imported: roles 1 created; users 1 created\n',
      err: '',
    })
    const { code, out, err } = await doorward(['export'])
    expect([code, err]).toEqual([0, ''])
    expect(JSON.parse(out)).toMatchObject({
      account: { name: 'Acme' },
      users: [{ id: 7, email: 'sally@acme.test' }],
    })

    const MASTER_KEY = (await readFile(join(folder, 'data/master.key'), 'utf8')).trim()
    const env = { DATA_DIR: join(folder, 'elsewhere'), MASTER_KEY }
    expect((await doorward(['import', '-'], { stdin: out, env })).code).toBe(0)
    expect((await doorward(['export', '--output', '-'], { env })).out).toBe(out)
  })

  test('write the export for the owner alone, whole, over what was there', async () => {
    const { folder, doorward } = await openShell()
    await doorward(['import', '-'], { stdin: JSON.stringify(DOCUMENT) })
    const path = join(folder, 'out.json')
    await writeFile(path, 'old', { mode: 0o644 })
    expect(await doorward(['export', '--output', 'out.json'])).toEqual({ code: 0, out: '', err: '' })
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readFile(path, 'utf8')).toBe((await doorward(['export'])).out)
    expect((await readdir(folder)).sort()).toEqual(['data', 'out.json'])

    const { code, err } = await doorward(['export', '--output', 'no/where.json'])
    expect([code, err]).toEqual([1, expect.stringContaining('no/where.json')])
  })

  test('refuse a document with one list of what is wrong, and change nothing', async () => {
    const { doorward } = await openShell()
    const before = (await doorward(['export'])).out
    const stdin =
      'users:\n  - email: a@acme.test\n    password: hunter2\n  - email: b\n    password: hunter2\n    roles: [1]\n    nick: b\n'
    expect(await doorward(['import', '-'], { stdin })).toEqual({
      code: 1,
      out: '',
      err:
        'The document was not imported; 2 things are wrong with it:\n' +
        '  $.users[1].email must be an e-mail address\n' +
        '  $.users[1].nick is not a known key\n',
    })
    expect((await doorward(['export'])).out).toBe(before)
  })

  test('refuse what is no text, no file, or nothing', async () => {
    const { doorward } = await openShell()
    const utf16 = await doorward(['import', '-'], { stdin: Buffer.from(JSON.stringify(DOCUMENT), 'utf16le') })
    expect([utf16.code, utf16.err]).toEqual([1, expect.stringMatching(/NUL|UTF-8|JSON|YAML/)])
    expect(await doorward(['import', '-'], { stdin: Buffer.from([0x7b, 0xff]) })).toMatchObject({
      code: 1,
      err: 'doorward: The document is not UTF-8 text.\n',
    })
    expect(await doorward(['import', 'nowhere.json'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('nowhere.json'),
    })
    expect((await doorward(['import', '-'])).code).toBe(1)
  })

  test('stop at a wrong master key, before anything is read or written', async () => {
    const { doorward } = await openShell()
    await doorward(['import', '-'], { stdin: JSON.stringify(DOCUMENT) })
    const before = (await doorward(['export'])).out
    for (const args of [['export'], ['import', '-']]) {
      const { code, out, err } = await doorward(args, {
        stdin: '{"roles":[{"name":"x"}]}',
        env: { MASTER_KEY: KEY },
      })
      expect([code, out]).toEqual([1, ''])
      expect(err).toMatch(/^doorward: This database was made with another master key\. .*\n$/)
    }
    expect((await doorward(['export'])).out).toBe(before)
  })

  test('name a wrong setting, without a stack', async () => {
    const { doorward } = await openShell()
    expect(await doorward(['export'], { env: { PORT: 'many', MASTER_KEY: 'short' } })).toEqual({
      code: 1,
      out: '',
      err:
        'Settings to correct:\n  PORT must be a whole number from 0 to 65535\n' +
        '  MASTER_KEY must be 32 bytes in base64, as `openssl rand -base64 32` prints\n',
    })
  })
})

describe('doorward credentials', () => {
  test('are made with a secret that is shown once, listed, disabled, enabled and deleted', async () => {
    const { doorward } = await openShell()
    await doorward(['import', '-'], { stdin: JSON.stringify(DOCUMENT) })
    const args = ['--name', 'ci', '--scope', 'Read All', '--owner', 'sally@acme.test']
    const made = await doorward(['credentials', 'create', ...args])
    expect([made.code, made.out]).toEqual([
      0,
      expect.stringMatching(/^id            1\nclient_id     [0-9a-f]{64}\nclient_secret [0-9a-f]{64}\n$/),
    ])
    const [, secret = ''] = /client_secret (\S+)/.exec(made.out) ?? []
    const { out } = await doorward(['credentials', 'list', '--json'])
    expect(JSON.parse(out)).toMatchObject([{ id: 1, name: 'ci', owner_user_id: 7, enabled: true }])
    expect(out).not.toContain(secret)
    expect(await doorward(['credentials', 'disable', '1'])).toMatchObject({ code: 0, out: 'disabled ci\n' })
    const listed = (await doorward(['credentials', 'list'])).out
    expect(listed).toMatch(
      /^ID  NAME  SCOPE     STATE     OWNER            CLIENT ID\n1   ci    Read All  disabled  sally@acme\.test/,
    )
    expect(await doorward(['credentials', 'enable', '1'])).toMatchObject({ out: 'enabled ci\n' })
    expect(await doorward(['credentials', 'delete', '1'])).toMatchObject({ out: 'deleted ci\n' })
    expect(await doorward(['credentials', 'delete', '1'])).toMatchObject({
      code: 1,
      err: 'doorward: There is no API credential with the id 1.\n',
    })
    expect((await doorward(['credentials', 'disable', 'x'])).code).toBe(2)
    expect((await doorward(['embed-token', 'create'])).out).toMatch(/^[0-9a-f]{40}\n$/)
  }, 60_000)
})

/** People with a hash, so that importing them costs no Argon2. */
const crowd = (count: number, change: (i: number) => object = () => ({})) => ({
  users: Array.from({ length: count }, (_, i) => ({
    id: i + 1,
    email: `person${i}@acme.test`,
    username: `person${i}`,
    firstname: 'Person',
    lastname: String(i),
    password_hash: `$2b$10$${'a'.repeat(53)}`,
    ...change(i),
  })),
})

describe('doorward import and export of a crowd', () => {
  test('pass 8,000 people by stream through memory that would not hold them, and leave no file behind', async () => {
    const { folder, doorward } = await openShell()
    const env = { NODE_OPTIONS: '--max-old-space-size=56' }
    const stdin = JSON.stringify(crowd(8000))
    expect(await doorward(['import', '-'], { stdin, env })).toEqual({
      code: 0,
      out: 'Imported: users 8000 created\n',
      err: '',
    })
    const { code } = await doorward(['export', '-o', 'out.json'], { env })
    const { users } = JSON.parse(await readFile(join(folder, 'out.json'), 'utf8')) as {
      users: { id: number }[]
    }
    expect([code, users.length, users.at(-1)!.id]).toEqual([0, 8000, 8000])
    expect((await readdir(join(folder, 'data'))).sort()).toEqual(['doorward.db', 'master.key'])
  }, 120_000)

  test('draw a bar on a terminal', async () => {
    const { file, doorward } = await openShell()
    await file('crowd.json', JSON.stringify(crowd(1200)))
    const imported = await doorward(['import', 'crowd.json'], { terminal: true })
    expect(imported.out).toMatch(/reading .*\d%.*left/)
    expect(imported.out).toMatch(/writing .*100% of 1,200/)
    expect(imported.out).toContain('Imported: users 1200 created')
    const exported = await doorward(['export', '-o', 'out.json'], { terminal: true })
    expect(exported.out).toMatch(/exporting .*100% of 1,200/)
  }, 30_000)

  test('say how many things are wrong when they are too many to tell', async () => {
    const { doorward } = await openShell()
    const { code, err } = await doorward(['import', '-'], {
      stdin: JSON.stringify(crowd(1500, () => ({ nick: 1 }))),
    })
    expect(code).toBe(1)
    expect(err).toMatch(
      /^The document was not imported; 1500 things are wrong with it, of which these are the first 1000:\n/,
    )
    expect(err.split('\n')).toHaveLength(1002)
  })
})

describe('doorward', () => {
  test.each([
    [[], 'Usage: doorward'],
    [['imprt'], 'unknown command'],
    [['import'], "missing required argument 'file'"],
    [['import', 'a', 'b'], 'too many arguments'],
    [['export', '--outptu', 'x'], 'unknown option'],
    [['export', '--output'], 'argument missing'],
  ])('%j is not understood and exits with 2', async (args, text) => {
    const { doorward } = await openShell()
    const { code, out, err } = await doorward(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).toContain(text)
  })

  test.each([[['--help']], [['help']], [['import', '--help']]])(
    '%j explains and exits with 0',
    async (args) => {
      const { doorward } = await openShell()
      const { code, out, err } = await doorward(args)
      expect([code, err]).toEqual([0, ''])
      expect(out).toContain('Usage: doorward')
    },
  )
})
