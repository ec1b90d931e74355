/** Signing in: in the browser on this machine, by a code that is pasted, or by one that is typed elsewhere. */
import { createHash } from 'node:crypto'
import {
  brokerClient,
  BrokerRefusal,
  CLIENT_ID,
  readMetadata,
  serverOrigin,
  type BrokerClient,
  type Metadata,
} from './broker-client.ts'
import { serverNow } from './cache.ts'
import { CliFault } from './fault.ts'
import { openHome, sessionName } from './home.ts'
import { keptSigner, newDeviceKey, type DeviceKey } from './keys/device-key.ts'
import { homeMark } from './lock.ts'
import { listenForCode } from './loopback.ts'
import { environment, machineName, randomText, tell, waitMs } from './machine.ts'
import { hasBrowser, openBrowser } from './open-browser.ts'
import { readLine } from './read-line.ts'
import { listRoles } from './roles.ts'
import { roleNamed } from './role-name.ts'
import { asFault, openSession, sessionFrom } from './session.ts'
import {
  readAliases,
  readRoles,
  readSession,
  secretsOf,
  writeSession,
  type KeyPlace,
  type SessionFile,
} from './session-file.ts'
import { makeVault, openVault, type Vault } from './vault.ts'

export interface LoginWish {
  session: string
  server?: string | undefined
  /** The role that needs a fresh sign-in. */
  role?: string | undefined
  key?: KeyPlace | undefined
  browser: boolean
  device: boolean
  /** Gives up after this, ms. */
  patienceMs?: number | undefined
}

const LOGIN_MS = 10 * 60_000
/** RFC 8628 section 3.5. */
const SLOWER_SECONDS = 5

interface Login {
  wish: LoginWish
  server: string
  metadata: Metadata
  key: DeviceKey
  client: BrokerClient
  deviceName: string
  needs: Record<string, string>
}

const hash = (text: string): string => createHash('sha256').update(text).digest('base64url')

/** Which server: as typed, as set, or the one of before. */
function serverOf({ server, session }: LoginWish): string {
  const typed = server ?? environment().DOORWARD_SERVER ?? readSession(session)?.server
  if (typed) return serverOrigin(typed)
  throw new CliFault('usage', 'which server? run "doorward aws login https://login.example.com"')
}

/** What a role asks of the sign-in, as far as it is known from before. */
function needsOf({ role, session }: LoginWish): Record<string, string> {
  if (role === undefined) return {}
  const named = roleNamed(role, readRoles(session).roles, readAliases())
  if (named.is !== 'one') return {}
  const { role_arn, needs_login: needs } = named.role
  return {
    role_arn,
    max_age: String(needs?.max_age ?? 0),
    ...(needs?.acr_values !== undefined && { acr_values: needs.acr_values }),
  }
}

/** The address for the browser, and what only we know of it (RFC 7636, RFC 9449 section 10). */
function authorization(login: Login, redirectUri: string, state: string) {
  const verifier = randomText(32)
  const url = new URL(login.metadata.authorizationEndpoint)
  const query = {
    response_type: 'code',
    client_id: CLIENT_ID,
    redirect_uri: redirectUri,
    code_challenge: hash(verifier),
    code_challenge_method: 'S256',
    state,
    scope: 'aws:assume',
    dpop_jkt: login.key.jkt,
    device_name: login.deviceName,
    key_storage: login.key.place,
    ...login.needs,
  }
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return { url: url.href, verifier }
}

const redeem = (login: Login, code: string, redirectUri: string, verifier: string) =>
  login.client.oauth(
    '/oauth/token',
    { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier },
    false,
  )

const timeout = (ms: number): Promise<never> =>
  new Promise((_resolve, reject) => {
    const giveUp = () => reject(new CliFault('login', 'nobody has finished the sign-in in the browser'))
    setTimeout(giveUp, ms).unref()
  })

