import { execFile, execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect as connectTls } from 'node:tls'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { build, dataFolder, doorward, serving, type Serving } from './support/doorward.ts'
import { codeNow, readNotice, type Notice } from './support/demo-notice.ts'
import { freshRedisUrl } from './support/redis.ts'
import { freePort, until } from './support/server-process.ts'

beforeAll(build, 120_000)

const GOLDEN = join(import.meta.dirname, 'golden')
const LONG = { timeout: 90_000 }

async function post(url: string, path: string, body: object, headers: Record<string, string> = {}) {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  return { status: response.status, headers: response.headers, json: (await response.json()) as any }
}

async function accessToken(url: string, { clientId, clientSecret }: Notice): Promise<string> {
  const authorization = `client_id:${clientId}, client_secret:${clientSecret}`
  const { json } = await post(
    url,
    '/auth/oauth2/v2/token',
    { grant_type: 'client_credentials' },
    { authorization },
  )
  return json.access_token
}

const login = (url: string, token: string, email: string, password: string) =>
  post(
    url,
    '/api/1/login/auth',
    { username_or_email: email, password, subdomain: 'acme' },
    { authorization: `bearer:${token}` },
  )

/** How a command ended and what it said. */
async function ended(env: Record<string, string>, args = ['serve']) {
  const run = doorward(args, env)
  const code = await run.exited
  return { code, output: run.output() }
}

describe('a first start', () => {
  test(
    'makes a demo company and tells once how to get in, with lines for a shell that work',
    LONG,
    async () => {
      const DATA_DIR = dataFolder()
      const first = await serving({ DATA_DIR })
      const notice = readNotice(first.output())
      expect(Object.keys(notice.people)).toHaveLength(5)
      const { stdout } = await promisify(execFile)('bash', ['-c', notice.commands])
      expect(JSON.parse(stdout)).toMatchObject({
        status: { code: 200, message: 'MFA is required for this user' },
      })
      const token = await accessToken(first.url, notice)
      for (const [email, { password, totp }] of Object.entries(notice.people)) {
        const reply = await login(first.url, token, email, password)
        const expected = email.startsWith('nora') ? 401 : 200
        expect([email, reply.status]).toEqual([email, expected])
        if (totp === undefined) continue
        const { state_token, devices } = reply.json.data[0]
        const { device_id } = devices.find(
          (one: { device_type: string }) => one.device_type === 'Google Authenticator',
        )
        const answer = { device_id, state_token, otp_token: codeNow(totp) }
        const done = await post(first.url, '/api/1/login/verify_factor', answer, {
          authorization: `bearer:${token}`,
        })
        expect([email, done.json.data?.[0]?.status]).toEqual([email, 'Authenticated'])
      }
      await first.stop()
      const second = await serving({ DATA_DIR, PORT: String(first.port) })
      expect(second.output()).not.toMatch(/password|client_secret|demo/i)
      const again = await login(second.url, token, 'tom@acme.test', notice.people['tom@acme.test']!.password)
      expect(again.json.data[0].status).toBe('Authenticated')
    },
  )

  test(
    'in production makes no demo, but an address where the first administrator sets up, once',
    LONG,
    async () => {
      const production = {
        NODE_ENV: 'production',
        PUBLIC_URL: 'https://login.acme.test',
        TRUST_PROXY: '127.0.0.1',
      }
      const server = await serving({ DATA_DIR: dataFolder(), ...production })
      await until('the address is shown', () => server.output().includes('/setup/dw_setup_'))
      const [, path = ''] =
        /https:\/\/login\.acme\.test(\/setup\/dw_setup_[\w-]{43})/.exec(server.output()) ?? []
      expect(server.output()).not.toMatch(/demo|password|client_secret/i)
      const behindProxy = { host: 'login.acme.test', 'x-forwarded-proto': 'https' }
      const status = (at: string) =>
        new Promise<number>((resolve, reject) => {
          const asked = request({ port: server.port, path: at, headers: behindProxy }, (answer) => {
            answer.resume()
            resolve(answer.statusCode ?? 0)
          })
          asked.on('error', reject).end()
        })
      expect([await status(path), await status(`${path}x`), await status('/login')]).toEqual([200, 404, 200])
    },
  )

  test('of two processes at once makes one demo, one signing key and one master key', LONG, async () => {
    const DATA_DIR = dataFolder()
    const servers = await Promise.all([serving({ DATA_DIR }), serving({ DATA_DIR })])
    const demos = () => servers.filter((server) => server.output().includes('demo company')).length
    expect(demos()).toBe(1) // the notice is written before the line that says ready
    const metadata = await Promise.all(
      servers.map(async ({ url }) => (await fetch(`${url}/saml/metadata/500`)).text()),
    )
    const certificates = metadata.map((xml) =>
      [...xml.matchAll(/<ds:X509Certificate>([^<]+)/g)].map(([, text]) => text),
    )
    expect(certificates[0]).toHaveLength(1)
    expect(certificates[0]).toEqual(certificates[1])
    expect(readdirSync(DATA_DIR).filter((name) => name.startsWith('master.key'))).toEqual(['master.key'])
    const notice = readNotice(servers.map((server) => server.output()).join('\n'))
    const token = await accessToken(servers[0].url, notice)
    const tom = notice.people['tom@acme.test']!.password
    for (const { url } of servers) expect((await login(url, token, 'tom@acme.test', tom)).status).toBe(200)
  })

  test('that is killed at any moment leaves nothing that stops the next one', LONG, async () => {
    for (const afterMs of [200, 400, 700]) {
      const DATA_DIR = dataFolder()
      const killed = doorward(['serve'], { DATA_DIR, PORT: String(await freePort()) })
      await wait(afterMs)
      await killed.stop('SIGKILL')
      const next = await serving({ DATA_DIR })
      expect([afterMs, (await fetch(`${next.url}/readyz`)).status]).toEqual([afterMs, 200])
      await next.stop('SIGKILL')
    }
  })
})

