import { describe, expect, test } from 'vitest'
import type { FactorQuestion } from '../../server/factors/factor.ts'
import type { LetterContent } from '../../server/branding/letter.ts'
import { emailCodeFactor } from '../../server/factors/email-code.ts'
import { loadLanguages } from '../../server/language/languages.ts'
import { pendingStoreMemory } from '../../server/pending/pending-store-memory.ts'
import type { PendingStore } from '../../server/pending/pending-store.ts'
import { systemRandom } from '../../server/platform/random.ts'
import { aesSealer } from '../../server/platform/sealing.ts'
import { movableClock } from '../support/clock.ts'
import { inEveryWorld, type TestApp } from '../support/app.ts'
import { DEVICES, IDS } from '../support/people.ts'
import { ASKED } from './asked.ts'

/** The question that an attempt puts to somebody. */
async function question(app: TestApp, attemptId: string, who: 'dee' | 'cy' = 'dee'): Promise<FactorQuestion> {
  const user = (await app.ctx.users.find(IDS[who]))!
  const id = who === 'dee' ? DEVICES.deeEmail : DEVICES.cyEmail
  const authenticator = (await app.ctx.authenticators.listForUser(user.id)).find((one) => one.id === id)!
  return { user, authenticator, attemptId, asked: ASKED }
}

async function sent(app: TestApp, to: FactorQuestion): Promise<string> {
  app.clock.advance(0.001) // letters are named by time
  expect(await app.ctx.factors.email.challenge(to)).toEqual({ is: 'sent' })
  return app.mailedCode()
}
const other = (code: string) => String((Number(code) + 1) % 1_000_000).padStart(6, '0')

const { en } = loadLanguages()

describe('emailCodeFactor', () => {
  inEveryWorld((app) => {
    const verify = async (to: FactorQuestion, code: string) =>
      (await app().ctx.factors.email.verify(to, code)).is === 'right'

    test('takes the code that it mailed, once', async () => {
      const to = await question(app(), 'once')
      const code = await sent(app(), to)
      expect([await verify(to, other(code)), await verify(to, code), await verify(to, code)]).toEqual([
        false,
        true,
        false,
      ])
    })

    test('gives a code that is used twenty times at once to exactly one', async () => {
      const to = await question(app(), 'race')
      const code = await sent(app(), to)
      const took = await Promise.all(Array.from({ length: 20 }, () => verify(to, code)))
      expect(took.filter(Boolean)).toHaveLength(1)
    })

    test('takes no code for another attempt or another authenticator', async () => {
      const to = await question(app(), 'mine')
      const code = await sent(app(), to)
      const elsewhere = [
        await question(app(), 'yours'),
        await question(app(), 'mine', 'cy'),
        { ...to, attemptId: 'min', authenticator: { ...to.authenticator, id: DEVICES.adaTotp } },
      ]
      for (const wrong of elsewhere) expect(await verify(wrong, code)).toBe(false)
      expect(await verify(to, code)).toBe(true)
    })

    test('takes a code for ten minutes and not longer', async () => {
      const to = await question(app(), 'late')
      const first = await sent(app(), to)
      await app().advance(599)
      expect(await verify(to, first)).toBe(true)
      const second = await sent(app(), to)
      await app().advance(601)
      expect(await verify(to, second)).toBe(false)
    })

    test('sends no second code within half a minute, and the first stays good', async () => {
      await app().advance(3600)
      const to = await question(app(), 'impatient')
      const code = await sent(app(), to)
      const letters = (await app().letters()).length
      await app().advance(25)
      expect(await app().ctx.factors.email.challenge(to)).toMatchObject({ is: 'too_soon', waitSeconds: 5 })
      expect(await app().letters()).toHaveLength(letters)
      expect(await verify(to, code)).toBe(true)
    })

    test('makes the first code worthless when it sends a second', async () => {
      await app().advance(3600)
      const to = await question(app(), 'again')
      const first = await sent(app(), to)
      await app().advance(31)
      let second = await sent(app(), to)
      while (second === first) {
        await app().advance(31)
        second = await sent(app(), to) // one time in a million
      }
      expect([await verify(to, first), await verify(to, second)]).toEqual([false, true])
    })

    test('mails one person ten codes an hour, over all attempts', async () => {
      await app().advance(3600)
      for (let i = 0; i < 10; i++) await sent(app(), await question(app(), `flood ${i}`))
      const refused = app().ctx.factors.email.challenge(await question(app(), 'flood 11'))
      await expect(refused).rejects.toMatchObject({ code: 'rate_limited' })
      expect(await app().ctx.factors.email.challenge(await question(app(), 'other person', 'cy'))).toEqual({
        is: 'sent',
      })
      await app().advance(3601)
      expect(await app().ctx.factors.email.challenge(await question(app(), 'next hour'))).toEqual({
        is: 'sent',
      })
    })

    test('mails ten codes and no more to twenty attempts at once', async () => {
      await app().advance(3601)
      const before = (await app().letters()).length
      const questions = await Promise.all(Array.from({ length: 20 }, (_, i) => question(app(), `crowd ${i}`)))
      const outcomes = await Promise.allSettled(questions.map((to) => app().ctx.factors.email.challenge(to)))
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(10)
      expect(await app().letters()).toHaveLength(before + 10)
    })

    test('refuses what is not six ASCII digits', async () => {
      await app().advance(3601)
      const to = await question(app(), 'forms')
      const code = await sent(app(), to)
      for (const text of ['', `${code} `, ` ${code}`, `${code}\n`, code.slice(1), `0${code}`, '٠٠٠٠٠٠'])
        expect(await verify(to, text)).toBe(false)
      expect(await verify(to, code)).toBe(true)
    })
  })

  test('keeps a keyed digest only: neither the code nor its plain digest is in the store', async () => {
    const kept: string[] = []
    const letters: LetterContent[] = []
    const clock = movableClock()
    const memory = pendingStoreMemory({ clock: clock.now })
    const put: PendingStore['put'] = (kind, id, value, ttl) => {
      kept.push(value)
      return memory.put(kind, id, value, ttl)
    }
    const factorWith = (key: number) =>
      emailCodeFactor({
        pending: { ...memory, put },
        post: { send: async (_to, write) => void letters.push(write(en)) },
        random: systemRandom,
        sealer: aesSealer(Buffer.alloc(32, 9), systemRandom),
        digestKey: Buffer.alloc(32, key),
      })
    const user = { id: 1, email: 'ada@acme.test' } as FactorQuestion['user']
    const authenticator = { id: 7, userId: 1, factor: 'email' } as FactorQuestion['authenticator']
    const to = { user, authenticator, attemptId: 'a', asked: ASKED }
    await factorWith(1).challenge(to)
    const code = letters[0]!.code!
    expect(letters[0]!.subject).not.toContain(code)
    expect(kept).toHaveLength(1)
    expect(kept[0]).toMatch(/^[\w-]{43}$/)
    expect(await factorWith(2).verify(to, code)).toEqual({ is: 'wrong' }) // who has the store alone cannot try codes
    expect(await factorWith(1).verify(to, code)).toEqual({ is: 'right' })
  })
})
