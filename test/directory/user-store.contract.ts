import { describe, expect, test } from 'vitest'
import type { LockRule, UserStore } from '../../server/directory/user-store.ts'

/** A store with a person, `ada@acme.test` or `ada`, and a way to change what the port cannot. */
export interface OpenUserStore {
  store: UserStore
  ada: number
  bob: number
  change: (id: number, fields: PersonFields) => Promise<void>
}
export interface PersonFields {
  status?: number
  lockedUntil?: number | null
  lockReason?: string | null
  passwordHash?: string | null
}

const MAX = 5
const LOCK_MS = 1_800_000
const DAY_MS = 86_400_000
const NOW = Date.UTC(2030, 0, 1)
const rule = (now = NOW): LockRule => ({ maxInvalidAttempts: MAX, lockMs: LOCK_MS, now })
const times = <T>(n: number, make: () => Promise<T>) => Promise.all(Array.from({ length: n }, make))
const counted = (tries: number) => ({ is: 'counted', tries })

/** What every `UserStore` must do. */
export function userStoreContract(name: string, open: () => Promise<OpenUserStore>) {
  describe(`user store, ${name}`, () => {
    findsPeople(open)
    countsTries(open)
    locks(open)
    keepsTheRest(open)
  })
}

function findsPeople(open: () => Promise<OpenUserStore>) {
  test('finds a person by id, and by every spelling of e-mail and username', async () => {
    const { store, ada } = await open()
    expect((await store.find(ada))?.email).toBe('ada@acme.test')
    expect(await store.find(ada + 1000)).toBeUndefined()
    for (const spelling of ['ada@acme.test', ' ADA@Acme.Test ', 'ada', 'ADA', 'ａｄａ'])
      expect([spelling, (await store.findByLogin(spelling))?.id]).toEqual([spelling, ada])
    for (const other of ['', ' ', 'ad', 'adaa', 'ada@acme', '%', 'ada%', "ada' or '1'='1", 'áda'])
      expect([other, await store.findByLogin(other)]).toEqual([other, undefined])
  })

  test('never shows the keys that logins are compared by', async () => {
    const { store, ada } = await open()
    expect(Object.keys((await store.find(ada))!)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/Key$/)]),
    )
  })
}

function countsTries(open: () => Promise<OpenUserStore>) {
  test('counts tries up to the limit and then no more', async () => {
    const { store, ada } = await open()
    for (let i = 1; i <= MAX; i++) expect(await store.reservePasswordTry(ada, rule())).toEqual(counted(i))
    expect(await store.reservePasswordTry(ada, rule())).toMatchObject({ is: 'used_up' })
    expect((await store.find(ada))!.invalidLoginAttempts).toBe(MAX)
  })

  test('counts as many of two hundred tries at once as may be', async () => {
    const { store, ada } = await open()
    const outcomes = await times(200, () => store.reservePasswordTry(ada, rule()))
    const numbers = outcomes.flatMap((outcome) => (outcome.is === 'counted' ? [outcome.tries] : []))
    expect(numbers.sort()).toEqual([1, 2, 3, 4, 5])
    expect(outcomes.filter(({ is }) => is === 'used_up')).toHaveLength(195)
  })

  test('counts for one person only', async () => {
    const { store, ada, bob } = await open()
    await times(MAX, () => store.reservePasswordTry(ada, rule()))
    expect(await store.reservePasswordTry(bob, rule())).toEqual(counted(1))
  })

  test('gives a try back, and never below nothing', async () => {
    const { store, ada } = await open()
    await times(MAX, () => store.reservePasswordTry(ada, rule()))
    await store.releasePasswordTry(ada)
    expect(await store.reservePasswordTry(ada, rule())).toEqual(counted(MAX))
    await times(20, () => store.releasePasswordTry(ada))
    expect((await store.find(ada))!.invalidLoginAttempts).toBe(0)
  })

  test('forgets failures a day after the first of them', async () => {
    const { store, ada } = await open()
    await times(MAX, () => store.reservePasswordTry(ada, rule()))
    expect(await store.reservePasswordTry(ada, rule(NOW + DAY_MS - 1))).toMatchObject({ is: 'used_up' })
    expect(await store.reservePasswordTry(ada, rule(NOW + DAY_MS))).toEqual(counted(1))
  })

  test('starts at nothing after a right password', async () => {
    const { store, ada } = await open()
    await times(3, () => store.reservePasswordTry(ada, rule()))
    await store.clearPasswordTries(ada, NOW)
    const { invalidLoginAttempts, invalidLoginSince } = (await store.find(ada))!
    expect([invalidLoginAttempts, invalidLoginSince]).toEqual([0, null])
  })
}