describe('a bad setting stops the start with exit code 1 and its name', () => {
  const FIRST_IN_PRODUCTION = {
    NODE_ENV: 'production',
    PUBLIC_URL: 'https://login.acme.test',
    TRUST_PROXY: '10.0.0.1',
    MASTER_KEY: Buffer.alloc(32, 1).toString('base64'),
  }
  const BAD: [name: string, env: Record<string, string>][] = [
    ['PORT', { PORT: 'eighty' }],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }],
    ['MASTER_KEY', { MASTER_KEY: 'too-short-a-secret' }],
    ['TRUST_PROXY', { TRUST_PROXY: '10.0.0.0/99' }],
    ['PUBLIC_URL', { NODE_ENV: 'production', PUBLIC_URL: 'http://login.acme.test', TRUST_PROXY: '10.0.0.1' }],
    ['REDIS_URL', { ...FIRST_IN_PRODUCTION, REDIS_URL: 'redis://127.0.0.1:1' }], // noticed when all else has started
    ['TLS_CERT_FILE', { TLS_CERT_FILE: '/nowhere/cert.pem', TLS_KEY_FILE: '/nowhere/key.pem' }],
    [
      'TLS_KEY_FILE',
      { TLS_CERT_FILE: `${GOLDEN}/saml-test-certificate.pem`, TLS_KEY_FILE: `${GOLDEN}/schema-catalog.xml` },
    ],
  ]
  for (const [name, env] of BAD) {
    test(name, LONG, async () => {
      const { code, output } = await ended({ DATA_DIR: dataFolder(), PORT: '0', ...env })
      expect([code, output]).toEqual([1, expect.stringContaining(name)])
      expect(output).not.toMatch(/\n\s+at |too-short-a-secret/)
    })
  }

  test('a port that is taken', LONG, async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void taken.close())
    const { port } = taken.address() as { port: number }
    const { code, output } = await ended({ DATA_DIR: dataFolder(), PORT: String(port) })
    expect([code, output]).toEqual([1, expect.stringMatching(/PORT.*another program listens there/)])
  })

  test('another master key than the one the database was made with', LONG, async () => {
    const DATA_DIR = dataFolder()
    const server = await serving({ DATA_DIR })
    await server.stop()
    const MASTER_KEY = Buffer.alloc(32, 3).toString('base64')
    const { code, output } = await ended({ DATA_DIR, PORT: '0', MASTER_KEY })
    expect([code, output]).toEqual([1, expect.stringMatching(/another master key[\s\S]*MASTER_KEY/)])
    expect(output).not.toContain(MASTER_KEY)
    await serving({ DATA_DIR }) // the right one still fits
  })
})

