import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose'
import type { ApiReply, TestApp } from '../support/app.ts'
import type { Browser, Page } from '../support/html.ts'
import { signIn } from '../signin/portal.ts'

export const CLIENT = 'doorward-cli'
const FORM = { 'content-type': 'application/x-www-form-urlencoded' }

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

type PrivateKey = Awaited<ReturnType<typeof generateKeyPair>>['privateKey']

/** What a proof says; anything may be forged. */
export interface Forged {
  header?: Record<string, unknown>
  claims?: Record<string, unknown>
  key?: PrivateKey
}

/** A device with a key of its own, that proves it in each request as RFC 9449 asks. */
export interface Device {
  jkt: string
  jwk: JWK
  key: PrivateKey
  /** The last nonce it was given. */
  nonce: string | undefined
  proof(method: string, path: string, more?: Forged & { accessToken?: string }): Promise<string>
  /** A form to an OAuth endpoint; asks again when it is given a nonce. */
  oauth(
    path: string,
    fields: Record<string, string>,
    more?: { headers?: Record<string, string> },
  ): Promise<ApiReply>
  /** A call with an access token; asks again when it is given a nonce. */
  broker(method: string, path: string, accessToken: string, body?: unknown): Promise<ApiReply>
}

export async function aDevice(app: TestApp): Promise<Device> {
  const { publicKey, privateKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = await exportJWK(publicKey)
  const remember = (reply: ApiReply) => {
    device.nonce = reply.headers.get('dpop-nonce') ?? device.nonce
    return reply
  }
  const twice = async (call: () => Promise<ApiReply>): Promise<ApiReply> => {
    const first = remember(await call())
    return first.json?.error === 'use_dpop_nonce' ? remember(await call()) : first
  }
  const device: Device = {
    jkt: await calculateJwkThumbprint(jwk),
    jwk,
    key: privateKey,
    nonce: undefined,
    proof: (method, path, { header = {}, claims = {}, key = privateKey, accessToken } = {}) =>
      new SignJWT({
        jti: randomUUID(),
        htm: method,
        htu: app.ctx.publicUrl + path,
        iat: Math.floor(app.clock.now() / 1000),
        nonce: device.nonce,
        ...(accessToken !== undefined && { ath: sha256(accessToken) }),
        ...claims,
      })
        .setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk, ...header })
        .sign(key),
    oauth: (path, fields, { headers = {} } = {}) =>
      twice(async () =>
        app.call('POST', path, {
          body: new URLSearchParams({ client_id: CLIENT, ...fields }).toString(),
          headers: { ...FORM, dpop: await device.proof('POST', path), ...headers },
        }),
      ),
    broker: (method, path, accessToken, body) =>
      twice(async () =>
        app.call(method, path, {
          headers: {
            authorization: `DPoP ${accessToken}`,
            dpop: await device.proof(method, path, { accessToken }),
          },
          ...(body !== undefined && { body }),
        }),
      ),
  }
  return device
}

/** What a command line asks for in the browser, and keeps to itself until the code is there. */
export interface Asking {
  verifier: string
  state: string
  query: Record<string, string>
}

export function asking(device: Device, more: Record<string, string | undefined> = {}): Asking {
  const verifier = randomBytes(32).toString('base64url')
  const state = randomBytes(16).toString('base64url')
  const query: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: CLIENT,
    redirect_uri: 'http://127.0.0.1:9/callback',
    code_challenge: sha256(verifier),
    code_challenge_method: 'S256',
    state,
    scope: 'aws:assume',
    dpop_jkt: device.jkt,
    device_name: 'adas-laptop',
    key_storage: 'keychain',
    ...more,
  }
  const given = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined)
  return { verifier, state, query: Object.fromEntries(given) }
}

export const authorizeUrl = (app: TestApp, query: Record<string, string>): string =>
  `${app.url}/oauth/authorize?${new URLSearchParams(query).toString()}`

/** Listens on the loopback interface as a command line does, for one answer. */
export async function callback(): Promise<{ uri: string; answer: Promise<URL>; close(): void }> {
  let got: (url: URL) => void = () => undefined
  const answer = new Promise<URL>((resolve) => (got = resolve))
  const server = createServer((req, res) => {
    res.end('done')
    got(new URL(req.url!, 'http://127.0.0.1'))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const close = () => {
    server.closeAllConnections()
    server.close()
  }
  return { uri: `http://127.0.0.1:${port}/callback`, answer, close }
}

/** The consent page, in a browser where somebody is signed in. */
export async function toConsent(app: TestApp, browser: Browser, asked: Asking): Promise<Page> {
  return browser.tab().open(authorizeUrl(app, asked.query))
}

/** Agrees in a browser and gives what the command line is sent. */
export async function agreed(
  app: TestApp,
  browser: Browser,
  device: Device,
  more: Record<string, string | undefined> = {},
): Promise<{ asked: Asking; code: string; answer: URL; redirectUri: string }> {
  const listener = await callback()
  try {
    const asked = asking(device, { redirect_uri: listener.uri, ...more })
    const page = await toConsent(app, browser, asked)
    await page.form('form[action="/oauth/authorize"]').submit('Allow')
    const answer = await listener.answer
    const code = answer.searchParams.get('code') ?? ''
    if (code !== '') app.sink.learn(code)
    return { asked, code, answer, redirectUri: listener.uri }
  } finally {
    listener.close()
  }
}

export interface Tokens {
  access: string
  refresh: string
  session: Record<string, any>
}

export function tokensIn(app: TestApp, { json }: ApiReply): Tokens {
  app.sink.learn(json.access_token as string)
  app.sink.learn(json.refresh_token as string)
  return { access: json.access_token, refresh: json.refresh_token, session: json.session }
}

/** A whole `login` of a command line, from the password on. */
export async function loggedIn(
  app: TestApp,
  who: 'ada' | 'bob',
  more: Record<string, string | undefined> = {},
): Promise<{ device: Device; tokens: Tokens; browser: Browser }> {
  const device = await aDevice(app)
  const browser = app.browser()
  await signIn(app, who, browser)
  const { asked, code, redirectUri } = await agreed(app, browser, device, more)
  const reply = await device.oauth('/oauth/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    code_verifier: asked.verifier,
  })
  if (reply.status !== 200) throw new Error(`no tokens: ${reply.text}`)
  return { device, tokens: tokensIn(app, reply), browser }
}

export const refreshed = (device: Device, refresh: string): Promise<ApiReply> =>
  device.oauth('/oauth/token', { grant_type: 'refresh_token', refresh_token: refresh })

export const DEV = 'arn:aws:iam::111122223333:role/Dev'

/** One samlAssertion for a role. */
export const minted = (device: Device, access: string, body: object = { role_arn: DEV }): Promise<ApiReply> =>
  device.broker('POST', '/broker/v1/aws/assertions', access, body)
