import { describe, expect, test } from 'vitest'
import { COMMAND_LINE } from '../../server/events/event-store.ts'
import { checkPassword } from '../../server/signin/password-check.ts'
import { inEveryWorld, startApp, type ApiReply, type TestApp } from '../support/app.ts'
import { browser, type Browser } from '../support/html.ts'
import { IDS, PASSWORDS, type PersonName } from '../support/people.ts'
import { changeUser, signIn } from './portal.ts'

const MAX = 3
const LOCK_SECONDS = 30 * 60
const POLICY = { max_invalid_attempts: MAX, max_failures_per_address: 1_000_000 }
const WRONG = 'Authentication Failed: Invalid user credentials'
const LOCKED = 'User is locked. Access is unauthorized'

const times = <T>(n: number, make: (i: number) => Promise<T>): Promise<T[]> =>
  Promise.all(Array.from({ length: n }, (_, i) => make(i)))

let guesses = 0
/** A wrong password that must not show up anywhere. */
function wrong(app: TestApp): string {
  const password = `not-it-${guesses++}-${'x'.repeat(10)}`
  app.sink.learn(password)
  return password
}

const login = async (app: TestApp, name: string, password: string, headers: Record<string, string> = {}) =>
  app.post(
    '/api/1/login/auth',
    { username_or_email: name, password, subdomain: 'acme' },
    await tokenOf(app),
    headers,
  )
const message = ({ json }: ApiReply): string => json.status.message

const tokens = new WeakMap<TestApp, Promise<string>>()
function tokenOf(app: TestApp): Promise<string> {
  if (!tokens.has(app)) tokens.set(app, app.token())
  return tokens.get(app)!
}

async function loginPage(app: TestApp, name: string, password: string) {
  const tab = app.browser().tab()
  await tab.open(`${app.url}/login`)
  return tab.page.form().fill({ login: name, password }).submit()
}

function heldUp() {
  let goOn: () => void = () => undefined
  const promise = new Promise<void>((resolve) => (goOn = resolve))
  return { promise, goOn }
}

async function lockedOut(app: TestApp, name: string): Promise<void> {
  for (let i = 0; i < MAX; i++) expect(message(await login(app, name, wrong(app)))).toBe(WRONG)
}
const tries = async (app: TestApp, who: PersonName) =>
  (await app.ctx.users.find(IDS[who]))!.invalidLoginAttempts
/** Every counter is back at nothing. */
const nextDay = (app: TestApp) => app.advance(25 * 3600).then(() => void tokens.delete(app))
const eventsSince = async (app: TestApp, from: number) => (await app.events()).slice(from)