function locks(open: () => Promise<OpenUserStore>) {
  const facts = async ({ store, ada }: OpenUserStore) => {
    const { status, lockedUntil, lockReason } = (await store.find(ada))!
    return { status, lockedUntil, lockReason }
  }

  test('locks a person once, however many failures do it at once', async () => {
    const opened = await open()
    const { store, ada } = opened
    const locked = await times(20, () => store.lockForGuessing(ada, rule()))
    expect(locked.filter(Boolean)).toHaveLength(1)
    expect(await facts(opened)).toEqual({ status: 3, lockedUntil: NOW + LOCK_MS, lockReason: 'guessing' })
  })

  test('looks at no password during the lock, and counts from one after it', async () => {
    const { store, ada } = await open()
    await store.lockForGuessing(ada, rule())
    expect(await store.reservePasswordTry(ada, rule(NOW + LOCK_MS - 1))).toEqual({ is: 'locked' })
    expect(await store.lockForGuessing(ada, rule(NOW + LOCK_MS - 1))).toBe(false)
    expect(await store.reservePasswordTry(ada, rule(NOW + LOCK_MS))).toEqual(counted(1))
    expect(await store.lockForGuessing(ada, rule(NOW + LOCK_MS))).toBe(true)
  })

  test('lifts a lock by a right password only when its time has passed', async () => {
    const opened = await open()
    const { store, ada } = opened
    await store.lockForGuessing(ada, rule())
    await store.clearPasswordTries(ada, NOW + LOCK_MS - 1)
    expect((await facts(opened)).lockReason).toBe('guessing')
    await store.clearPasswordTries(ada, NOW + LOCK_MS)
    expect(await facts(opened)).toEqual({ status: 1, lockedUntil: null, lockReason: null })
  })

  const OTHER_LOCKS: [what: string, fields: PersonFields][] = [
    ['without an end', { status: 3, lockedUntil: null, lockReason: 'administrator' }],
    ['without an end or a reason', { status: 3, lockedUntil: null, lockReason: null }],
    ['that ends later', { status: 3, lockedUntil: NOW + 10 * LOCK_MS, lockReason: 'administrator' }],
  ]
  for (const [what, fields] of OTHER_LOCKS) {
    test(`leaves a lock ${what} as it is, and lets nobody guess on behind it`, async () => {
      const opened = await open()
      const { store, ada } = opened
      await opened.change(ada, fields)
      for (let i = 1; i <= MAX; i++) expect(await store.reservePasswordTry(ada, rule())).toEqual(counted(i))
      expect(await store.reservePasswordTry(ada, rule())).toEqual({ is: 'locked' })
      expect(await store.lockForGuessing(ada, rule())).toBe(false)
      await store.clearPasswordTries(ada, NOW)
      expect(await facts(opened)).toEqual(fields)
    })
  }

  test('locks a suspended person for guessing, who is suspended still when the lock ends', async () => {
    const opened = await open()
    const { store, ada } = opened
    await opened.change(ada, { status: 2 })
    expect(await store.lockForGuessing(ada, rule())).toBe(true)
    expect((await facts(opened)).status).toBe(2)
    await store.clearPasswordTries(ada, NOW + LOCK_MS)
    expect(await facts(opened)).toEqual({ status: 2, lockedUntil: null, lockReason: null })
  })
}

function keepsTheRest(open: () => Promise<OpenUserStore>) {
  test('gives no more sign-ins of grace than the limit, to twenty callers at once either', async () => {
    const { store, ada, bob } = await open()
    const spent = await times(20, () => store.spendGrace(ada, 3))
    expect(spent.filter(Boolean)).toHaveLength(3)
    expect([await store.spendGrace(bob, 1), await store.spendGrace(bob, 1)]).toEqual([true, false])
    expect((await store.find(ada))?.graceUsed).toBe(3)
  })

  test('replaces a password by a better form only while it is the old one', async () => {
    const { store, ada, change } = await open()
    await change(ada, { passwordHash: 'old' })
    await store.upgradePassword(ada, 'other', 'wrong')
    expect((await store.find(ada))!.passwordHash).toBe('old')
    await store.upgradePassword(ada, 'old', 'better')
    await store.upgradePassword(ada, 'old', 'late')
    expect((await store.find(ada))!.passwordHash).toBe('better')
  })

  test('records a sign-in of one person', async () => {
    const { store, ada, bob } = await open()
    await store.recordSignIn(ada, NOW)
    expect([(await store.find(ada))!.lastLogin, (await store.find(bob))!.lastLogin]).toEqual([NOW, null])
  })

  test('ends sessions: every call raises the epoch, of one person', async () => {
    const { store, ada, bob } = await open()
    await times(10, () => store.endSessions(ada))
    expect([(await store.find(ada))!.sessionEpoch, (await store.find(bob))!.sessionEpoch]).toEqual([10, 0])
  })
}
