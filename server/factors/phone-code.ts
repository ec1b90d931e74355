import { join } from 'node:path'
import type { Brand } from '../branding/brand.ts'
import type { Config } from '../config.ts'
import { Problem } from '../errors.ts'
import { chooseLanguage } from '../language/language.ts'
import type { Languages } from '../language/languages.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { HOUR, SECOND, type Clock } from '../platform/clock.ts'
import { keyedDigest, sameSecret, type MasterKey } from '../platform/master-key.ts'
import { openGateway, type PhoneGateway, type PhoneMessage } from '../platform/phone.ts'
import { digitCode, type Random } from '../platform/random.ts'
import type { Sealer } from '../platform/sealing.ts'
import { openSecret, type Authenticator } from './authenticator-store.ts'
import { RIGHT, WRONG, type Factor, type FactorQuestion } from './factor.ts'
import { maskedNumber, readPhoneNumber } from './phone-number.ts'

const DIGITS = 6
/** NIST SP 800-63B-4 section 3.1.3 allows ten minutes; a phone is at hand. */
const CODE_SECONDS = 300
const RESEND_AFTER_SECONDS = 30
/** Of either kind, within an hour. */
const SENT_TO_PERSON = 5
const SENT_TO_NUMBER = 5
const AN_HOUR = HOUR / SECOND

interface PhoneCodeDeps {
  random: Random
  sealer: Sealer
  digestKey: Buffer
  pending: Pick<PendingStore, 'put' | 'peek' | 'take' | 'count'>
  languages: Languages
  brands: () => Promise<Brand[]>
  publicUrl: string
  gateway: PhoneGateway
  /** Whether messages reach anybody. */
  works: boolean
}

type PhoneDeps = Omit<PhoneCodeDeps, 'gateway' | 'works' | 'publicUrl'> & {
  clock: Clock
  masterKey: MasterKey
  config: Pick<Config, 'SMS_URL' | 'VOICE_URL' | 'GATEWAY_SECRET' | 'NODE_ENV' | 'DATA_DIR' | 'PUBLIC_URL'>
}

/** Texts and calls by the gateways of the settings; without one they go to a folder, in production nowhere. */
export function phoneFactors(d: PhoneDeps): Record<'sms' | 'voice', Factor> {
  const { SMS_URL, VOICE_URL, GATEWAY_SECRET, NODE_ENV, DATA_DIR, PUBLIC_URL: publicUrl } = d.config
  const secret = GATEWAY_SECRET ?? d.masterKey.derive('gateway-signing')
  const folder = NODE_ENV === 'production' ? undefined : join(DATA_DIR, 'outbox')
  const factorOf = (kind: 'sms' | 'voice', url: string | undefined) =>
    phoneCodeFactor(kind, { ...d, publicUrl, ...openGateway({ ...d, kind, url, secret, folder }) })
  return { sms: factorOf('sms', SMS_URL), voice: factorOf('voice', VOICE_URL) }
}

/** A code to a phone, as a text or read out, good for the attempt that asked for it, kept only as a keyed digest. */
function phoneCodeFactor(kind: 'sms' | 'voice', d: PhoneCodeDeps): Factor {
  const numberOf = (authenticator: Authenticator) => openSecret(d.sealer, authenticator) ?? ''
  const idOf = ({ attemptId, authenticator }: FactorQuestion) => `${attemptId}:${authenticator.id}`
  const digest = (q: FactorQuestion, code: string) => keyedDigest(d.digestKey, 'phone_code', idOf(q), code)

  /** Against storms, and against those who earn by texts to numbers of theirs. @throws Problem `rate_limited` */
  async function spend(q: FactorQuestion, number: string): Promise<void> {
    const { country } = await readPhoneNumber(number, q.asked.policy.phone_countries)
    const limits: [string, number][] = [
      [`phone hour:${q.user.id}`, SENT_TO_PERSON],
      [`number:${number}`, SENT_TO_NUMBER],
      [`country:${country}`, q.asked.policy.max_codes_per_country_per_hour],
    ]
    for (const [id, most] of limits) {
      const { count, resetSeconds } = await d.pending.count('sent_code', id, AN_HOUR)
      if (count > most) throw new Problem('rate_limited', { retryAfterSeconds: resetSeconds })
    }
  }

  async function messageTo({ user, asked }: FactorQuestion, to: string, code: string): Promise<PhoneMessage> {
    const { code: language, t } = asked.reader?.language ?? d.languages[chooseLanguage({ person: user })]
    const company = (asked.reader?.brand ?? (await d.brands())[0])?.title ?? ''
    if (kind === 'voice')
      return { to, say: t('factors:phone.say', { company, code: Array.from(code).join(', ') }), language }
    return {
      to,
      body: t('factors:phone.text', { company, code }) + boundTo(asked.pages ?? d.publicUrl, code),
    }
  }

  return {
    suits: () => d.works,
    hint: (_user, authenticator) => maskedNumber(numberOf(authenticator)),
    phoneNumber: numberOf,
    begin: async ({ number, asked }) =>
      (await readPhoneNumber(number ?? '', asked.policy.phone_countries)).e164,
    setup: (_user, authenticator) => ({ is: 'sent', to: maskedNumber(numberOf(authenticator)) }),
    async challenge(q) {
      const recent = await d.pending.count('sent_code', `again:${idOf(q)}`, RESEND_AFTER_SECONDS)
      if (recent.count > 1) return { is: 'too_soon', waitSeconds: recent.resetSeconds }
      const number = numberOf(q.authenticator)
      await spend(q, number)
      const code = digitCode(d.random, DIGITS)
      await d.pending.put('phone_code', idOf(q), digest(q, code), CODE_SECONDS)
      await d.gateway.send(await messageTo(q, number, code))
      return { is: 'sent' }
    },
    async verify(q, code) {
      if (!/^\d{6}$/.test(code)) return WRONG
      const expected = await d.pending.peek('phone_code', idOf(q))
      if (expected === undefined || !sameSecret(expected, digest(q, code))) return WRONG
      return (await d.pending.take('phone_code', idOf(q))) === expected ? RIGHT : WRONG
    },
  }
}

/** The last line by which a browser fills in the code on our pages and nowhere else (WICG, origin-bound one-time codes). */
function boundTo(origin: string, code: string): string {
  const { protocol, hostname } = new URL(origin)
  return protocol === 'https:' ? `\n\n@${hostname} #${code}` : ''
}