describe('guessing a password', () => {
  inEveryWorld(
    (app) => {
      test('200 guesses at once: only as many are looked at as may be', async () => {
        const from = (await app().events()).length
        const replies = await times(200, () => login(app(), 'bob', wrong(app())))
        const answers = replies.map((reply) => [reply.status, message(reply)])
        expect(answers.filter(([, text]) => text === WRONG)).toHaveLength(MAX)
        expect(answers.filter(([status, text]) => status === 401 && text === LOCKED)).toHaveLength(200 - MAX)
        const noted = (await eventsSince(app(), from)).filter(({ eventTypeId }) => eventTypeId === 123)
        expect(noted.filter(({ errorDescription }) => errorDescription === 'wrong password')).toHaveLength(
          MAX,
        )
        expect((await eventsSince(app(), from)).filter(({ eventTypeId }) => eventTypeId === 19)).toHaveLength(
          1,
        )
        await nextDay(app())
      })

      test('the right password among later guesses does not get in, through any door', async () => {
        await lockedOut(app(), 'bob')
        const replies = await times(60, (i) =>
          login(app(), 'bob', i % 3 === 0 ? PASSWORDS.bob : wrong(app())),
        )
        expect(new Set(replies.map((reply) => `${reply.status} ${message(reply)}`))).toEqual(
          new Set([`401 ${LOCKED}`]),
        )
        const saml = { username_or_email: 'bob', password: PASSWORDS.bob, subdomain: 'acme', app_id: 500 }
        const assertion = await app().post('/api/1/saml_assertion', saml, await tokenOf(app()))
        expect([assertion.status, message(assertion)]).toEqual([401, LOCKED])
        const page = await loginPage(app(), 'bob', PASSWORDS.bob)
        expect([page.status, page.url.pathname]).toEqual([401, '/login'])
        await nextDay(app())
      })

      test('a lock ends by itself, and the right password then lifts it', async () => {
        await lockedOut(app(), 'bob')
        await app().advance(LOCK_SECONDS - 1)
        expect(message(await login(app(), 'bob', PASSWORDS.bob))).toBe(LOCKED)
        await app().advance(1)
        const from = (await app().events()).length
        expect((await login(app(), 'bob', PASSWORDS.bob)).status).toBe(200)
        const bob = (await app().ctx.users.find(IDS.bob))!
        expect([bob.status, bob.lockedUntil, bob.lockReason, bob.invalidLoginAttempts]).toEqual([
          1,
          null,
          null,
          0,
        ])
        expect((await eventsSince(app(), from)).map(({ eventTypeId }) => eventTypeId)).toEqual([12, 122, 515])
      })

      test('after a lock has ended there are as many tries as before it, not one more', async () => {
        await lockedOut(app(), 'bob')
        await app().advance(LOCK_SECONDS)
        await lockedOut(app(), 'bob')
        expect(message(await login(app(), 'bob', PASSWORDS.bob))).toBe(LOCKED)
        await nextDay(app())
      })

      test('guesses made while a lock is on do not make it longer', async () => {
        await lockedOut(app(), 'bob')
        await app().advance(LOCK_SECONDS - 10)
        await times(20, () => login(app(), 'bob', wrong(app())))
        await app().advance(10)
        expect((await login(app(), 'bob', PASSWORDS.bob)).status).toBe(200)
      })

      test('the right password sets the counter back', async () => {
        for (let round = 0; round < 3; round++) {
          for (let i = 1; i < MAX; i++) expect(message(await login(app(), 'bob', wrong(app())))).toBe(WRONG)
          expect((await login(app(), 'bob', PASSWORDS.bob)).status).toBe(200)
        }
        expect(await tries(app(), 'bob')).toBe(0)
      })

      test('a person who signs in many times at once is let in each time and not locked', async () => {
        const replies = await times(40, () => login(app(), 'bob', PASSWORDS.bob))
        expect(replies.map(({ status }) => status)).toEqual(Array(40).fill(200))
        for (const { json } of replies) app().sink.learn(json.data[0].session_token)
        expect(await tries(app(), 'bob')).toBe(0)
      })

      test('every spelling of a name has one counter', async () => {
        const spellings = [
          'bob',
          'BOB@acme.test',
          '  bob@ACME.test\t',
          'ＢＯＢ',
          'ｂｏｂ＠ａｃｍｅ．ｔｅｓｔ',
          '\u2003bob',
        ]
        for (const spelling of spellings.slice(0, MAX))
          expect([spelling, message(await login(app(), spelling, wrong(app())))]).toEqual([spelling, WRONG])
        for (const spelling of spellings)
          expect([spelling, message(await login(app(), spelling, PASSWORDS.bob))]).toEqual([spelling, LOCKED])
        await nextDay(app())
      })

      test('people who do not exist are locked alike, however they are spelled', async () => {
        const unknown = [
          'nobody@acme.test',
          'NOBODY@ACME.TEST',
          ' nobody@acme.test ',
          'ｎｏｂｏｄｙ＠acme.test',
        ]
        for (const spelling of unknown.slice(0, MAX))
          expect(message(await login(app(), spelling, wrong(app())))).toBe(WRONG)
        for (const spelling of unknown)
          expect(message(await login(app(), spelling, wrong(app())))).toBe(LOCKED)
        await app().advance(LOCK_SECONDS - 1)
        expect(message(await login(app(), unknown[0]!, wrong(app())))).toBe(LOCKED)
        await app().advance(1)
        expect(message(await login(app(), unknown[0]!, wrong(app())))).toBe(WRONG)
        const atOnce = await times(60, () => login(app(), 'no-one@acme.test', wrong(app())))
        expect(atOnce.map(message).filter((text) => text === WRONG)).toHaveLength(MAX)
        await nextDay(app())
      })

      test('a guess that was held up while a person who does not exist was locked is not looked at', async () => {
        const { ctx } = app()
        const { promise: lockIsOn, goOn } = heldUp()
        const { promise: lookedForALock, goOn: reached } = heldUp()
        const slow: typeof ctx.pending = {
          ...ctx.pending,
          async count(kind, ...rest) {
            if (kind === 'failed_password') {
              reached()
              await lockIsOn
            }
            return ctx.pending.count(kind, ...rest)
          },
        }
        const guess = { login: 'nobody', password: wrong(app()), origin: COMMAND_LINE }
        const late = checkPassword({ ...ctx, pending: slow }, guess)
        await lookedForALock
        await lockedOut(app(), 'nobody')
        goOn()
        expect(await late).toMatchObject({ is: 'locked' })
        await app().advance(LOCK_SECONDS)
        await lockedOut(app(), 'nobody')
        await nextDay(app())
      })

      test('failures are forgotten a day after the first, for those who exist and those who do not', async () => {
        for (const name of ['bob', 'nobody']) {
          for (let i = 1; i < MAX; i++) await login(app(), name, wrong(app()))
          await nextDay(app())
          for (let i = 0; i < MAX; i++) expect(message(await login(app(), name, wrong(app())))).toBe(WRONG)
          expect(message(await login(app(), name, wrong(app())))).toBe(LOCKED)
          await nextDay(app())
        }
      })

      test('the owner is told by mail once, and nobody is told of a name that nobody has', async () => {
        const before = (await app().letters()).length
        await times(20, () => login(app(), 'gus', wrong(app())))
        await times(20, () => login(app(), 'nobody', wrong(app())))
        await expect.poll(async () => (await app().letters()).length).toBe(before + 1)
        const letter = (await app().letters()).find((text) => text.includes('gus@acme.test'))!
        expect(letter).toContain('Signing in to your account is paused')
        expect(letter).not.toMatch(/href/i)
        await nextDay(app())
      })

      test('guessing does not turn a lock without an end into one that ends', async () => {
        const lock = { status: 3, lockedUntil: null, lockReason: 'administrator' }
        await app().ctx.db.updateTable('users').set(lock).where('id', '=', IDS.bob).execute()
        await times(10, () => login(app(), 'bob', wrong(app())))
        await app().advance(LOCK_SECONDS + 1)
        expect(message(await login(app(), 'bob', PASSWORDS.bob))).toBe(LOCKED)
        await nextDay(app())
        expect(message(await login(app(), 'bob', PASSWORDS.bob))).toBe(LOCKED)
        const { status, lockedUntil, lockReason } = (await app().ctx.users.find(IDS.bob))!
        expect({ status, lockedUntil, lockReason }).toEqual(lock)
        const open = { status: 1, lockReason: null, invalidLoginAttempts: 0, invalidLoginSince: null }
        await app().ctx.db.updateTable('users').set(open).where('id', '=', IDS.bob).execute()
      })

      test('a lock for guessing makes a suspended person no active one when it ends', async () => {
        await times(MAX, () => login(app(), 'eve', wrong(app())))
        await app().advance(LOCK_SECONDS + 1)
        expect((await login(app(), 'eve', PASSWORDS.eve)).status).toBe(401)
        expect((await app().ctx.users.find(IDS.eve))!.status).toBe(2)
      })
    },
    { policy: POLICY },
  )
})

