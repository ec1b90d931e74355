import { createHmac } from 'node:crypto'
import type { Config } from '../config.ts'
import { Problem } from '../errors.ts'
import { sameSecret } from '../platform/master-key.ts'
import { hexToken, type Random } from '../platform/random.ts'
import type { Sealer } from '../platform/sealing.ts'
import { openSecret } from './authenticator-store.ts'
import { WRONG, type Factor, type Verdict } from './factor.ts'

/** A validation server is asked this long. */
const TAKES_AT_MOST_MS = 5000
/** 16 bytes in modhex behind the key's public name of 6. */
const OTP = /^([cbdefghijklnrtuv]{12})[cbdefghijklnrtuv]{32}$/
/** The server could not say: another one may. Anything else but OK is about the OTP. */
const ASK_ANOTHER: ReadonlySet<string> = new Set([
  'BACKEND_ERROR',
  'NOT_ENOUGH_ANSWERS',
  'OPERATION_NOT_ALLOWED',
])

/** Where OTPs are validated, and as whom (Yubico's validation protocol 2.0). */
export interface YubicoSettings {
  urls: readonly string[]
  clientId: string
  /** Base64, as Yubico hands it out. */
  secretKey: string
}

export interface YubicoDeps {
  random: Random
  sealer: Sealer
  config: Pick<Config, 'YUBICO_URLS' | 'YUBICO_CLIENT_ID' | 'YUBICO_SECRET_KEY'>
}

function settingsOf({ YUBICO_URLS, YUBICO_CLIENT_ID, YUBICO_SECRET_KEY }: YubicoDeps['config']) {
  if (!YUBICO_URLS || YUBICO_CLIENT_ID === undefined || YUBICO_SECRET_KEY === undefined) return undefined
  return { urls: YUBICO_URLS, clientId: YUBICO_CLIENT_ID, secretKey: YUBICO_SECRET_KEY }
}

/** HMAC-SHA-1 over the sorted pairs, base64. */
function signatureOf(pairs: Record<string, string>, secretKey: string): string {
  const text = Object.keys(pairs)
    .sort()
    .map((key) => `${key}=${pairs[key]!}`)
    .join('&')
  return createHmac('sha1', Buffer.from(secretKey, 'base64')).update(text).digest('base64')
}

const pairsIn = (answer: string): Record<string, string> =>
  Object.fromEntries(
    answer
      .split(/\r?\n/)
      .map((line) => /^([a-z]{1,20})=(.{0,200})$/.exec(line))
      .flatMap((found) => (found ? [[found[1]!, found[2]!]] : [])),
  )

/** What one server says of an OTP, if the answer is its own and to this question; `undefined` when it said nothing. */
async function statusBy(
  url: string,
  { clientId, secretKey }: YubicoSettings,
  asked: { otp: string; nonce: string },
): Promise<string | undefined> {
  const pairs = { id: clientId, ...asked }
  const query = new URLSearchParams({ ...pairs, h: signatureOf(pairs, secretKey) })
  const signal = AbortSignal.timeout(TAKES_AT_MOST_MS)
  const answer = await fetch(`${url}?${query.toString()}`, { signal, redirect: 'error' })
    .then((response) => response.text())
    .catch(() => '')
  const { h = '', ...said } = pairsIn(answer.slice(0, 4000))
  if (!sameSecret(h, signatureOf(said, secretKey))) return undefined
  return said.otp === asked.otp && said.nonce === asked.nonce ? said.status : undefined
}

/** Whether a server calls this OTP good, which it does once. @throws Problem `unavailable`: none could say */
async function isGood(d: { random: Random; settings: YubicoSettings }, otp: string): Promise<boolean> {
  for (const url of d.settings.urls) {
    const status = await statusBy(url, d.settings, { otp, nonce: hexToken(d.random, 16) })
    if (status !== undefined && !ASK_ANOTHER.has(status)) return status === 'OK'
  }
  throw new Problem('unavailable', { message: 'no validation server answered', retryAfterSeconds: 10 })
}

/** A YubiKey that types one-time passwords, each validated by a server that remembers which it has seen. */
export function yubicoFactor({ random, sealer, config }: YubicoDeps): Factor {
  const settings = settingsOf(config)
  /** The public name of the key that made a good OTP. */
  async function keyOf(answer: string): Promise<string | undefined> {
    const otp = answer.toLowerCase()
    const [, name] = OTP.exec(otp) ?? []
    return settings && name !== undefined && (await isGood({ random, settings }, otp)) ? name : undefined
  }
  return {
    suits: () => settings !== undefined,
    hint: () => '',
    begin: async () => null,
    setup: () => ({ is: 'elsewhere' }),
    challenge: async () => ({ is: 'nothing_to_send' }),
    async prove(_question, answer): Promise<Verdict> {
      const name = await keyOf(answer)
      return name === undefined ? WRONG : { is: 'right', keeps: name }
    },
    async verify({ authenticator }, answer): Promise<Verdict> {
      const own = openSecret(sealer, authenticator)
      // Another person's key is not even asked about: its OTP stays good for them.
      if (own === null || !answer.toLowerCase().startsWith(own)) return WRONG
      return (await keyOf(answer)) === own ? { is: 'right' } : WRONG
    },
  }
}
