import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { request } from 'undici'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { importDirectory } from '../../../server/directory/import-document.ts'
import { company } from '../../support/people.ts'
import { agree, aLaptop, bobsBrowser, type Laptop, serverAndAws, signedInLaptop } from './laptop.ts'

const at = serverAndAws()

const DEV = ['credentials', '--role', 'Dev']
const AUTO = [...DEV, '--auto-login']

describe('the console', () => {
  /** AWS' federation endpoint, and how it was asked. */
  async function federation(status = 200) {
    const asked: { method: string; url: string; form: URLSearchParams }[] = []
    const server = createServer((req, res) => {
      let body = ''
      req.on('data', (chunk: Buffer) => (body += chunk.toString()))
      req.on('end', () => {
        asked.push({ method: req.method!, url: req.url!, form: new URLSearchParams(body) })
        res.writeHead(status, { 'content-type': 'application/json' })
        res.end(JSON.stringify({ SigninToken: 'token-of-the-console' }))
      })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/federation`
    return { asked, url, env: { DOORWARD_AWS_FEDERATION_URL: url } }
  }

  test('is opened as the role, and the secrets of the role stand in no address', async () => {
    const laptop = await signedInLaptop(at.app, at.sts)
    const aws = await federation()
    const { code, stdout } = await laptop.aws(['console', '--role', 'Dev'], { env: aws.env })
    expect([code, stdout]).toEqual([0, ''])
    const opened = new URL(await laptop.opened())
    expect(opened.origin + opened.pathname).toBe(aws.url)
    expect(Object.fromEntries(opened.searchParams)).toEqual({
      Action: 'login',
      Issuer: at.app.ctx.publicUrl,
      Destination: 'https://us-east-1.console.aws.amazon.com/',
      SigninToken: 'token-of-the-console',
    })
    const keys = JSON.parse((await laptop.aws(DEV)).stdout) as Record<string, string>
    const [{ method, url, form }] = aws.asked as [(typeof aws.asked)[0]]
    expect([method, url, form.get('Action')]).toEqual(['POST', '/federation', 'getSigninToken'])
    expect(JSON.parse(form.get('Session')!)).toEqual({
      sessionId: keys.AccessKeyId,
      sessionKey: keys.SecretAccessKey,
      sessionToken: keys.SessionToken,
    })
  })

  test('opens at a service, in a region, and its address is printed where that is wished', async () => {
    const laptop = await signedInLaptop(at.app, at.sts)
    const { env } = await federation()
    const wish = ['console', '--role', 'Dev', '--url', '--destination', 's3', '--region', 'eu-west-1']
    const { stdout } = await laptop.aws(wish, { env })
    expect(new URL(stdout.trim()).searchParams.get('Destination')).toBe(
      'https://eu-west-1.console.aws.amazon.com/s3/home',
    )
    expect(laptop.openings()).toBe(1) // the sign-in's
  })

  test.each([
    'https://evil.test/',
    'https://aws.amazon.com.evil.test/',
    'http://console.aws.amazon.com/',
    'a/b',
  ])('does not lead to %s', async (destination) => {
    const laptop = await signedInLaptop(at.app, at.sts)
    const aws = await federation()
    const wish = ['console', '--role', 'Dev', '--url', '--destination', destination]
    const { code, stdout, stderr } = await laptop.aws(wish, { env: aws.env })
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toMatch(
      /--destination is a service such as s3, or an address of console\.aws\.amazon\.com/,
    )
    expect(aws.asked).toEqual([])
  })

  test('that does not take the credentials says so', async () => {
    const laptop = await signedInLaptop(at.app, at.sts)
    const { env } = await federation(400)
    const { code, stderr } = await laptop.aws(['console', '--role', 'Dev'], { env })
    expect([code, stderr]).toEqual([6, 'doorward: the console does not take the credentials (400)\n'])
  })
})

/** Until so many others wait while one signs in, by what Linux tells of the socket that is the lock. */
async function waitingAtLock(laptop: Laptop, others: number): Promise<void> {
  const { mark } = JSON.parse(laptop.read('.doorward/lock.json')) as { mark: string }
  const name = createHash('sha256').update(`${mark} login default`).digest('hex').slice(0, 40)
  await vi.waitFor(
    () => expect(readFileSync('/proc/net/unix', 'utf8').split(name).length - 1).toBe(1 + others),
    { timeout: 15_000, interval: 50 },
  )
}

describe('a window that opens by itself', () => {
  test('opens once for eight who wait, and all of them are served', async () => {
    const laptop = await aLaptop(at.app, at.sts)
    const browser = await bobsBrowser(at.app)
    const running = Array.from({ length: 8 }, () => laptop.start(AUTO).said)
    await agree(browser, await laptop.opened())
    const said = await Promise.all(running)
    expect(said.map(({ code }) => code)).toEqual(Array.from({ length: 8 }, () => 0))
    expect(new Set(said.map(({ stdout }) => stdout)).size).toBe(1)
    expect(laptop.openings()).toBe(1)
  }, 60_000)

  test('opens once for all of them too when its person says no', async () => {
    const laptop = await aLaptop(at.app, at.sts)
    const browser = await bobsBrowser(at.app)
    const running = Array.from({ length: 4 }, () => laptop.start(AUTO).said)
    const page = await browser.tab().open(await laptop.opened())
    await waitingAtLock(laptop, 3)
    await page
      .form('form[action="/oauth/authorize"]')
      .submit('Deny')
      .catch(() => undefined)
    const said = await Promise.all(running)
    expect(said.map(({ code, stdout }) => [code, stdout])).not.toContainEqual([0, expect.anything()])
    expect(laptop.openings()).toBe(1)
  }, 60_000)

  test('opens where the server has ended the session', async () => {
    const laptop = await signedInLaptop(at.app, at.sts)
    const browser = await bobsBrowser(at.app)
    await at.app.call('DELETE', '/api/1/users/8/broker_sessions', { token: await at.app.token() })
    const { said } = laptop.start(AUTO)
    await agree(browser, await laptop.opened())
    expect(await said).toMatchObject({ code: 0 })
  })

  test('never opens where it was not wished', async () => {
    const laptop = await aLaptop(at.app, at.sts)
    expect((await laptop.aws(DEV)).code).toBe(3)
    expect(laptop.openings()).toBe(0)
  })
})

test('a company that wants no keys in files tells so in the browser and on the terminal, and opens no session', async () => {
  const document = company()
  const keysIn = (...broker_key_storage: ('agent' | 'keychain' | 'file')[]) =>
    importDirectory(at.app.ctx, { ...document, policy: { ...document.policy, broker_key_storage } })
  await keysIn('agent', 'keychain')
  try {
    const laptop = await aLaptop(at.app, at.sts)
    const browser = await bobsBrowser(at.app)
    const { said } = laptop.start(['login', '--key', 'file'])
    await browser.tab().open(await laptop.opened()) // leads straight back to the command line
    const { code, stdout, stderr } = await said
    expect([code, stdout]).toEqual([4, ''])
    expect(stderr).toContain('Keys kept in a file are not allowed here')
  } finally {
    await keysIn('agent', 'keychain', 'file')
  }
})

/** A laptop whose clock follows a file, also of a program that runs. */
function moving(laptop: Laptop, startMs: number) {
  const set = (ms: number) => laptop.write('clock', String(ms - Date.now()))
  set(startMs)
  const file = JSON.stringify(laptop.path('clock'))
  const code = `import{readFileSync}from'node:fs';const now=Date.now;Date.now=()=>now()+Number(readFileSync(${file}))`
  return { set, env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` } }
}

test('the container endpoint has new credentials when the old ones are over, and says why when there are none', async () => {
  const laptop = await signedInLaptop(at.app, at.sts)
  const clock = moving(laptop, at.app.clock.now())
  const serving = laptop.start(['serve', '--role', 'Dev', '--shell', 'bash'], { env: clock.env })
  onTestFinished(serving.kill)
  const lines = await serving.printed(/TOKEN=.*\n/)
  const [url, token] = ['FULL_URI', 'TOKEN'].map((name) => new RegExp(`${name}='?([^'\n]+)`).exec(lines)![1]!)
  const ask = async () => {
    const { statusCode, body } = await request(url!, { headers: { authorization: token! } })
    return [statusCode, (await body.json()) as Record<string, string>] as const
  }
  const first = await ask()
  await at.app.advance(2 * 3600)
  clock.set(at.app.clock.now())
  const second = await ask()
  expect([first[0], second[0]]).toEqual([200, 200])
  expect(Date.parse(second[1].Expiration!) - Date.parse(first[1].Expiration!)).toBeGreaterThan(3_600_000)
  await at.app.call('DELETE', '/api/1/users/8/broker_sessions', { token: await at.app.token() })
  await at.app.advance(2 * 3600)
  clock.set(at.app.clock.now())
  const [status, { code, message }] = await ask()
  expect([status, code]).toEqual([403, 'CredentialsExpired'])
  expect(message).toMatch(/The session was ended at .*; run "doorward aws login"/)
})
