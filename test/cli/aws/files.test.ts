import { chmodSync, lstatSync, mkdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { keysIn, withKeys, withSectionRenamed } from '../../../cli/aws/ini.ts'
import { processCommand, word } from '../../../cli/aws/process-command.ts'
import { shellLines } from '../../../cli/aws/shells.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import type { Sts } from '../../support/sts.ts'
import { aLaptop, awsFor, signedInLaptop, type Laptop } from './laptop.ts'

describe('a configuration file that is edited', () => {
  const OLD =
    '# mine\r\n[profile a]\r\nregion = eu-west-1\r\ns3 =\r\n  max = 5\r\n\r\n; the other\r\n[profile b]\r\nOutput=json'

  test('keeps comments, order, line ends and what is not ours', () => {
    expect(withKeys(OLD, 'profile a', { credential_process: 'x' })).toBe(
      OLD.replace('  max = 5\r\n', '  max = 5\r\ncredential_process = x\r\n'),
    )
  })
  test('changes a key where it stands', () => {
    expect(withKeys(OLD, 'profile a', { region: 'us-east-1' })).toBe(OLD.replace('eu-west-1', 'us-east-1'))
  })
  test('gets a key after a last line that has no end, and has none again', () => {
    expect(withKeys(OLD, 'profile b', { region: 'x' })).toBe(`${OLD}\r\nregion = x`)
  })
  test('gets a new section at its end', () => {
    expect(withKeys('', 'profile c', { region: 'x' })).toBe('[profile c]\nregion = x\n')
    expect(withKeys('[a]\nb = 1', 'profile c', { region: 'x' })).toBe(
      '[a]\nb = 1\n\n[profile c]\nregion = x\n',
    )
  })
  test('is left alone where a section is there twice, or a name is taken', () => {
    expect(() => withKeys('[a]\n[a]\n', 'a', { b: '1' })).toThrow(/there twice/)
    expect(() => withSectionRenamed('[a]\n[b]\n', 'a', 'b')).toThrow(/already/)
  })
  test('is read as AWS reads it', () => {
    expect(keysIn(OLD, 'profile b')).toEqual({ output: 'json' })
    expect(keysIn(OLD, 'profile c')).toBeUndefined()
  })
})

describe('a command of a profile', () => {
  test('is absolute, and written so that shells and botocore read the same', () => {
    const where = {
      node: '/opt/my node/bin/node',
      script: '/opt/doorward/cli/doorward.js',
      platform: 'linux',
    } as const
    expect(processCommand({ session: 'default', role: '111122223333/Dev' }, where)).toBe(
      '"/opt/my node/bin/node" /opt/doorward/cli/doorward.js aws credentials --role 111122223333/Dev',
    )
    expect(word('a$b', 'linux')).toBe("'a$b'")
    expect(() => word(`a$b'c`, 'linux')).toThrow(/cannot be written/)
  })
})

test('each shell gets values that it reads as they are', () => {
  const value = { X: `a'b"c$d\\e` }
  expect(shellLines('bash', value)).toBe(`export X='a'\\''b"c$d\\e'`)
  expect(shellLines('fish', value)).toBe(`set -gx X 'a\\'b"c$d\\\\e'`)
  expect(shellLines('powershell', { ...value, Y: undefined })).toBe(
    `$Env:X = 'a''b"c$d\\e'\nRemove-Item Env:Y -ErrorAction SilentlyContinue`,
  )
})

describe('with somebody signed in', () => {
  let app: TestApp
  let sts: Sts
  beforeAll(async () => {
    app = await startApp({ startIso: new Date().toISOString() })
    sts = await awsFor(app)
  })
  afterAll(async () => {
    await sts.close()
    await app.close()
  })
  const signedIn = (): Promise<Laptop> => signedInLaptop(app, sts)

  test('configure writes a profile behind a link, with the mode of the file', async () => {
    const laptop = await signedIn()
    mkdirSync(laptop.path('.aws'))
    writeFileSync(laptop.path('real'), '# mine\n', { mode: 0o640 })
    chmodSync(laptop.path('real'), 0o640)
    symlinkSync('../real', laptop.path('.aws', 'config'))
    const { code, stdout } = await laptop.aws(['configure', '--role', 'Dev', '--profile', 'dev'])
    expect([code, stdout]).toEqual([0, expect.stringContaining('aws sts get-caller-identity --profile dev')])
    expect(laptop.read('real')).toMatch(
      /^# mine\n\n\[profile dev\]\ncredential_process = \S+ \S+ aws credentials --role 111122223333\/Dev\nregion = us-east-1\n$/,
    )
    expect(lstatSync(laptop.path('.aws', 'config')).isSymbolicLink()).toBe(true)
    expect(statSync(laptop.path('real')).mode & 0o777).toBe(0o640)
  })

  test('configure refuses a profile whose keys would win, and moves them when it is told to', async () => {
    const laptop = await signedIn()
    laptop.write('.aws/credentials', '[dev]\naws_access_key_id = AKIAOLD\naws_secret_access_key = old\n')
    const refused = await laptop.aws(['configure', '--role', 'Dev', '--profile', 'dev'])
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringMatching(/has keys of \[dev\], which would win/),
    ])
    expect((await laptop.aws(['doctor'])).stdout).toMatch(/warn +profiles +none/)
    expect((await laptop.aws(['configure', '--role', 'Dev', '--profile', 'dev', '--move-static'])).code).toBe(
      0,
    )
    expect(laptop.read('.aws/credentials')).toMatch(/^\[dev-static\]\n/)
  })

  test('configure leaves a read-only file as it is, and says so', async () => {
    const laptop = await signedIn()
    laptop.write('.aws/config', '# mine\n')
    chmodSync(laptop.path('.aws', 'config'), 0o400)
    const { code, stderr } = await laptop.aws(['configure', '--role', 'Dev', '--profile', 'dev'])
    expect([code, stderr]).toEqual([2, expect.stringMatching(/is read-only/)])
    expect(laptop.read('.aws/config')).toBe('# mine\n')
  })

  test('two that configure at once both leave their profile', async () => {
    const laptop = await signedIn()
    await Promise.all(
      ['one', 'two'].map((name) => laptop.aws(['configure', '--role', 'Dev', '--profile', name])),
    )
    expect(laptop.read('.aws/config')).toMatch(/\[profile one\]/)
    expect(laptop.read('.aws/config')).toMatch(/\[profile two\]/)
  })

  test('exec runs a command as the role, with no other keys beside, and ends as it ends', async () => {
    const laptop = await signedIn()
    const env = { AWS_PROFILE: 'other', AWS_ACCESS_KEY_ID: 'AKIAOLD' }
    const shown = await laptop.aws(
      [
        'exec',
        '--role',
        'Dev',
        '--',
        'sh',
        '-c',
        'echo "$AWS_PROFILE/$AWS_ACCESS_KEY_ID/$AWS_DEFAULT_REGION"; exit 7',
      ],
      { env },
    )
    expect(shown.code).toBe(7)
    expect(shown.stdout).toMatch(/^\/ASIA\w+\/us-east-1\n$/)
    expect((await laptop.aws(['exec', '--role', 'Dev', '--', 'no-such-program'])).code).toBe(127)
    expect((await laptop.aws(['exec', '--role', 'Dev', '--', 'sh', '-c', 'kill -TERM $$'])).code).toBe(143)
  })

  test('env gives lines that a shell takes', async () => {
    const laptop = await signedIn()
    const { stdout } = await laptop.aws(['env', '--role', 'Dev', '--shell', 'bash'])
    const { stdout: key } = await laptop.run('sh', ['-c', `${stdout}\necho "$AWS_ACCESS_KEY_ID"`])
    expect(key).toMatch(/^ASIA\w+\n$/)
  })

  test('the container endpoint answers who knows its token, and no browser', async () => {
    const laptop = await signedIn()
    const script = `
      const { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, AWS_CONTAINER_AUTHORIZATION_TOKEN: token } = process.env
      const http = await import('node:http')
      const ask = (headers, method = 'GET') => new Promise((done) => http.request(url, { method, headers }, (res) => {
        let text = ''; res.on('data', (c) => (text += c)); res.on('end', () => done([res.statusCode, Object.keys(JSON.parse(text)).join()]))
      }).end())
      console.log(JSON.stringify([
        await ask({ authorization: token }), await ask({}), await ask({ authorization: token + 'x' }),
        await ask({ authorization: token, host: 'evil.test' }), await ask({ authorization: token, origin: 'https://evil.test' }),
        await ask({ authorization: token, 'sec-fetch-site': 'cross-site' }), await ask({ authorization: token }, 'POST'),
      ]))`
    const { stdout, stderr } = await laptop.aws([
      'exec',
      '--role',
      'Dev',
      '--server',
      '--',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
    ])
    expect(stderr).toBe('')
    expect(JSON.parse(stdout)).toEqual([
      [200, 'AccessKeyId,SecretAccessKey,Token,Expiration,AccountId,RoleArn'],
      ...[403, 403, 403, 403, 403, 405].map((status) => [status, 'code,message']),
    ])
  })

  test('roles, aliases and whoami tell what there is', async () => {
    const laptop = await signedIn()
    expect((await laptop.aws(['roles'])).stdout).toMatch(/111122223333\/Dev +111122223333 +Dev +AWS/)
    expect((await laptop.aws(['alias', 'work', 'Dev'])).code).toBe(0)
    expect((await laptop.aws(['credentials', '--role', 'work'])).code).toBe(0)
    expect(JSON.parse((await laptop.aws(['whoami', '--json'])).stdout)).toMatchObject({
      user: { email: 'bob@acme.test' },
    })
    expect((await laptop.aws(['alias', 'work', '--remove'])).code).toBe(0)
    expect((await laptop.aws(['credentials', '--role', 'work'])).code).toBe(4)
  })

  test('logout ends the session on the server and leaves nothing here', async () => {
    const laptop = await signedIn()
    await laptop.aws(['credentials', '--role', 'Dev'])
    expect(await laptop.aws(['logout'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Signed out'),
    })
    expect((await laptop.aws(['credentials', '--role', 'Dev'])).code).toBe(3)
    const { data } = (await app.call('GET', '/api/1/broker_sessions?user_id=8', { token: await app.token() }))
      .json
    expect(
      data
        .flat()
        .filter(
          (one: { device_name: string; created_at: string }) => Date.parse(one.created_at) > app.clock.now(),
        ),
    ).toEqual([])
  })

  test('doctor finds nothing wrong where nothing is', async () => {
    const laptop = await signedIn()
    await laptop.aws(['configure', '--role', 'Dev', '--profile', 'dev'])
    const { code, stdout } = await laptop.aws(['doctor', '--json'])
    expect([
      code,
      (JSON.parse(stdout) as { verdict: string }[]).filter(({ verdict }) => verdict === 'fail'),
    ]).toEqual([0, []])
  })

  test('completion names every command in each shell', async () => {
    const laptop = await aLaptop(app, sts)
    for (const shell of ['bash', 'zsh', 'fish', 'powershell'])
      expect((await laptop.aws(['completion', shell])).stdout).toMatch(
        /credentials[^]*configure|configure[^]*credentials/,
      )
    const { stdout } = await laptop.aws(['completion', 'bash'])
    expect((await laptop.run('bash', ['-n', '-c', stdout])).code).toBe(0)
  })
})
