/** The device authorization grant (RFC 8628), for machines on which nothing else works. Off unless a setting turns it on. */
import { z } from 'zod'
import { sha256 } from '../platform/master-key.ts'
import { prefixedToken, type Random } from '../platform/random.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { SECOND, type Clock } from '../platform/clock.ts'
import { OauthProblem } from '../http/oauth-wire.ts'
import { addressKey } from '../signin/address-key.ts'
import { grantSchema, type Grant } from './authorization-code.ts'
import { beginSession, type ClientFacts, type Granted, type GrantDeps } from './grants.ts'

export interface DeviceDeps extends GrantDeps {
  pending: GrantDeps['pending'] & Pick<PendingStore, 'swap' | 'count' | 'drop'>
}

export const DEVICE_SECONDS = 300
const INTERVAL_SECONDS = 5
/** No vowels, so no words; nothing that looks like something else. 20^8 is 34.5 bits. */
const ALPHABET = 'BCDFGHJKLMNPQRSTVWXZ'
const CODE_LENGTH = 8
/** Codes that one person, or one network, may type wrongly while a code lives. */
const WRONG_CODES = 5
const DECISION_TRIES = 5

const deviceSchema = z.strictObject({
  jkt: z.string(),
  deviceName: z.string(),
  keyStorage: grantSchema.shape.keyStorage,
  userCode: z.string(),
  /** Where the device is: whoever agrees has to be in the same part of the Internet. */
  address: z.string(),
  askedAt: z.number(),
  interval: z.number(),
  polledAt: z.number().optional(),
  decision: z.union([z.literal('denied'), grantSchema]).optional(),
})
/** A device that waits for somebody to agree. */
export type WaitingDevice = z.output<typeof deviceSchema>

const plain = (userCode: string): string => userCode.toUpperCase().replace(/[^A-Z]/g, '')

function newUserCode(random: Random): string {
  let code = ''
  while (code.length < CODE_LENGTH)
    for (const byte of random.bytes(CODE_LENGTH))
      if (byte < 240 && code.length < CODE_LENGTH) code += ALPHABET[byte % ALPHABET.length]! // 240 = 12 * 20
  return code
}

/** Two groups of four, as they are read out and typed. */
const shown = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`

type Asking = Pick<WaitingDevice, 'jkt' | 'deviceName' | 'keyStorage' | 'address'>

/** RFC 8628 section 3.2. */
export async function askForDevice(d: DeviceDeps & { publicUrl: string }, asking: Asking) {
  const deviceCode = prefixedToken(d.random, 'bd')
  const userCode = newUserCode(d.random)
  const waiting: WaitingDevice = { ...asking, userCode, askedAt: d.clock(), interval: INTERVAL_SECONDS }
  const id = sha256(deviceCode) // the code itself is kept nowhere
  await d.pending.put('device_code', id, JSON.stringify(waiting), DEVICE_SECONDS)
  await d.pending.put('user_code', userCode, id, DEVICE_SECONDS)
  const verificationUri = `${d.publicUrl}/oauth/device`
  return {
    device_code: deviceCode,
    user_code: shown(userCode),
    verification_uri: verificationUri,
    verification_uri_complete: `${verificationUri}?user_code=${shown(userCode)}`,
    expires_in: DEVICE_SECONDS,
    interval: INTERVAL_SECONDS,
  }
}

interface Kept {
  id: string
  kept: string
  waiting: WaitingDevice
}

async function readDevice(d: Pick<DeviceDeps, 'pending'>, id: string): Promise<Kept | undefined> {
  const kept = await d.pending.peek('device_code', id)
  return kept === undefined ? undefined : { id, kept, waiting: deviceSchema.parse(JSON.parse(kept)) }
}

/** What a code that somebody typed belongs to. `elsewhere`: the device is in another network than they are. */
export type Typed = { is: 'waiting'; device: Kept } | { is: 'unknown' | 'too_many' | 'elsewhere' }

/** Looks a typed code up. Wrong ones are counted for the person and for their network. */
export async function findDevice(
  d: Pick<DeviceDeps, 'pending'>,
  typed: string,
  who: { userId: number; address: string },
): Promise<Typed> {
  const id = await d.pending.peek('user_code', plain(typed))
  const device = id === undefined ? undefined : await readDevice(d, id)
  if (!device || device.waiting.decision !== undefined) {
    const counts = await Promise.all(
      [`user ${who.userId}`, `network ${addressKey(who.address)}`].map((id) =>
        d.pending.count('user_code_tries', id, DEVICE_SECONDS),
      ),
    )
    return { is: counts.some(({ count }) => count > WRONG_CODES) ? 'too_many' : 'unknown' }
  }
  const isNear = addressKey(device.waiting.address) === addressKey(who.address)
  return isNear ? { is: 'waiting', device } : { is: 'elsewhere' }
}

/** Notes what a person decided. False when it was decided before, or is too late. */
export async function decideDevice(
  d: Pick<DeviceDeps, 'pending'>,
  { id, waiting: { userCode } }: Kept,
  decision: NonNullable<WaitingDevice['decision']>,
): Promise<boolean> {
  await d.pending.drop('user_code', userCode)
  // The device polls meanwhile, and each poll changes what is kept.
  for (let i = 0; i < DECISION_TRIES; i++) {
    const now = await readDevice(d, id)
    if (!now || now.waiting.decision !== undefined) return false
    const decided = JSON.stringify({ ...now.waiting, decision })
    if (await d.pending.swap('device_code', id, now.kept, decided)) return true
  }
  return false
}

interface DeviceInput extends ClientFacts {
  code: string
  jkt: string
}

/** One poll of a device (RFC 8628 section 3.5). @throws OauthProblem */
export async function redeemDeviceCode(
  d: DeviceDeps & { clock: Clock },
  input: DeviceInput,
): Promise<Granted> {
  const found = await readDevice(d, sha256(input.code))
  if (found?.waiting.jkt !== input.jkt)
    throw new OauthProblem('expired_token', 'The code is over: begin again')
  const { waiting, id } = found
  if (waiting.decision === undefined) return pollAgain(d, found)
  // Of polls at once exactly one gets it.
  if ((await d.pending.take('device_code', id)) === undefined)
    throw new OauthProblem('expired_token', 'The code was used before')
  if (waiting.decision === 'denied')
    throw new OauthProblem('access_denied', 'The request was denied', { status: 400 })
  const grant: Grant = waiting.decision
  return beginSession(d, grant, input)
}

async function pollAgain(d: DeviceDeps, { id, kept, waiting }: Kept): Promise<never> {
  const now = d.clock()
  const tooSoon = waiting.polledAt !== undefined && now - waiting.polledAt < waiting.interval * SECOND
  const interval = waiting.interval + (tooSoon ? INTERVAL_SECONDS : 0)
  await d.pending.swap('device_code', id, kept, JSON.stringify({ ...waiting, interval, polledAt: now }))
  if (tooSoon) throw new OauthProblem('slow_down', `Ask every ${interval} seconds`, { extra: { interval } })
  throw new OauthProblem('authorization_pending', 'Nobody has agreed yet')
}