describe('a full queue of password hashes', () => {
  for (const world of ['in-process', 'PostgreSQL and Redis'] as const) {
    test(`${world}: answers 503 with a time to come back, and neither counts nor locks`, async () => {
      const app = await startApp({
        world,
        policy: { max_invalid_attempts: MAX, max_failures_per_address: 5 },
      })
      try {
        await login(app, 'nobody', wrong(app))
        const { promise: until, goOn: end } = heldUp()
        const jobs: Promise<void>[] = []
        for (;;) {
          const before = app.ctx.hashQueue.waiting
          const job = app.ctx.hashQueue.run(() => until)
          jobs.push(job.catch(() => undefined))
          await Promise.resolve()
          if (app.ctx.hashQueue.waiting === before && before > 0) break
        }
        for (const name of ['bob', 'nobody']) {
          for (const password of Array.from({ length: MAX * 3 }, () => wrong(app))) {
            const reply = await login(app, name, password)
            expect([name, reply.status, reply.headers.get('retry-after')]).toEqual([name, 503, '2'])
          }
        }
        const page = await loginPage(app, 'bob', wrong(app))
        expect([page.status, page.headers.get('retry-after')]).toEqual([503, '2'])
        expect(page.text).toContain('Many people are here right now')
        end()
        await Promise.all(jobs)
        expect(await tries(app, 'bob')).toBe(0)
        for (let i = 1; i < MAX; i++) expect(message(await login(app, 'nobody', wrong(app)))).toBe(WRONG)
        expect((await login(app, 'bob', PASSWORDS.bob)).status).toBe(200)
        expect(message(await login(app, 'nobody', wrong(app)))).toBe(LOCKED)
      } finally {
        await app.close()
      }
    })
  }
})