async function byLoopback(login: Login): Promise<Record<string, unknown>> {
  const state = randomText(24)
  const loopback = await listenForCode({ state, issuer: login.metadata.issuer })
  try {
    const { redirectUri } = loopback
    const { url, verifier } = authorization(login, redirectUri, state)
    const opened = await openBrowser(url)
    tell(
      opened
        ? 'Sign in in the browser that has opened. If none has, open:'
        : 'Open this in a browser on this machine:',
    )
    tell(`  ${url}`)
    const code = await Promise.race([loopback.code, timeout(login.wish.patienceMs ?? LOGIN_MS)])
    return await redeem(login, code, redirectUri, verifier)
  } finally {
    loopback.close()
  }
}

async function byPaste(login: Login): Promise<Record<string, unknown>> {
  const redirectUri = `${login.metadata.issuer}/oauth/code`
  const state = randomText(24)
  const { url, verifier } = authorization(login, redirectUri, state)
  tell('Open this in any browser, sign in, and paste the code that it shows:')
  tell(`  ${url}`)
  const [code = '', sentState] = (await readLine('Code: ')).trim().split('#')
  if (code === '') throw new CliFault('login', 'no code was given')
  if (sentState !== state)
    throw new CliFault('login', 'this code is of another sign-in, or not whole; run it again')
  return redeem(login, code, redirectUri, verifier)
}

async function byDeviceCode(login: Login): Promise<Record<string, unknown>> {
  if (!login.metadata.offersDeviceCode)
    throw new CliFault('denied', 'this server does not let devices sign in by a code; leave --device out')
  const { key, deviceName, client } = login
  const asked = await client.oauth('/oauth/device_authorization', {
    scope: 'aws:assume',
    dpop_jkt: key.jkt,
    device_name: deviceName,
    key_storage: key.place,
  })
  tell(
    `Open ${String(asked.verification_uri)} in a browser in this network, and type: ${String(asked.user_code)}`,
  )
  let interval = Number(asked.interval ?? SLOWER_SECONDS)
  for (;;) {
    await waitMs(interval * 1000)
    try {
      return await client.oauth('/oauth/token', {
        grant_type: 'urn:ietf:params:oauth:grant-type:device_code',
        device_code: String(asked.device_code),
      })
    } catch (error) {
      if (!(error instanceof BrokerRefusal)) throw error
      if (error.error === 'slow_down') interval += SLOWER_SECONDS
      else if (error.error !== 'authorization_pending') throw error
    }
  }
}

/** The session of before is over once the new one is there; that it may not be reachable stops nobody. */
async function endBefore(
  server: string,
  name: string,
  before: SessionFile | undefined,
  vault: Vault | undefined,
): Promise<void> {
  const secrets = before && vault && secretsOf(vault, before)
  if (!before || !secrets || before.server !== server) return
  const { jwk } = before.key
  await brokerClient(server, name, { jwk, sign: keptSigner(jwk, secrets.privateKey) })
    .oauth('/oauth/revoke', { token: secrets.refreshToken })
    .catch(() => undefined)
}

/** Signs in and keeps the session. @throws CliFault */
export async function logIn(wish: LoginWish): Promise<SessionFile> {
  const name = sessionName(wish.session)
  openHome()
  homeMark()
  const server = serverOf(wish)
  const metadata = await readMetadata(server)
  const [before, vaultBefore] = [readSession(name), openVault()]
  const vault = makeVault(wish.key === 'agent' ? undefined : wish.key)
  const key = await newDeviceKey(wish.key, vault)
  const client = brokerClient(server, name, key)
  const login = { wish, server, metadata, key, client, deviceName: machineName(), needs: needsOf(wish) }
  const way = wish.device ? byDeviceCode : wish.browser && hasBrowser() ? byLoopback : byPaste
  const reply = await way(login).catch((error: unknown) => {
    throw asFault(name, error)
  })
  const place = { place: key.place, jwk: key.jwk, jkt: key.jkt }
  const file = sessionFrom({ server, deviceName: login.deviceName, key: place }, reply, {
    vault,
    privateKey: key.privateKey,
    now: serverNow(name),
  })
  writeSession(name, file)
  await endBefore(server, name, before, vaultBefore)
  await listRoles(openSession(name)).catch(() => undefined)
  return file
}
