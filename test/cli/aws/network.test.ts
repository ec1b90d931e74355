import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer, request, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, type AddressInfo, type Server } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Laptop, serverAndAws, signedInLaptop } from './laptop.ts'

const at = serverAndAws()

const DEV = ['credentials', '--role', 'Dev']

const signedIn = (): Promise<Laptop> => signedInLaptop(at.app, at.sts)

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** AWS behind TLS, under a certificate that only this laptop's company knows. */
async function companyAws(
  laptop: Laptop,
): Promise<{ env: Record<string, string>; ca: string; host: string }> {
  const [key, ca] = [laptop.path('ca.key'), laptop.path('ca.pem')]
  const name = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost']
  const made = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-keyout', key, '-out', ca, '-days', '2']
  execFileSync('openssl', [...made, ...name], { stdio: 'pipe' })
  const forward: RequestListener = (req, res) => {
    const { method, url, headers } = req
    const onward = request(new URL(url!, at.sts.url), { method, headers }, (reply) => {
      res.writeHead(reply.statusCode!, reply.headers)
      reply.pipe(res)
    })
    req.pipe(onward)
  }
  const server = createHttpsServer({ key: readFileSync(key), cert: readFileSync(ca) }, forward)
  const host = `localhost:${await listening(server)}`
  return { env: { AWS_ENDPOINT_URL_STS: `https://${host}` }, ca, host }
}

/** A company's proxy, and where it was asked to lead to. */
async function aProxy(answer: (authorization: string | undefined) => number) {
  const asked: string[] = []
  const server = createHttpServer((_req, res) => void res.writeHead(400).end())
  server.on('connect', (req, socket) => {
    asked.push(req.url!)
    socket.on('error', () => undefined)
    const status = answer(req.headers['proxy-authorization'])
    if (status !== 200) return void socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`)
    const onward = connect(Number(req.url!.split(':')[1]), '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      onward.pipe(socket).pipe(onward)
    })
    onward.on('error', () => socket.destroy())
  })
  return { asked, port: await listening(server) }
}

describe("a company's own certificate authority", () => {
  test('is named as what is missing, with the two settings that bring it', async () => {
    const laptop = await signedIn()
    const aws = await companyAws(laptop)
    const { code, stdout, stderr } = await laptop.aws(DEV, { env: aws.env })
    expect([code, stdout, stderr.trim().split('\n')]).toEqual([
      5,
      '',
      [
        expect.stringMatching(
          /localhost:\d+: its certificate is not trusted .*AWS_CA_BUNDLE or NODE_EXTRA_CA_CERTS/,
        ),
      ],
    ])
  })

  test.each(['AWS_CA_BUNDLE', 'NODE_EXTRA_CA_CERTS'])('is trusted by %s', async (setting) => {
    const laptop = await signedIn()
    const aws = await companyAws(laptop)
    const { code, stderr } = await laptop.aws(DEV, { env: { ...aws.env, [setting]: aws.ca } })
    expect([code, stderr]).toEqual([0, ''])
  })

  test('that is not where AWS_CA_BUNDLE says is told, and nothing is asked', async () => {
    const laptop = await signedIn()
    const before = at.sts.calls.length
    const { code, stderr } = await laptop.aws(DEV, { env: { AWS_CA_BUNDLE: laptop.path('nowhere.pem') } })
    expect([code, stderr]).toEqual([2, expect.stringMatching(/AWS_CA_BUNDLE: .*nowhere\.pem/)])
    expect(at.sts.calls.length).toBe(before)
  })
})

describe('a proxy', () => {
  test('is gone through where HTTPS_PROXY says so, and around where NO_PROXY does', async () => {
    const laptop = await signedIn()
    const aws = await companyAws(laptop)
    const proxy = await aProxy(() => 200)
    const env = {
      ...aws.env,
      NODE_EXTRA_CA_CERTS: aws.ca,
      HTTPS_PROXY: `http://127.0.0.1:${proxy.port}`,
    }
    expect(await laptop.aws(DEV, { env })).toMatchObject({ code: 0, stderr: '' })
    expect(proxy.asked).toEqual([aws.host])
    const around = await laptop.aws([...DEV, '--duration', '1800'], {
      env: { ...env, NO_PROXY: 'localhost' },
    })
    expect([around.code, around.stderr]).toEqual([0, ''])
    expect(proxy.asked).toEqual([aws.host])
  })

  test('that wants a name and a password says so, and takes them from its address', async () => {
    const laptop = await signedIn()
    const aws = await companyAws(laptop)
    const right = `Basic ${Buffer.from('ann:let me').toString('base64')}`
    const proxy = await aProxy((authorization) => (authorization === right ? 200 : 407))
    const through = (login: string) => ({
      ...aws.env,
      NODE_EXTRA_CA_CERTS: aws.ca,
      HTTPS_PROXY: `http://${login}127.0.0.1:${proxy.port}`,
    })
    const refused = await laptop.aws(DEV, { env: through('') })
    expect([refused.code, refused.stderr]).toEqual([
      5,
      expect.stringMatching(/the proxy wants a name and password \(407\); put them into HTTPS_PROXY\n$/),
    ])
    expect(await laptop.aws(DEV, { env: through('ann:let%20me@') })).toMatchObject({ code: 0, stderr: '' })
  })

  test('that leads nowhere is named as what is in the way', async () => {
    const laptop = await signedIn()
    const aws = await companyAws(laptop)
    const proxy = await aProxy(() => 403)
    const env = { ...aws.env, NODE_EXTRA_CA_CERTS: aws.ca, HTTPS_PROXY: `http://127.0.0.1:${proxy.port}` }
    const { code, stderr } = await laptop.aws(DEV, { env })
    expect([code, stderr]).toEqual([5, expect.stringContaining('the proxy does not lead there')])
  })
})

test('a host that is not there is told apart from one that does not answer', async () => {
  const laptop = await signedIn()
  const at = async (url: string) => laptop.aws(DEV, { env: { AWS_ENDPOINT_URL_STS: url } })
  expect(await at('https://sts.nowhere.invalid')).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('sts.nowhere.invalid: no such host') as string,
  })
  expect(await at('http://127.0.0.1:9')).toMatchObject({
    code: 5,
    stderr: expect.stringContaining('127.0.0.1:9: nothing answers there') as string,
  })
})
