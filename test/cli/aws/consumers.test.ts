import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { awsProgram } from '../../support/aws-cli.ts'
import { build } from '../../support/doorward.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import { launchChromium, withPage } from '../../support/chromium.ts'
import { PASSWORDS } from '../../support/people.ts'
import type { Sts } from '../../support/sts.ts'
import { signIn } from '../../signin/portal.ts'
import { agree, aLaptop, awsFor, type Laptop, logIn, sshAgent } from './laptop.ts'

let app: TestApp
let sts: Sts
beforeAll(async () => {
  build()
  // The AWS CLI goes by the time of this machine.
  app = await startApp({ startIso: new Date().toISOString() })
  sts = await awsFor(app)
})
afterAll(async () => {
  await sts.close()
  await app.close()
})

const signedIn = async (args: string[] = [], env: Record<string, string> = {}): Promise<Laptop> => {
  const laptop = await aLaptop(app, sts)
  Object.assign(laptop.env, env)
  const browser = app.browser()
  await signIn(app, 'bob', browser)
  const { code, stderr } = await logIn(laptop, browser, args)
  if (code !== 0) throw new Error(stderr)
  return laptop
}
/** Debian 12's AWS CLI (2.9) does not know the environment's address of STS. */
const at = ({ url }: Sts) => ['--endpoint-url', url]
const packageUrl = (name: string) => import.meta.resolve(name)

test('a sign-in in Chromium is all that a fresh home needs for the AWS CLI and the JavaScript SDK, and after it our one line is shown', async () => {
  const laptop = await aLaptop(app, sts)
  const { said } = laptop.start(['login', app.ctx.publicUrl])
  const url = await laptop.opened()
  const chromium = await launchChromium()
  try {
    await withPage(chromium, {}, async (page) => {
      page.setDefaultTimeout(15_000)
      await page.goto(url)
      await page.fill('input[name=login]', 'bob')
      await page.fill('input[name=password]', PASSWORDS.bob)
      await page.getByRole('button', { name: 'Sign in', exact: true }).click()
      await page.getByRole('button', { name: 'Allow' }).click()
      await page.getByRole('heading', { name: 'Signed in' }).waitFor()
    })
  } finally {
    await chromium.close()
  }
  expect((await said).code).toBe(0)
  expect((await laptop.aws(['configure', '--role', 'Dev', '--profile', 'dev'])).code).toBe(0)
  const { code, stdout, stderr } = await laptop.run(
    awsProgram(),
    ['sts', 'get-caller-identity', '--profile', 'dev', '--query', 'Arn', '--output', 'text', ...at(sts)],
    {
      env: { AWS_EC2_METADATA_DISABLED: 'true', AWS_PAGER: '', NODE_OPTIONS: '' },
    },
  )
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout.trim()).toBe('arn:aws:sts::111122223333:assumed-role/Dev/bob@acme.test')
  const script = `
      const { fromProcess } = await import('${packageUrl('@aws-sdk/credential-provider-process')}')
      const { accessKeyId, expiration, accountId } = await fromProcess({ profile: 'dev' })()
      console.log(JSON.stringify([accessKeyId.slice(0, 4), expiration instanceof Date, accountId]))`
  const sdk = await laptop.run(process.execPath, ['--input-type=module', '-e', script])
  expect([JSON.parse(sdk.stdout || '[]'), sdk.stderr]).toEqual([['ASIA', true, '111122223333'], ''])
  const out = await laptop.aws(['logout'])
  expect(out.code).toBe(0)
  const over = await laptop.run(awsProgram(), ['sts', 'get-caller-identity', '--profile', 'dev'], {
    env: { AWS_EC2_METADATA_DISABLED: 'true', NODE_OPTIONS: '' },
  })
  expect(over.code).not.toBe(0)
  expect(over.stderr).toContain('not signed in; run "doorward aws login URL"')
}, 60_000)

test('the JavaScript SDK takes what the container endpoint serves', async () => {
  const laptop = await signedIn()
  const script = `
    const { fromHttp } = await import('${packageUrl('@aws-sdk/credential-provider-http')}')
    const { accessKeyId, sessionToken } = await fromHttp()()
    console.log(JSON.stringify([accessKeyId.slice(0, 4), sessionToken.length > 100]))`
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
  expect([JSON.parse(stdout || '[]'), stderr]).toEqual([['ASIA', true], ''])
})

