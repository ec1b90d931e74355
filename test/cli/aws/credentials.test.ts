import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { importDirectory } from '../../../server/directory/import-document.ts'
import { build } from '../../support/doorward.ts'
import { startApp, type TestApp } from '../../support/app.ts'
import type { Browser } from '../../support/html.ts'
import { company } from '../../support/people.ts'
import type { Sts } from '../../support/sts.ts'
import { signIn } from '../../signin/portal.ts'
import { aLaptop, awsFor, logIn, type Laptop, type Said } from './laptop.ts'

let app: TestApp
let sts: Sts
let browser: Browser

beforeAll(async () => {
  build()
  app = await startApp()
  sts = await awsFor(app)
  browser = app.browser()
  await signIn(app, 'bob', browser)
})
afterAll(async () => {
  await sts.close()
  await app.close()
})

const signedIn = async (): Promise<Laptop> => {
  const laptop = await aLaptop(app, sts)
  await app.advance(1)
  browser = app.browser()
  await signIn(app, 'bob', browser)
  const { code, stderr } = await logIn(laptop, browser)
  if (code !== 0) throw new Error(stderr)
  sts.calls.length = 0
  return laptop
}
const DEV = ['credentials', '--role', 'dev']
const mints = async (): Promise<number> =>
  (await app.events()).filter(({ eventTypeId }) => eventTypeId === 78).length
const keysIn = ({ stdout }: Said) => JSON.parse(stdout) as Record<string, unknown>

/** Whether this process has a connection to that port of this machine, by what Linux tells of it. */
function isConnectedTo(pid: number, port: number): boolean {
  const inodes = readFileSync(`/proc/${pid}/net/tcp`, 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, , remote]) => remote?.endsWith(`:${port.toString(16).toUpperCase().padStart(4, '0')}`))
    .map((fields) => `socket:[${fields[9]}]`)
  const open = readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
  return open.some((link) => inodes.includes(link))
}

