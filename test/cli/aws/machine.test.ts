import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { withLock } from '../../../cli/aws/lock.ts'
import { consoleHosts, regionFor, stsEndpoint } from '../../../cli/aws/region.ts'
import {
  agree,
  aLaptop,
  bobsBrowser,
  COMMAND,
  type Laptop,
  serverAndAws,
  signedInLaptop,
  sshAgent,
} from './laptop.ts'

const at = serverAndAws()

const DEV = ['credentials', '--role', 'Dev']
const signedIn = (): Promise<Laptop> => signedInLaptop(at.app, at.sts)
const sh = (laptop: Laptop, script: string) => laptop.run('sh', ['-c', script, process.execPath, COMMAND])

describe('a clock that is wrong', () => {
  /** The command on a machine whose clock is off. */
  const offBy = (laptop: Laptop, by: string, args: string[]) =>
    laptop.run('faketime', ['-f', by, process.execPath, COMMAND, 'aws', ...args], {
      env: { FAKETIME_DONT_FAKE_MONOTONIC: '1' },
    })

  test.each([
    ['+10m', /is 6[01]\d s ahead of the server's: AWS will refuse its requests \(SignatureDoesNotMatch/],
    ['-10m', /is (59|60)\d s behind the server's: AWS will refuse/],
    ['+2m', /is 1[23]\d s ahead of the server's\. Set it right before AWS refuses/],
  ])('by %s is told at sign-in and by doctor, and hinders nothing here', async (by, words) => {
    const laptop = await aLaptop(at.app, at.sts)
    const browser = await bobsBrowser(at.app)
    const said = offBy(laptop, by, ['login'])
    await agree(browser, await laptop.opened())
    const { code, stderr } = await said
    expect([code, stderr]).toEqual([0, expect.stringMatching(words)])
    expect(await offBy(laptop, by, DEV)).toMatchObject({ code: 0, stderr: '' })
    expect((await offBy(laptop, by, ['doctor'])).stdout).toMatch(words)
  })

  test('by a few seconds is not worth a word', async () => {
    const laptop = await aLaptop(at.app, at.sts)
    const browser = await bobsBrowser(at.app)
    const said = offBy(laptop, '+20s', ['login'])
    await agree(browser, await laptop.opened())
    expect((await said).stderr).not.toMatch(/clock/i)
  })
})

describe('a disk without room', () => {
  /** No file can be written from here on, as on a full disk. */
  const FULL = `trap '' XFSZ; ulimit -f 0; exec "$0" "$1"`

  test('does not keep credentials from coming', async () => {
    const laptop = await signedIn()
    const { code, stdout, stderr } = await sh(laptop, `${FULL} aws credentials --role Dev`)
    expect([code, stderr]).toEqual([0, ''])
    expect(JSON.parse(stdout)).toMatchObject({ Version: 1 })
  })

  test('ends no session: nothing is refreshed that could not be kept', async () => {
    const laptop = await signedIn()
    await at.app.advance(3600)
    const full = await sh(laptop, `${FULL} aws credentials --role Dev`)
    expect([full.code, full.stdout, full.stderr.trim().split('\n')]).toEqual([
      2,
      '',
      [expect.stringMatching(/sessions\/default\.json cannot be written: EFBIG/)],
    ])
    await at.app.advance(300)
    expect(await laptop.aws(DEV)).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('a home that others can read', () => {
  test('gets no session, and the command that closes it is told', async () => {
    const laptop = await aLaptop(at.app, at.sts)
    mkdirSync(laptop.path('.doorward'))
    chmodSync(laptop.path('.doorward'), 0o755)
    const { code, stdout, stderr } = await laptop.aws(['login'])
    expect([code, stdout, stderr]).toEqual([
      2,
      '',
      `doorward: ${laptop.path('.doorward')} can be read by others: run "chmod 700 ${laptop.path('.doorward')}"\n`,
    ])
    expect(laptop.openings()).toBe(0)
  })

  test('that is a file is told as one, and left as it is', async () => {
    const laptop = await aLaptop(at.app, at.sts)
    laptop.write('.doorward', 'mine')
    const { code, stderr } = await laptop.aws(['login'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('.doorward')])
    expect(laptop.read('.doorward')).toBe('mine')
  })
})

describe('a lock', () => {
  test('that somebody never lets go of is waited for so long and no longer', async () => {
    const home = mkdtempSync(join(tmpdir(), 'doorward-lock-'))
    vi.stubEnv('DOORWARD_HOME', home)
    onTestFinished(() => {
      vi.unstubAllEnvs()
      rmSync(home, { recursive: true, force: true })
    })
    for (const platform of ['linux', 'darwin'] as const) {
      let letGo: () => void = () => undefined
      const held = withLock('name', () => new Promise<void>((resolve) => (letGo = resolve)), { platform })
      await vi.waitFor(() => expect(letGo).not.toBe(undefined))
      await expect(withLock('name', async () => 'got it', { patienceMs: 200, platform })).rejects.toThrow(
        /another doorward has been busy/,
      )
      letGo()
      await held
      expect(await withLock('name', async (waited) => waited, { patienceMs: 2000, platform })).toBe(false)
    }
  })
})

describe('each partition of AWS', () => {
  const role = (partition: string) => `arn:${partition}:iam::111122223333:role/Dev`

  test.each([
    [
      'aws',
      'us-east-1',
      'https://sts.us-east-1.amazonaws.com',
      'signin.aws.amazon.com',
      'console.aws.amazon.com',
    ],
    [
      'aws-us-gov',
      'us-gov-west-1',
      'https://sts.us-gov-west-1.amazonaws.com',
      'signin.amazonaws-us-gov.com',
      'console.amazonaws-us-gov.com',
    ],
    [
      'aws-cn',
      'cn-north-1',
      'https://sts.cn-north-1.amazonaws.com.cn',
      'signin.amazonaws.cn',
      'console.amazonaws.cn',
    ],
  ])('%s has its own region, STS and console', (partition, region, endpoint, signInHost, consoleHost) => {
    expect(regionFor(role(partition))).toBe(region)
    expect(stsEndpoint(role(partition), region)).toBe(endpoint)
    expect(consoleHosts(role(partition), region)).toEqual({
      federation: `https://${region}.${signInHost}/federation`,
      console: `https://${region}.${consoleHost}/`,
    })
  })

  test('takes no region of another one, and none of them is guessed for a new one', () => {
    expect(() => regionFor(role('aws-cn'), 'eu-west-1')).toThrow(/not in the partition/)
    expect(() => regionFor(role('aws'), 'us-gov-west-1')).toThrow(/not in the partition/)
    expect(() => regionFor(role('aws-moon'))).toThrow(/partition "aws-moon" is not known/)
  })

  test('reads the region of the environment only where it is one of its own', () => {
    vi.stubEnv('AWS_REGION', 'eu-west-1')
    vi.stubEnv('AWS_DEFAULT_REGION', 'cn-northwest-1')
    onTestFinished(() => void vi.unstubAllEnvs())
    expect(regionFor(role('aws'))).toBe('eu-west-1')
    expect(regionFor(role('aws-cn'))).toBe('cn-northwest-1')
    expect(regionFor(role('aws-us-gov'))).toBe('us-gov-west-1')
  })
})

describe('a key in an agent', () => {
  test('of a locked agent signs nothing, and it is said that it may be locked', async () => {
    const laptop = await aLaptop(at.app, at.sts)
    const socket = await sshAgent(laptop)
    const askpass = laptop.write('bin/askpass', '#!/bin/sh\necho 4711\n')
    chmodSync(askpass, 0o755)
    const env = { SSH_AUTH_SOCK: socket, SSH_ASKPASS: askpass, SSH_ASKPASS_REQUIRE: 'force' }
    const browser = await bobsBrowser(at.app)
    const { said } = laptop.start(['login', '--key', 'agent'], { env })
    await agree(browser, await laptop.opened())
    expect((await said).code).toBe(0)
    expect((await laptop.run('ssh-add', ['-x'], { env })).code).toBe(0)
    const locked = await laptop.aws(DEV, { env })
    expect([locked.code, locked.stdout, locked.stderr]).toEqual([
      3,
      '',
      'doorward: ssh-agent: the key is not in the agent, or the agent is locked\n',
    ])
    expect((await laptop.run('ssh-add', ['-X'], { env })).code).toBe(0)
    expect(await laptop.aws(DEV, { env })).toMatchObject({ code: 0, stderr: '' })
  })
})

describe('GNOME Keyring', () => {
  test('keeps the key of the vault: what is in the folder alone opens nothing', async () => {
    const laptop = await aLaptop(at.app, at.sts)
    const browser = await bobsBrowser(at.app)
    const script = `
      printf secret | gnome-keyring-daemon --unlock --components=secrets > /dev/null || exit 90
      "$0" "$1" aws login --key keychain || exit 91
      "$0" "$1" aws credentials --role Dev || exit 92
      "$0" "$1" aws whoami`
    const said = laptop.run('dbus-run-session', ['--', 'sh', '-c', script, process.execPath, COMMAND], {
      env: { XDG_RUNTIME_DIR: laptop.home },
    })
    await Promise.race([
      agree(browser, await laptop.opened()),
      said.then(({ stderr }) => Promise.reject(new Error(stderr))),
    ])
    const { code, stdout, stderr } = await said
    expect([code, stderr]).toEqual([0, expect.stringContaining("Its key is in this system's keychain.")])
    expect(stdout).toMatch(/"Version":1/)
    expect(laptop.read('.doorward/vault.json')).toMatch(/^\{"id":"[\w-]+","in":"keychain"\}\n$/)
    const without = await laptop.aws(DEV)
    expect([without.code, without.stderr]).toEqual([3, expect.stringContaining('the keychain does not open')])
  })
})

describe('a shell', () => {
  test('zsh completes commands and options by our script', async () => {
    const laptop = await signedIn()
    writeFileSync(laptop.path('doorward.zsh'), (await laptop.aws(['completion', 'zsh'])).stdout)
    const check = `autoload -Uz compinit && compinit -u -D && source doorward.zsh && echo "$_comps[doorward]"`
    const { stdout, stderr } = await laptop.run('zsh', ['-f', '-c', check])
    expect([stdout, stderr]).toEqual(['_doorward\n', ''])
  })

  test('fish completes commands, options and the roles of its person', async () => {
    const laptop = await signedIn()
    const program = laptop.write('bin/doorward', `#!/bin/sh\nexec '${process.execPath}' '${COMMAND}' "$@"\n`)
    chmodSync(program, 0o755)
    const env = { PATH: `${laptop.path('bin')}:${process.env.PATH ?? ''}` }
    writeFileSync(laptop.path('doorward.fish'), (await laptop.aws(['completion', 'fish'])).stdout)
    const offered = async (typed: string) => {
      const asked = `source doorward.fish; complete -C'${typed}'`
      const { stdout } = await laptop.run('fish', ['--no-config', '-c', asked], { env })
      return stdout.split('\n').map((line) => line.split('\t')[0])
    }
    expect(await offered('doorward aws cre')).toEqual(expect.arrayContaining(['credentials']))
    expect(await offered('doorward aws exec --ro')).toEqual(expect.arrayContaining(['--role']))
    expect((await offered('doorward aws exec --role ')).join(' ')).toContain('Dev')
  })

  test('bash completes commands, options and roles', async () => {
    const laptop = await signedIn()
    writeFileSync(laptop.path('doorward.bash'), (await laptop.aws(['completion', 'bash'])).stdout)
    const words = (line: string) =>
      execFileSync('bash', [
        '--norc',
        '-c',
        `source '${laptop.path('doorward.bash')}'; COMP_WORDS=(${line} ''); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); _doorward; echo "\${COMPREPLY[@]}"`,
      ]).toString()
    expect(words('doorward aws')).toMatch(/login credentials roles/)
    expect(words('doorward aws exec')).toContain('--role')
    expect(readFileSync(laptop.path('doorward.bash'), 'utf8')).toContain('complete -o default')
  })
})