describe('guessing from one address', () => {
  inEveryWorld(
    (app) => {
      const from = (address: string) => ({ 'x-forwarded-for': address })
      let people = 0
      const fail = (address: string) => login(app(), `person-${people++}`, wrong(app()), from(address))

      test('is stopped after as many failures as may be, over all people, for ten minutes', async () => {
        for (let i = 0; i < 5; i++) expect((await fail('203.0.113.1')).status).toBe(401)
        const refused = await login(app(), 'bob', PASSWORDS.bob, from('203.0.113.1'))
        expect(refused.status).toBe(429)
        expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
        expect((await login(app(), 'bob', PASSWORDS.bob, from('203.0.113.2'))).status).toBe(200)
        await app().advance(601)
        expect((await login(app(), 'bob', PASSWORDS.bob, from('203.0.113.1'))).status).toBe(200)
      })

      test('counts a /64 of IPv6 as one, and the next /64 as another', async () => {
        const replies = await times(20, (i) => fail(`2001:db8:0:1::${i.toString(16)}`))
        expect(replies.filter(({ status }) => status === 401)).toHaveLength(5)
        expect(replies.filter(({ status }) => status === 429)).toHaveLength(15)
        expect((await fail('2001:DB8::1:ffff:0:0:1')).status).toBe(429)
        expect((await fail('2001:db8:0:2::1')).status).toBe(401)
        await app().advance(601)
      })

      test('does not count those who sign in', async () => {
        for (let i = 0; i < 12; i++)
          expect((await login(app(), 'bob', PASSWORDS.bob, from('203.0.113.3'))).status).toBe(200)
      })

      test('a page says so with 429 and a time', async () => {
        await times(6, () => fail('203.0.113.4'))
        const tab = browser({ now: app().clock.now, headers: from('203.0.113.4') }).tab()
        await tab.open(`${app().url}/login`)
        const page = await tab.page.form().fill({ login: 'bob', password: PASSWORDS.bob }).submit()
        expect([page.status, page.headers.get('retry-after')]).toEqual([429, '600'])
        expect(page.text).toMatch(/Too many requests.*try again in 10 minutes/)
        await app().advance(601)
      })
    },
    { env: { TRUST_PROXY: 'loopback' }, policy: { max_invalid_attempts: 100, max_failures_per_address: 5 } },
  )

  test('a forwarded address is not believed without a trusted proxy', async () => {
    const app = await startApp({ policy: { max_failures_per_address: 5 } })
    try {
      for (let i = 0; i < 5; i++)
        await login(app, `x${i}`, wrong(app), { 'x-forwarded-for': `203.0.113.${i}` })
      const headers = {
        'x-forwarded-for': '203.0.113.99',
        'x-real-ip': '203.0.113.98',
        forwarded: 'for=203.0.113.97',
      }
      expect((await login(app, 'x6', wrong(app), headers)).status).toBe(429)
      expect((await app.events()).every(({ ipaddr }) => ipaddr === '127.0.0.1')).toBe(true)
    } finally {
      await app.close()
    }
  })
})

