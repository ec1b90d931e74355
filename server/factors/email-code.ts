import type { Post, Write } from '../branding/post.ts'
import { Problem } from '../errors.ts'
import type { PendingStore } from '../pending/pending-store.ts'
import { keyedDigest, sameSecret } from '../platform/master-key.ts'
import { digitCode, type Random } from '../platform/random.ts'
import { maskedEmail } from './masked.ts'
import { isMailLinkToken, putMailLink } from './mail-link.ts'
import type { Sealer } from '../platform/sealing.ts'
import { RIGHT, WRONG, type Factor, type FactorQuestion } from './factor.ts'

const DIGITS = 6
/** NIST SP 800-63B-4 section 3.1.3: an out-of-band code is valid for at most 10 minutes. */
const CODE_SECONDS = 600
const RESEND_AFTER_SECONDS = 30
const SENT_PER_HOUR = 10

interface EmailCodeDeps {
  pending: Pick<PendingStore, 'put' | 'peek' | 'take' | 'count'>
  post: Pick<Post, 'send'>
  random: Random
  sealer: Sealer
  digestKey: Buffer
}

/** A code by mail, good for the attempt that asked for it, kept only as a keyed digest. */
export function emailCodeFactor(d: EmailCodeDeps): Factor {
  const idOf = ({ attemptId, authenticator }: FactorQuestion) => `${attemptId}:${authenticator.id}`
  const digest = (q: FactorQuestion, code: string) => keyedDigest(d.digestKey, 'email_code', idOf(q), code)

  /** For people on our pages: a link that answers as the code does, in the browser that asked. */
  async function linkFor(q: FactorQuestion): Promise<string | undefined> {
    const { pages, browser } = q.asked
    if (pages === undefined || browser === undefined) return undefined
    const target = { attemptId: q.attemptId, authenticatorId: q.authenticator.id }
    const token = await putMailLink(d, target, CODE_SECONDS)
    await d.pending.put('mail_link_answer', idOf(q), digest(q, token), CODE_SECONDS)
    return `${pages}/login/link/${token}`
  }

  return {
    suits: (user) => user.email !== '',
    hint: ({ email }) => maskedEmail(email),
    begin: async () => null,
    setup: ({ email }) => ({ is: 'sent', to: maskedEmail(email) }),
    async challenge(q) {
      const recent = await d.pending.count('sent_code', `again:${idOf(q)}`, RESEND_AFTER_SECONDS)
      if (recent.count > 1) return { is: 'too_soon', waitSeconds: recent.resetSeconds }
      const hourly = await d.pending.count('sent_code', `hour:${q.user.id}`, 3600)
      if (hourly.count > SENT_PER_HOUR)
        throw new Problem('rate_limited', { retryAfterSeconds: hourly.resetSeconds })
      const code = digitCode(d.random, DIGITS)
      await d.pending.put('email_code', idOf(q), digest(q, code), CODE_SECONDS)
      const { active } = q.authenticator
      const href = active ? await linkFor(q) : undefined
      await d.post.send(q.user, codeLetter(active ? 'code' : 'confirm', code, href), q.asked.reader)
      return { is: 'sent' }
    },
    async verify(q, answer) {
      const kind = isMailLinkToken(answer) ? 'mail_link_answer' : 'email_code'
      if (kind === 'email_code' && !/^\d{6}$/.test(answer)) return WRONG
      const expected = await d.pending.peek(kind, idOf(q))
      if (expected === undefined || !sameSecret(expected, digest(q, answer))) return WRONG
      return (await d.pending.take(kind, idOf(q))) === expected ? RIGHT : WRONG
    },
  }
}

/** The code, to sign in or to confirm the address. */
export const codeLetter =
  (about: 'code' | 'confirm', code: string, href?: string): Write =>
  ({ t }) => ({
    subject: t(`factors:letter.${about}.subject`),
    opening: t(`factors:letter.${about}.opening`, { code }),
    code,
    paragraphs: [t(`factors:letter.${about}.life`), t(`factors:letter.${about}.warning`)],
    ...(href !== undefined && { button: { text: t('factors:letter.link'), href } }),
  })