describe('a credential process', () => {
  test('prints one JSON object that every SDK takes, and nothing else', async () => {
    const laptop = await signedIn()
    const said = await laptop.aws(DEV)
    expect([said.code, said.stderr]).toEqual([0, ''])
    expect(said.stdout.endsWith('}\n')).toBe(true)
    const keys = keysIn(said)
    expect(Object.keys(keys)).toEqual([
      'Version',
      'AccessKeyId',
      'SecretAccessKey',
      'SessionToken',
      'Expiration',
      'AccountId',
    ])
    expect(keys.Version).toBe(1)
    expect(keys.Expiration).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    expect(keys.AccountId).toBe('111122223333')
    expect(sts.calls.map(({ action, outcome }) => [action, outcome])).toEqual([['AssumeRoleWithSAML', 'ok']])
  })

  test('asks nobody while what it has is good for twenty minutes', async () => {
    const laptop = await signedIn()
    const first = await laptop.aws(DEV)
    await app.advance(39 * 60)
    expect((await laptop.aws(DEV)).stdout).toBe(first.stdout)
    await app.advance(2 * 60)
    const second = await laptop.aws(DEV)
    expect(second.stdout).not.toBe(first.stdout)
    expect(sts.calls).toHaveLength(2)
  })

  test('keeps what was asked for a quarter of an hour until a third of it is left', async () => {
    const laptop = await signedIn()
    const short = [...DEV, '--duration', '900']
    const first = await laptop.aws(short)
    await app.advance(9 * 60)
    expect((await laptop.aws(short)).stdout).toBe(first.stdout)
    await app.advance(2 * 60)
    expect((await laptop.aws(short)).stdout).not.toBe(first.stdout)
  })

  test('for ten hours after one sign-in every call succeeds and nobody is asked; then it says so in one line', async () => {
    const laptop = await signedIn()
    const [before, signIns] = [
      await mints(),
      (await app.events()).filter(({ eventTypeId }) => eventTypeId === 5).length,
    ]
    for (let minutes = 0; minutes < 580; minutes += 20) {
      const { code, stderr } = await laptop.aws(DEV)
      expect([minutes, code, stderr]).toEqual([minutes, 0, ''])
      await app.advance(20 * 60)
    }
    expect((await mints()) - before).toBeGreaterThanOrEqual(10)
    expect((await app.events()).filter(({ eventTypeId }) => eventTypeId === 5)).toHaveLength(signIns)
    expect(laptop.openings()).toBe(1)
    await app.advance(40 * 60)
    const over = await laptop.aws(DEV)
    expect([over.code, over.stdout]).toEqual([3, ''])
    expect(over.stderr).toMatch(/^doorward: session expired (\w{3} )?\d\d:\d\d; run "doorward aws login"\n$/)
  })

  test('fifty at once from cold make one assertion, one call to AWS, and fifty equal answers', async () => {
    const laptop = await signedIn()
    const before = await mints()
    const all = await Promise.all(Array.from({ length: 50 }, () => laptop.aws(DEV)))
    expect(all.map(({ code, stderr }) => [code, stderr])).toEqual(all.map(() => [0, '']))
    expect(new Set(all.map(({ stdout }) => stdout)).size).toBe(1)
    expect((await mints()) - before).toBe(1)
    expect(sts.calls).toHaveLength(1)
  }, 60_000)

  test('when the one that fetches is killed, the next one does it, and all the others are served', async () => {
    const laptop = await signedIn()
    sts.setLatencyMs(20_000)
    const running = Array.from({ length: 8 }, () => laptop.start(DEV))
    const holder = await new Promise<number>((resolve) => {
      const look = setInterval(() => {
        if (sts.calls.length === 0) return
        clearInterval(look)
        resolve(sts.calls.length)
      }, 20)
    })
    expect(holder).toBe(1)
    // Whoever holds the lock is the one that waits for AWS: the others have no connection to it.
    const victim = running.find(({ pid }) => isConnectedTo(pid, Number(new URL(sts.url).port)))
    expect(victim).toBeDefined()
    victim!.kill()
    sts.setLatencyMs(0)
    const said = await Promise.all(running.map((one) => one.said))
    expect(said.filter(({ code }) => code === 0)).toHaveLength(7)
    expect(new Set(said.filter(({ code }) => code === 0).map((one) => one.stdout)).size).toBe(1)
    expect(sts.calls).toHaveLength(2)
  }, 30_000)

  test('from a live session it needs one call to the server and one to AWS', async () => {
    const laptop = await signedIn()
    const before = app.log().split('"msg":"request"').length
    await laptop.aws(DEV)
    expect(app.log().split('"msg":"request"').length - before).toBe(1)
    expect(sts.calls).toHaveLength(1)
  })

  test('asks AWS once more for an hour where the role allows no more, and remembers that', async () => {
    const strict = await awsFor(app, { Dev: { maxSessionDuration: 3600 } })
    try {
      const document = company()
      const [aws, ...others] = document.apps!
      const roles = (aws as { aws: { roles: object[] } }).aws.roles.map((role) => ({
        ...role,
        session_seconds: 7200,
      }))
      await importDirectory(app.ctx, { ...document, apps: [{ ...aws!, aws: { roles } } as never, ...others] })
      const laptop = await aLaptop(app, strict)
      await logIn(laptop, browser)
      const before = await mints()
      expect((await laptop.aws(DEV)).code).toBe(0)
      expect(strict.calls.map(({ durationSeconds, outcome }) => [durationSeconds, outcome])).toEqual([
        [7200, 'ValidationError'],
        [3600, 'ok'],
      ])
      expect((await mints()) - before).toBe(1)
      expect((await laptop.aws([...DEV, '--duration', '7000'])).code).toBe(0)
      expect(strict.calls.at(-1)).toMatchObject({ durationSeconds: 3600, outcome: 'ok' })
      expect(strict.calls).toHaveLength(3)
    } finally {
      await importDirectory(app.ctx, company())
      await strict.close()
    }
  })

  test('hands out what is left while AWS or the server cannot be reached', async () => {
    const laptop = await signedIn()
    const first = await laptop.aws(DEV)
    await app.advance(50 * 60)
    const away = { AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' }
    expect((await laptop.aws(DEV, { env: away })).stdout).toBe(first.stdout)
    await app.advance(10 * 60)
    const none = await laptop.aws(DEV, { env: away })
    expect([none.code, none.stdout]).toEqual([5, ''])
    expect(none.stderr).toBe('doorward: 127.0.0.1:1: nothing answers there\n')
  })
})

describe('what goes wrong is told in one line, with its own exit code', () => {
  test('nobody is signed in', async () => {
    const laptop = await aLaptop(app, sts)
    expect(await laptop.aws(DEV)).toEqual({
      code: 3,
      stdout: '',
      stderr: 'doorward: not signed in; run "doorward aws login URL"\n',
    })
  })

  test('a role that is not held', async () => {
    const laptop = await signedIn()
    const { code, stderr } = await laptop.aws(['credentials', '--role', 'Admin'])
    expect([code, stderr]).toEqual([
      4,
      'doorward: you hold no role "Admin"; "doorward aws roles" lists those that you hold\n',
    ])
  })

  test('no role at all, or a wrong duration', async () => {
    const laptop = await signedIn()
    expect((await laptop.aws(['credentials'])).code).toBe(2)
    expect((await laptop.aws([...DEV, '--duration', '60'])).code).toBe(2)
  })

  test.each([
    ['AccessDenied', 'Not authorized to perform sts:AssumeRoleWithSAML', /trust policy/],
    ['ExpiredTokenException', 'Token must be redeemed within 5 minutes of issuance', /check the clock/],
    ['InvalidIdentityToken', 'Response signature invalid', /upload its metadata/],
    ['RegionDisabledException', 'STS is not activated in this region', /choose another with --region/],
    ['Throttling', 'Rate exceeded', /AWS refused \(Throttling: Rate exceeded\)/],
  ])('AWS says %s', async (code, message, told) => {
    const laptop = await signedIn()
    sts.failNext({ code, message, status: 400 })
    const said = await laptop.aws(DEV)
    expect([said.code, said.stdout]).toEqual([6, ''])
    expect(said.stderr).toMatch(told)
    expect(said.stderr.trim().split('\n')).toHaveLength(1)
  })

  test('a role that asks for a fresh sign-in says how to make one, and that makes it work', async () => {
    const laptop = await signedIn()
    const document = company()
    const [aws, ...others] = document.apps!
    const roles = (aws as { aws: { roles: object[] } }).aws.roles.map((role) => ({
      ...role,
      max_auth_age: 600,
    }))
    await importDirectory(app.ctx, { ...document, apps: [{ ...aws!, aws: { roles } } as never, ...others] })
    try {
      await app.advance(601)
      const stale = await laptop.aws(DEV)
      expect([stale.code, stale.stderr]).toEqual([
        3,
        'doorward: This role needs a sign-in that is at most 600 seconds old; run "doorward aws login --role dev"\n',
      ])
      const { said } = laptop.start(['login', '--role', 'dev'])
      const page = await browser.tab().open(await laptop.opened())
      expect(page.url.pathname).toBe('/login')
      const consent = await page
        .form()
        .fill({ login: 'bob', password: 'bob-quiet-harbour-52' })
        .submit('Sign in')
      await consent.form('form[action="/oauth/authorize"]').submit('Allow')
      expect((await said).code).toBe(0)
      expect((await laptop.aws(DEV)).code).toBe(0)
    } finally {
      await importDirectory(app.ctx, document)
    }
  })

  test('a session that was ended elsewhere', async () => {
    const laptop = await signedIn()
    await app.call('DELETE', '/api/1/users/8/broker_sessions', { token: await app.token() })
    const { code, stderr } = await laptop.aws(DEV)
    expect(code).toBe(3)
    expect(stderr).toMatch(/^doorward: The session was ended at .*; run "doorward aws login"\n$/)
  })

  test('a web page in the place of the server or of AWS', async () => {
    const laptop = await signedIn()
    const { code, stderr } = await laptop.aws(DEV, { env: { AWS_ENDPOINT_URL_STS: `${app.url}/login?` } })
    expect(code).toBe(5)
    expect(stderr).toMatch(/is a proxy in between\?/)
  })
})

test('no secret of a session or of AWS stands in a file of the laptop', async () => {
  const laptop = await signedIn()
  const { stdout } = await laptop.aws(DEV)
  const { SecretAccessKey, SessionToken } = JSON.parse(stdout) as Record<string, string>
  const { stdout: files } = await laptop.run('sh', ['-c', `cat $(find ${laptop.path('.doorward')} -type f)`])
  for (const secret of [SecretAccessKey!, SessionToken!, 'dw_ba_', 'dw_br_', 'PRIVATE KEY'])
    expect(files).not.toContain(secret)
  const { stdout: modes } = await laptop.run('sh', [
    '-c',
    `find ${laptop.path('.doorward')} -perm /077 | wc -l`,
  ])
  expect(modes.trim()).toBe('0')
})