describe('a browser that a person is known in', () => {
  inEveryWorld(
    (app) => {
      const knownBrowser = async (who: 'bob' | 'gus') => {
        const browser = app().browser()
        const page = await signIn(app(), who, browser)
        expect(page.url.pathname).toBe('/')
        return browser
      }
      const tryIn = async (browser: Browser, name: string, password: string) => {
        const page = await browser.tab().open(`${app().url}/login?fresh=1`)
        return page.form().fill({ login: name, password }).submit()
      }

      test('lets its owner in, and their open session live on, while a flood locks everybody else out', async () => {
        const browser = await knownBrowser('bob')
        await times(100, () => login(app(), 'bob', wrong(app())))
        expect(message(await login(app(), 'bob', PASSWORDS.bob))).toBe(LOCKED)
        expect((await browser.tab().open(app().url)).url.pathname).toBe('/')
        expect((await tryIn(browser, 'bob', PASSWORDS.bob)).url.pathname).toBe('/')
        expect((await loginPage(app(), 'bob', PASSWORDS.bob)).status).toBe(401)
        await nextDay(app())
      })

      test('has a budget of its own, whose end locks nobody out elsewhere', async () => {
        const browser = await knownBrowser('bob')
        for (let i = 0; i < MAX; i++) expect((await tryIn(browser, 'bob', wrong(app()))).status).toBe(401)
        expect((await tryIn(browser, 'bob', PASSWORDS.bob)).status).toBe(401)
        expect((await login(app(), 'bob', PASSWORDS.bob)).status).toBe(200)
        await app().advance(LOCK_SECONDS)
        expect((await tryIn(browser, 'bob', PASSWORDS.bob)).url.pathname).toBe('/')
        await nextDay(app())
      })

      test('is nobody’s else: another person’s guesses there count as anywhere', async () => {
        const browser = await knownBrowser('gus')
        for (let i = 0; i < MAX; i++) await tryIn(browser, 'bob', wrong(app()))
        expect(message(await login(app(), 'bob', PASSWORDS.bob))).toBe(LOCKED)
        await nextDay(app())
      })

      test('is a stranger after the password has changed', async () => {
        const browser = await knownBrowser('bob')
        await changeUser(app(), 'bob', { passwordChangedAt: app().clock.now() })
        await lockedOut(app(), 'bob')
        expect((await tryIn(browser, 'bob', PASSWORDS.bob)).status).toBe(401)
        await nextDay(app())
      })

      test('opens nothing of a person whom an administrator has locked', async () => {
        const browser = await knownBrowser('gus')
        const lock = { status: 3, lockedUntil: null, lockReason: 'administrator' }
        await app().ctx.db.updateTable('users').set(lock).where('id', '=', IDS.gus).execute()
        expect((await browser.tab().open(app().url)).url.pathname).toBe('/login')
        expect((await tryIn(browser, 'gus', PASSWORDS.gus)).status).toBe(401)
        const open = { status: 1, lockedUntil: null, lockReason: null }
        await app().ctx.db.updateTable('users').set(open).where('id', '=', IDS.gus).execute()
      })
    },
    { policy: POLICY },
  )
})

describe('guessing that does not stop', () => {
  inEveryWorld(
    (app) => {
      test.each(['bob', 'nobody@acme.test'])(
        'locks %s for twice as long each time within a day',
        async (name) => {
          for (const lock of [LOCK_SECONDS, 2 * LOCK_SECONDS, 4 * LOCK_SECONDS]) {
            await lockedOut(app(), name)
            await app().advance(lock - 1)
            expect([lock, message(await login(app(), name, wrong(app())))]).toEqual([lock, LOCKED])
            await app().advance(1)
          }
          await nextDay(app())
        },
      )

      test('makes one address wait for longer each time', async () => {
        const waits: number[] = []
        for (let round = 0; round < 3; round++) {
          for (let i = 0; i < 10; i++) await login(app(), `spray-${round}-${i}`, wrong(app()))
          const refused = await login(app(), 'bob', PASSWORDS.bob)
          expect(refused.status).toBe(429)
          waits.push(Number(refused.headers.get('retry-after')))
          await app().advance(waits.at(-1)!)
        }
        expect(waits).toEqual([600, 1200, 2400])
        await nextDay(app())
      })
    },
    { policy: { ...POLICY, max_failures_per_address: 10 } },
  )
})

describe('guessing at everybody', () => {
  inEveryWorld(
    (app) => {
      test('makes those wait who are not known, ten a second are looked at, and a known browser goes on', async () => {
        const browser = app().browser()
        await signIn(app(), 'bob', browser)
        await times(100, (i) => login(app(), `sprayed-${i}`, wrong(app())))
        await app().advance(2)
        const replies = await times(60, (i) => login(app(), `again-${i}`, wrong(app())))
        const looked = replies.filter(({ status }) => status === 401)
        const waiting = replies.filter(({ status }) => status === 429)
        expect([looked.length, waiting.length]).toEqual([10, 50])
        expect(Number(waiting[0]!.headers.get('retry-after'))).toBeGreaterThan(0)
        const page = await browser.tab().open(`${app().url}/login?fresh=1`)
        const there = await page.form().fill({ login: 'bob', password: PASSWORDS.bob }).submit()
        expect(there.url.pathname).toBe('/')
        await app().advance(601)
        expect((await login(app(), 'bob', PASSWORDS.bob)).status).toBe(200)
      })
    },
    { policy: { ...POLICY, max_failures_overall: 100 } },
  )
})