describe('a running server', () => {
  test(
    'finishes a sign-in that has begun when it is told to stop, takes no new ones, and exits with 0',
    LONG,
    async () => {
      const server = await serving({ DATA_DIR: dataFolder() })
      const notice = readNotice(server.output())
      const token = await accessToken(server.url, notice)
      const { password } = notice.people['tom@acme.test']!
      const begun = await halfSent(
        server,
        token,
        JSON.stringify({ username_or_email: 'tom', password, subdomain: 'acme' }),
      )
      process.kill(server.pid, 'SIGTERM')
      await until('it stops', () => server.output().includes('"msg":"stopping"'))
      await expect(opened(server.port)).rejects.toThrow('ECONNREFUSED')
      const reply = await begun.finish()
      const before = performance.now()
      expect(reply).toEqual([200, 'Authenticated'])
      expect(await server.exited).toBe(0)
      expect(performance.now() - before).toBeLessThan(2000) // nobody waits for idle connections
      expect(server.output()).toContain('"msg":"stopped"')
    },
  )

  test(
    'that is killed loses nobody and nothing that it had confirmed, and starts again without repair',
    LONG,
    async () => {
      const DATA_DIR = dataFolder()
      const server = await serving({ DATA_DIR })
      const notice = readNotice(server.output())
      const first = await accessToken(server.url, notice)
      const confirmed: string[] = []
      const imported: number[] = []
      const stream = { running: true }
      const streams = [0, 1, 2].map(async () => {
        while (stream.running) {
          const token = await accessToken(server.url, notice).catch(() => undefined)
          if (token === undefined) return
          confirmed.push(token)
          await login(server.url, first, 'tom@acme.test', notice.people['tom@acme.test']!.password).catch(
            () => undefined,
          )
        }
      })
      const imports = (async () => {
        for (let id = 1000; stream.running; id++) {
          const file = join(DATA_DIR, `person-${id}.json`)
          const person = { id, email: `p${id}@acme.test`, firstname: 'P', lastname: String(id), status: 1 }
          writeFileSync(file, JSON.stringify({ users: [person] }))
          if ((await doorward(['import', file], { DATA_DIR }).exited) === 0) imported.push(id)
        }
      })()
      await until('some were confirmed', () => confirmed.length > 20 && imported.length > 0, 60_000)
      await server.stop('SIGKILL')
      stream.running = false
      await Promise.all([...streams, imports])
      const next = await serving({ DATA_DIR, PORT: String(server.port) })
      expect(next.output()).not.toContain('demo company')
      for (const token of [first, ...confirmed]) {
        const response = await fetch(`${next.url}/auth/rate_limit`, {
          headers: { authorization: `bearer:${token}` },
        })
        expect(response.status).toBe(200)
      }
      const { stdout } = await promisify(execFile)(
        'env',
        [
          '-i',
          `DATA_DIR=${DATA_DIR}`,
          process.execPath,
          join(import.meta.dirname, '../cli/doorward.js'),
          'export',
        ],
        { maxBuffer: 10_000_000 },
      )
      for (const id of imported) expect(stdout).toContain(`p${id}@acme.test`)
      expect(
        (await login(next.url, first, 'tom@acme.test', notice.people['tom@acme.test']!.password)).status,
      ).toBe(200)
    },
  )

  test(
    'serves HTTPS, takes a new certificate on SIGHUP, and keeps the old one when the new is broken',
    LONG,
    async () => {
      const folder = dataFolder()
      const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
      const selfSigned = (name: string) =>
        execFileSync(
          'openssl',
          [
            ...[
              'req',
              '-x509',
              '-newkey',
              'ec',
              '-pkeyopt',
              'ec_paramgen_curve:P-256',
              '-nodes',
              '-days',
              '2',
            ],
            ...[
              '-keyout',
              key,
              '-out',
              cert,
              '-subj',
              `/CN=${name}`,
              '-addext',
              'subjectAltName=DNS:localhost',
            ],
          ],
          { stdio: 'pipe' },
        )
      selfSigned('first')
      const port = await freePort()
      const server = await serving({
        DATA_DIR: join(folder, 'data'),
        PORT: String(port),
        PUBLIC_URL: `https://localhost:${port}`,
        TLS_CERT_FILE: cert,
        TLS_KEY_FILE: key,
      })
      const shown = () =>
        new Promise<string>((resolve, reject) => {
          const ca = readFileSync(cert)
          const socket = connectTls(
            { host: '127.0.0.1', port, servername: 'localhost', ca, rejectUnauthorized: false },
            () => {
              resolve(String(socket.getPeerCertificate().subject.CN))
              socket.destroy()
            },
          )
          socket.on('error', reject)
        })
      expect(await shown()).toBe('first')
      selfSigned('second')
      process.kill(server.pid, 'SIGHUP')
      await until('the new one is shown', async () => (await shown()) === 'second')
      writeFileSync(cert, 'no certificate')
      process.kill(server.pid, 'SIGHUP')
      await until('it says so', () => server.output().includes('the old one stays'))
      expect(await shown()).toBe('second')
      expect(server.running()).toBe(true)
    },
  )

  test('shares a sign-in with another behind one Redis, request by request', LONG, async () => {
    const shared = {
      DATA_DIR: dataFolder(),
      REDIS_URL: await freshRedisUrl(),
      PUBLIC_URL: 'http://localhost:4242',
    }
    const [a, b] = [await serving(shared), await serving(shared)]
    const [onA, onB] = [`http://localhost:${a.port}`, `http://localhost:${b.port}`]
    const notice = readNotice(a.output())
    const token = await accessToken(onA, notice)
    const sally = notice.people['sally@acme.test']!
    const begun = await login(onB, token, 'sally@acme.test', sally.password)
    const { state_token, devices } = begun.json.data[0]
    const answer = { device_id: devices[0].device_id, state_token, otp_token: codeNow(sally.totp!) }
    const bearer = { authorization: `bearer:${token}` }
    const done = await post(onA, '/api/1/login/verify_factor', answer, bearer)
    const { session_token } = done.json.data[0]
    const replayed = await post(onB, '/api/1/login/verify_factor', answer, bearer)
    expect(replayed.status).toBe(401)
    const session = await post(onB, '/session_via_api_token', { session_token })
    expect(session.status).toBe(200)
    const cookie = session.headers
      .getSetCookie()
      .map((line) => line.split(';')[0])
      .join('; ')
    for (const url of [onA, onB, onA]) {
      const home = await fetch(`${url}/`, { headers: { cookie }, redirect: 'manual' })
      expect([home.status, (await home.text()).includes('Sally')]).toEqual([200, true])
    }
    expect((await post(onA, '/session_via_api_token', { session_token })).status).toBe(401)
  })
})

const opened = (port: number) =>
  new Promise<void>((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve()
    })
    socket.on('error', reject)
  })

/** A sign-in whose request the server has begun to read; the rest of its body is sent by `finish`. */
async function halfSent(server: Serving, token: string, body: string) {
  const headers = {
    authorization: `bearer:${token}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    expect: '100-continue',
    connection: 'keep-alive',
  }
  const asked = request({
    host: '127.0.0.1',
    port: server.port,
    path: '/api/1/login/auth',
    method: 'POST',
    headers,
  })
  const answered = new Promise<[number, string]>((resolve, reject) => {
    asked.on('error', reject)
    asked.on('response', (answer) => {
      let text = ''
      answer.on('data', (chunk: Buffer) => (text += chunk.toString()))
      answer.on('end', () => resolve([answer.statusCode ?? 0, JSON.parse(text).data?.[0]?.status ?? text]))
    })
  })
  asked.flushHeaders()
  await new Promise((resolve) => asked.once('continue', resolve))
  asked.write(body.slice(0, 10))
  return {
    finish() {
      asked.end(body.slice(10))
      return answered
    },
  }
}
