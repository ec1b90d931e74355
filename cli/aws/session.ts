/** The live session of this command line: its key, its tokens, and what to say when it is over. */
import { brokerClient, BrokerRefusal, type BrokerClient } from './broker-client.ts'
import { clockOffset, serverNow } from './cache.ts'
import { CliFault, loginHint } from './fault.ts'
import { keptSigner } from './keys/device-key.ts'
import { withLock } from './lock.ts'
import { localTime } from './machine.ts'
import {
  readSession,
  secretsOf,
  writeSession,
  type SessionFile,
  type SessionSecrets,
} from './session-file.ts'
import { requireVault, type Vault } from './vault.ts'

/** A session to work with. */
export interface Session {
  name: string
  file: SessionFile
  vault: Vault
  /** A call as this session; `role` is what it is for, in words to sign in with. @throws CliFault when it is over */
  call(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    more?: { body?: object; role?: string },
  ): Promise<Record<string, unknown>>
  client: BrokerClient
  /** Whichever refresh token is good now. */
  secrets(): SessionSecrets
}

/** An access token that is over by the time it arrives is of no use. */
const SPARE_MS = 30_000

/** Exit 3, in one line. */
const overFault = (name: string, why: string): CliFault =>
  new CliFault('login', `${why}; run "${loginHint(name)}"`)

/** Refuses a session that is over by what this machine knows: then nobody need be asked. @throws CliFault */
function requireTimeLeft(name: string, { endsAt, idleEndsAt }: SessionFile): void {
  const end = Math.min(Date.parse(endsAt), Date.parse(idleEndsAt))
  if (end <= serverNow(name)) throw overFault(name, `session expired ${localTime(end - clockOffset(name))}`)
}

/** The kept session of this name. @throws CliFault `login` when there is none, or it is over */
export function requireSessionFile(name: string): SessionFile {
  const file = readSession(name)
  if (!file) throw new CliFault('login', `not signed in; run "${loginHint(name)} URL"`)
  requireTimeLeft(name, file)
  return file
}

function requireSecrets(name: string, vault: Vault, file: SessionFile): SessionSecrets {
  const secrets = secretsOf(vault, file)
  if (secrets) return secrets
  throw overFault(name, 'the kept session cannot be read')
}

/** What a reply with tokens leaves to keep. */
export function sessionFrom(
  before: Pick<SessionFile, 'server' | 'deviceName' | 'key'>,
  reply: Record<string, unknown>,
  { vault, privateKey, now }: { vault: Vault; privateKey: string | undefined; now: number },
): SessionFile {
  if (reply.token_type !== 'DPoP')
    throw new CliFault(
      'denied',
      'the server gave tokens that are not bound to the key; they were thrown away',
    )
  const session = reply.session as {
    user: SessionFile['user']
    company: string
    ends_at: string
    idle_ends_at: string
  }
  const secrets: SessionSecrets = {
    accessToken: String(reply.access_token),
    accessEndsAt: now + Number(reply.expires_in) * 1000,
    refreshToken: String(reply.refresh_token),
    ...(privateKey !== undefined && { privateKey }),
  }
  const { server, deviceName, key } = before
  return {
    server,
    deviceName,
    key,
    user: session.user,
    company: session.company,
    endsAt: session.ends_at,
    idleEndsAt: session.idle_ends_at,
    sealed: vault.seal(secrets),
  }
}

/** Opens the session of this name. @throws CliFault `login` */
export function openSession(name: string): Session {
  const first = requireSessionFile(name)
  const vault = requireVault(loginHint(name))
  let file = first
  let secrets = requireSecrets(name, vault, file)
  const { jwk } = file.key
  const sign = keptSigner(jwk, secrets.privateKey)
  const client = brokerClient(file.server, name, { jwk, sign })

  const reload = (): void => {
    file = requireSessionFile(name)
    secrets = requireSecrets(name, vault, file)
  }
  /** Of processes at once one refreshes, and the others read what it got. */
  const refresh = (stale: string): Promise<void> =>
    withLock(`session ${name}`, async () => {
      reload()
      if (secrets.accessToken !== stale) return
      writeSession(name, file) // or there is no room, and the token that comes would be lost
      const fields = { grant_type: 'refresh_token', refresh_token: secrets.refreshToken }
      const reply = await client.oauth('/oauth/token', fields).catch((error: unknown) => {
        throw asFault(name, error)
      })
      const kept = { vault, privateKey: secrets.privateKey, now: serverNow(name) }
      file = sessionFrom(file, reply, kept)
      secrets = requireSecrets(name, vault, file)
      writeSession(name, file)
    })

  return {
    name,
    vault,
    client,
    get file() {
      return file
    },
    secrets: () => secrets,
    async call(method, path, { body, role } = {}) {
      if (secrets.accessEndsAt - serverNow(name) < SPARE_MS) await refresh(secrets.accessToken)
      try {
        return await client.call(method, path, secrets.accessToken, body)
      } catch (error) {
        if (!(error instanceof BrokerRefusal && error.error === 'invalid_token'))
          throw asFault(name, error, role)
      }
      await refresh(secrets.accessToken)
      return client.call(method, path, secrets.accessToken, body).catch((error: unknown) => {
        throw asFault(name, error, role)
      })
    },
  }
}

/** A refusal as the person at the terminal reads it. */
export function asFault(name: string, error: unknown, role?: string): unknown {
  if (!(error instanceof BrokerRefusal)) return error
  const { error: code, message, status, requestId } = error
  const reference = requestId === '' ? '' : ` (request ${requestId})`
  const login = loginHint(name, role)
  switch (code) {
    case 'invalid_grant':
    case 'invalid_token':
      return new CliFault('login', `${message}; run "${loginHint(name)}"`)
    case 'insufficient_user_authentication':
    case 'session_ends_soon':
      return new CliFault('login', `${message}; run "${login}"`, { role })
    case 'access_denied':
      return new CliFault('denied', `${message}${reference}`)
    case 'invalid_dpop_proof':
      return new CliFault('clock', `${message}${reference}; check the clock of this machine`)
    case 'slow_down':
      return new CliFault('network', `the server is asked too often; try again later${reference}`)
    default:
      return new CliFault(status >= 500 ? 'network' : 'denied', `the server refused: ${message}${reference}`)
  }
}
