import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto'

/** CBOR (RFC 8949) of what an attestation holds: numbers, texts, bytes and maps. */
function cbor(value: number | string | Buffer | Map<number | string, unknown>): Buffer {
  const head = (major: number, n: number) => {
    if (n < 24) return Buffer.from([(major << 5) | n])
    if (n < 256) return Buffer.from([(major << 5) | 24, n])
    return Buffer.from([(major << 5) | 25, n >> 8, n & 255])
  }
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value])
  const parts = [...value].flatMap(([key, one]) => [cbor(key), cbor(one as number)])
  return Buffer.concat([head(5, value.size), ...parts])
}

const FLAGS = { userPresent: 1, userVerified: 4, backupEligible: 8, backedUp: 16, attested: 64 }

/** How an answer differs from an honest one. */
export interface Lie {
  origin?: string
  rpId?: string
  challenge?: string
  type?: string
  /** Without PIN, finger or face. */
  unverified?: boolean
  userHandle?: string | undefined
  /** What the key says of its own count. */
  count?: number
  /** Another key signs. */
  signedBy?: SoftKey
}

export interface CreationOptions {
  rp: { id: string; name: string }
  user: { id: string; name: string; displayName: string }
  challenge: string
  excludeCredentials: { id: string }[]
  attestation: string
  authenticatorSelection: { userVerification: string }
}
export interface RequestOptions {
  challenge: string
  rpId: string
  userVerification: string
  allowCredentials: { id: string }[]
}

/** A security key in software: makes and answers as a browser would pass it on, honestly or not. */
export class SoftKey {
  readonly id = randomBytes(32).toString('base64url')
  userHandle = ''
  count: number
  readonly #key: KeyObject
  readonly #point: { x: Buffer; y: Buffer }
  readonly #origin: string
  readonly #synced: boolean

  /** `count`: undefined for a passkey that is synced, which keeps none. */
  constructor(origin: string, count?: number) {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = publicKey.export({ format: 'jwk' })
    this.#key = privateKey
    this.#point = { x: Buffer.from(jwk.x!, 'base64url'), y: Buffer.from(jwk.y!, 'base64url') }
    this.#origin = origin
    this.#synced = count === undefined
    this.count = count ?? 0
  }

  #client(type: string, challenge: string, lie: Lie): Buffer {
    const origin = lie.origin ?? this.#origin
    return Buffer.from(
      JSON.stringify({
        type: lie.type ?? type,
        challenge: lie.challenge ?? challenge,
        origin,
        crossOrigin: false,
      }),
    )
  }

  #data(rpId: string, flags: number, count: number, rest = Buffer.alloc(0)): Buffer {
    const counter = Buffer.alloc(4)
    counter.writeUInt32BE(count)
    const synced = this.#synced ? FLAGS.backupEligible | FLAGS.backedUp : 0
    return Buffer.concat([
      createHash('sha256').update(rpId).digest(),
      Buffer.from([flags | synced]),
      counter,
      rest,
    ])
  }

  /** JSON of `navigator.credentials.create`. */
  create(options: CreationOptions, lie: Lie = {}): string {
    this.userHandle = options.user.id
    const id = Buffer.from(this.id, 'base64url')
    const cose = cbor(
      new Map<number, unknown>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, this.#point.x],
        [-3, this.#point.y],
      ]),
    )
    const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, cose])
    const flags = FLAGS.userPresent | FLAGS.attested | (lie.unverified ? 0 : FLAGS.userVerified)
    const authData = this.#data(lie.rpId ?? options.rp.id, flags, lie.count ?? this.count, attested)
    const attestation = cbor(
      new Map<string, unknown>([
        ['fmt', 'none'],
        ['attStmt', new Map()],
        ['authData', authData],
      ]),
    )
    return JSON.stringify({
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      response: {
        clientDataJSON: this.#client('webauthn.create', options.challenge, lie).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      },
      clientExtensionResults: {},
    })
  }

  /** JSON of `navigator.credentials.get`. */
  get(options: RequestOptions, lie: Lie = {}): string {
    if (!this.#synced) this.count += 1
    const client = this.#client('webauthn.get', options.challenge, lie)
    const flags = FLAGS.userPresent | (lie.unverified ? 0 : FLAGS.userVerified)
    const data = this.#data(lie.rpId ?? options.rpId, flags, lie.count ?? this.count)
    const signed = Buffer.concat([data, createHash('sha256').update(client).digest()])
    const userHandle = 'userHandle' in lie ? lie.userHandle : this.userHandle
    return JSON.stringify({
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      response: {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: sign('sha256', signed, (lie.signedBy ?? this).#key).toString('base64url'),
        ...(userHandle !== undefined && { userHandle }),
      },
      clientExtensionResults: {},
    })
  }
}