test('a key in an ssh-agent proves the session, and without the agent nothing is had', async () => {
  const laptop = await aLaptop(app, sts)
  const socket = await sshAgent(laptop)
  const env = { SSH_AUTH_SOCK: socket }
  const { said } = laptop.start(['login'], { env })
  const browser = app.browser()
  await signIn(app, 'bob', browser)
  await agree(browser, await laptop.opened())
  expect(await said).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('Its key is in your ssh-agent.'),
  })
  expect((await laptop.aws(['credentials', '--role', 'Dev'], { env })).code).toBe(0)
  const without = await laptop.aws(['credentials', '--role', 'Dev', '--duration', '1800'])
  expect([without.code, without.stderr]).toEqual([3, expect.stringContaining('SSH_AUTH_SOCK is not set')])
})

test('the keychain gets the key by standard input, never by argument, and the session says so', async () => {
  const laptop = await aLaptop(app, sts)
  const tool = laptop.write(
    'bin/secret-tool',
    `#!/bin/sh\necho "$@" >> '${laptop.path('argv')}'\ncase "$1" in store) cat > '${laptop.path('kept')}' ;; lookup) cat '${laptop.path('kept')}' ;; esac\n`,
  )
  execFileSync('chmod', ['755', tool])
  const env = {
    PATH: `${laptop.path('bin')}:${process.env.PATH ?? ''}`,
    DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
  }
  const { said } = laptop.start(['login'], { env })
  const browser = app.browser()
  await signIn(app, 'bob', browser)
  await agree(browser, await laptop.opened())
  expect(await said).toMatchObject({ code: 0, stderr: expect.stringContaining('keychain') })
  expect((await laptop.aws(['credentials', '--role', 'Dev'], { env })).code).toBe(0)
  expect(laptop.read('argv')).not.toContain(laptop.read('kept').trim())
  writeFileSync(laptop.path('kept'), '')
  const locked = await laptop.aws(['credentials', '--role', 'Dev'], { env })
  expect([locked.code, locked.stderr]).toEqual([3, expect.stringContaining('the keychain does not open')])
})

test('without a browser the code is pasted, and one of another sign-in is refused', async () => {
  const laptop = await aLaptop(app, sts)
  const said = await laptop.aws(['login', '--no-browser'], { input: 'dw_bc_x#another-state\n' })
  expect([said.code, said.stderr]).toEqual([3, expect.stringContaining('this code is of another sign-in')])
})

describe('the browser’s answer', () => {
  test.each([
    ['of another state', (url: URL) => url.searchParams.set('state', 'x'.repeat(32)), 404],
    ['of another server', (url: URL) => url.searchParams.set('iss', 'https://evil.test'), 404],
    ['at another path', (url: URL) => (url.pathname = '/other'), 404],
  ])('%s is not taken, and the right one still is', async (_what, forge, status) => {
    const laptop = await aLaptop(app, sts)
    const { said } = laptop.start(['login'])
    const asked = new URL(await laptop.opened())
    const { redirect_uri: uri = '', state = '' } = Object.fromEntries(asked.searchParams)
    const forged = new URL(uri)
    for (const [name, value] of Object.entries({ code: 'x', state, iss: app.ctx.publicUrl }))
      forged.searchParams.set(name, value)
    forge(forged)
    expect((await fetch(forged)).status).toBe(status)
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    await agree(browser, asked.href)
    expect((await said).code).toBe(0)
  })
})

test('what is wrong with an address is told before anything is opened', async () => {
  const laptop = await aLaptop(app, sts)
  for (const [address, code, told] of [
    ['http://login.acme.test', 2, /must be https/],
    ['http://127.0.0.1:1', 5, /nothing answers there/],
    [app.url.replace('localhost', '127.0.0.1'), 2, /calls itself/],
    ['https://no-such-host.invalid', 5, /no such host/],
  ] as const) {
    const said = await laptop.aws(['login', address])
    expect([said.code, said.stderr]).toEqual([code, expect.stringMatching(told)])
  }
  expect(laptop.openings()).toBe(0)
})
