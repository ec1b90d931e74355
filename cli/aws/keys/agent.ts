/** A key in an ssh-agent signs for us and never comes to us: Secretive, a TPM, a smart card, or ssh-agent itself. */
import { connect } from 'node:net'
import type { PublicJwk } from '../session-file.ts'
import { CliFault } from '../fault.ts'
import { environment } from '../machine.ts'

const REQUEST_IDENTITIES = 11
const IDENTITIES_ANSWER = 12
const SIGN_REQUEST = 13
const SIGN_RESPONSE = 14
const KEY_TYPE = 'ecdsa-sha2-nistp256'
const CURVE = 'nistp256'
/** A key may wait for a touch or a finger. */
const PATIENCE_MS = 60_000
const COORDINATE_BYTES = 32
/** A key is ours by its comment: no key that opens servers signs here by chance. */
const OURS = /doorward/i

/** A key of the agent as its protocol names it. */
export interface AgentKey {
  blob: Buffer
  comment: string
  jwk: PublicJwk
}

const field = (bytes: Buffer | string): Buffer => {
  const body = Buffer.from(bytes)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(body.length)
  return Buffer.concat([length, body])
}

/** Reads the fields of a message one after another. */
function reader(bytes: Buffer) {
  let at = 0
  const number = (): number => {
    const value = bytes.readUInt32BE(at)
    at += 4
    return value
  }
  return {
    number,
    field(): Buffer {
      const length = number()
      const value = bytes.subarray(at, at + length)
      if (value.length !== length) throw new Error('the agent sent half a message')
      at += length
      return value
    },
  }
}

/** One request and its answer: type and body. */
function ask(socketPath: string, type: number, body: Buffer): Promise<{ type: number; body: Buffer }> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath)
    let got = Buffer.alloc(0)
    const fail = (error: Error) => {
      socket.destroy()
      reject(error)
    }
    socket.setTimeout(PATIENCE_MS, () => fail(new Error('the agent does not answer')))
    socket.once('error', fail)
    socket.once('end', () => fail(new Error('the agent hung up')))
    socket.on('data', (chunk) => {
      got = Buffer.concat([got, chunk])
      if (got.length < 5 || got.length < 4 + got.readUInt32BE(0)) return
      socket.destroy()
      resolve({ type: got[4]!, body: got.subarray(5, 4 + got.readUInt32BE(0)) })
    })
    socket.write(field(Buffer.concat([Buffer.from([type]), body])))
  })
}

/** The public key of a blob, if it is one on P-256 that signs what it is given (a FIDO key signs something else). */
function jwkOf(blob: Buffer): PublicJwk | undefined {
  try {
    const read = reader(blob)
    if (read.field().toString() !== KEY_TYPE || read.field().toString() !== CURVE) return undefined
    const point = read.field()
    if (point.length !== 1 + 2 * COORDINATE_BYTES || point[0] !== 4) return undefined
    const [x, y] = [point.subarray(1, 1 + COORDINATE_BYTES), point.subarray(1 + COORDINATE_BYTES)]
    return { kty: 'EC', crv: 'P-256', x: x.toString('base64url'), y: y.toString('base64url') }
  } catch {
    return undefined
  }
}

/** Keys of the agent that are meant for this command. @throws Error when the agent cannot be asked */
export async function agentKeys(): Promise<AgentKey[]> {
  const socketPath = environment().SSH_AUTH_SOCK
  if (!socketPath) return []
  const { type, body } = await ask(socketPath, REQUEST_IDENTITIES, Buffer.alloc(0))
  if (type !== IDENTITIES_ANSWER) throw new Error('the agent lists no keys')
  const read = reader(body)
  const keys = Array.from({ length: read.number() }, () => ({
    blob: read.field(),
    comment: read.field().toString('utf8'),
  }))
  return keys.flatMap(({ blob, comment }) => {
    const jwk = OURS.test(comment) ? jwkOf(blob) : undefined
    return jwk ? [{ blob, comment, jwk }] : []
  })
}

/** An agent that is somewhere else signs for whoever can reach this machine: it is only used when it is asked for. */
export const isForwarded = (): boolean => Boolean(environment().SSH_CONNECTION)

/** A number of SSH is signed and of any length; of JOSE it has 32 bytes. */
function coordinate(number: Buffer): Buffer {
  const bare = number.subarray(Math.max(0, number.length - COORDINATE_BYTES))
  return Buffer.concat([Buffer.alloc(COORDINATE_BYTES - bare.length), bare])
}

/** An ES256 signature by the agent's key (RFC 7518 section 3.4). @throws CliFault */
export async function signByAgent(jwk: PublicJwk, data: string): Promise<Buffer> {
  const socketPath = environment().SSH_AUTH_SOCK
  if (!socketPath)
    throw new CliFault('login', 'the ssh-agent that holds the key is not there: SSH_AUTH_SOCK is not set')
  try {
    const key = (await agentKeys()).find((one) => one.jwk.x === jwk.x && one.jwk.y === jwk.y)
    if (!key) throw new Error('the key is not in the agent, or the agent is locked')
    const { type, body } = await ask(
      socketPath,
      SIGN_REQUEST,
      Buffer.concat([field(key.blob), field(data), Buffer.alloc(4)]),
    )
    if (type !== SIGN_RESPONSE)
      throw new Error('the agent did not sign: it is locked, or the signature was refused')
    const signature = reader(reader(body).field())
    signature.field() // the name of the algorithm
    const pair = reader(signature.field())
    return Buffer.concat([coordinate(pair.field()), coordinate(pair.field())])
  } catch (cause) {
    throw new CliFault('login', `ssh-agent: ${(cause as Error).message}`)
  }
}
