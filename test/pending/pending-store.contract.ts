import { describe, expect, onTestFinished, test } from 'vitest'
import type { PendingStore } from '../../server/pending/pending-store.ts'

/** One engine under test. */
export interface PendingEngine {
  /** Two ways to the same, empty records; two connections where the engine has connections. */
  open: () => Promise<[PendingStore, PendingStore]>
  /** Lets time go by for the engine. */
  sleep: (seconds: number) => Promise<void>
}

const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i))

/** What every `PendingStore` promises. */
export function pendingStoreContract(name: string, engine: PendingEngine): void {
  const open = async () => {
    const stores = await engine.open()
    onTestFinished(async () => {
      await Promise.all(stores.map((store) => store.close()))
    })
    return stores
  }
  describe(`pending store, ${name}`, () => {
    keepsRecords(open, engine.sleep)
    changesRecords(open, engine.sleep)
    counts(open, engine.sleep)
    lists(open, engine.sleep)
    names(open)
  })
}

type Open = () => Promise<[PendingStore, PendingStore]>
type Sleep = PendingEngine['sleep']

function keepsRecords(open: Open, sleep: Sleep) {
  test('peek gives back what was put, and leaves it there', async () => {
    const [store, other] = await open()
    await store.put('attempt', 'a', 'one', 60)
    expect(await store.peek('attempt', 'a')).toBe('one')
    expect(await other.peek('attempt', 'a')).toBe('one')
  })

  test('peek and take give undefined for what was never put', async () => {
    const [store] = await open()
    expect(await store.peek('attempt', 'a')).toBeUndefined()
    expect(await store.take('attempt', 'a')).toBeUndefined()
  })

  test('put replaces the value and the time of what was there', async () => {
    const [store] = await open()
    await store.put('attempt', 'a', 'one', 0.2)
    await store.put('attempt', 'a', 'two', 60)
    await sleep(0.3)
    expect(await store.peek('attempt', 'a')).toBe('two')
  })

  test('of racing calls of putNew one keeps its value, and another may when its time is over', async () => {
    const [store, other] = await open()
    const kept = await Promise.all(
      times(20, (i) => (i % 2 ? store : other).putNew('attempt', 'a', String(i), 0.4)),
    )
    expect(kept.filter(Boolean)).toHaveLength(1)
    expect(await store.peek('attempt', 'a')).toBe(String(kept.indexOf(true)))
    await sleep(0.5)
    expect(await store.putNew('attempt', 'a', 'next', 60)).toBe(true)
    expect(await other.putNew('attempt', 'a', 'late', 60)).toBe(false)
    expect(await store.peek('attempt', 'a')).toBe('next')
  })

  test('put keeps an empty text and every character of a long one', async () => {
    const [store] = await open()
    const long = 'ä\0\r\n"€😀'.repeat(20_000)
    await store.put('attempt', 'empty', '', 60)
    await store.put('attempt', 'long', long, 60)
    expect(await store.take('attempt', 'empty')).toBe('')
    expect((await store.take('attempt', 'long')) === long).toBe(true)
  })

  test('a record is forgotten when its time is over', async () => {
    const [store] = await open()
    await store.put('attempt', 'peeked', 'one', 0.2)
    await store.put('attempt', 'taken', 'one', 0.2)
    await store.put('attempt', 'swapped', 'one', 0.2)
    await sleep(0.3)
    expect(await store.peek('attempt', 'peeked')).toBeUndefined()
    expect(await store.take('attempt', 'taken')).toBeUndefined()
    expect(await store.swap('attempt', 'swapped', 'one', 'two')).toBe(false)
  })

  test('put with no time left forgets what was there', async () => {
    const [store] = await open()
    await store.put('attempt', 'a', 'one', 60)
    await store.put('attempt', 'a', 'two', 0)
    expect(await store.peek('attempt', 'a')).toBeUndefined()
    await store.put('attempt', 'a', 'three', -5)
    expect(await store.peek('attempt', 'a')).toBeUndefined()
  })

  test('a lifetime that is no finite number is refused and changes nothing', async () => {
    const [store] = await open()
    await store.put('attempt', 'a', 'one', 60)
    for (const seconds of [Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(store.put('attempt', 'a', 'two', seconds)).rejects.toThrow(RangeError)
      await expect(store.touch('attempt', 'a', seconds)).rejects.toThrow(RangeError)
      await expect(store.count('rate_limit', 'a', seconds)).rejects.toThrow(RangeError)
    }
    expect(await store.peek('attempt', 'a')).toBe('one')
    expect(await store.counted('rate_limit', 'a')).toBe(0)
  })

  test('take hands a record out once', async () => {
    const [store, other] = await open()
    await store.put('session_token', 'a', 'one', 60)
    expect(await store.take('session_token', 'a')).toBe('one')
    expect(await store.take('session_token', 'a')).toBeUndefined()
    expect(await other.peek('session_token', 'a')).toBeUndefined()
  })

  test('take gives a record to exactly one of 50 racing takers, every time', async () => {
    const stores = await open()
    for (const round of times(20, String)) {
      await stores[0].put('session_token', round, 'one', 60)
      const got = await Promise.all(times(50, (i) => stores[i % 2]!.take('session_token', round)))
      expect(got.filter((value) => value !== undefined)).toEqual(['one'])
    }
  })

  test('ping resolves while the engine is there', async () => {
    const [store] = await open()
    await expect(store.ping()).resolves.toBeUndefined()
  })
}

function changesRecords(open: Open, sleep: Sleep) {
  test('swap replaces a value that is still the old one', async () => {
    const [store] = await open()
    await store.put('attempt', 'a', 'one', 60)
    expect(await store.swap('attempt', 'a', 'one', 'two')).toBe(true)
    expect(await store.peek('attempt', 'a')).toBe('two')
  })

  test('swap leaves alone what has changed, and makes nothing where nothing was', async () => {
    const [store] = await open()
    await store.put('attempt', 'a', 'one', 60)
    expect(await store.swap('attempt', 'a', 'other', 'two')).toBe(false)
    expect(await store.peek('attempt', 'a')).toBe('one')
    expect(await store.swap('attempt', 'b', '', 'two')).toBe(false)
    expect(await store.peek('attempt', 'b')).toBeUndefined()
  })

  test('swap succeeds for exactly one of 50 that start from the same old value', async () => {
    const stores = await open()
    for (const round of times(10, String)) {
      await stores[0].put('attempt', round, 'old', 60)
      const won = await Promise.all(
        times(50, (i) => stores[i % 2]!.swap('attempt', round, 'old', `new ${i}`)),
      )
      expect(won.filter(Boolean)).toHaveLength(1)
      expect(await stores[0].peek('attempt', round)).toBe(`new ${won.indexOf(true)}`)
    }
  })

  test('swap keeps the time that was left', async () => {
    const [store] = await open()
    await store.put('attempt', 'a', 'one', 1)
    await sleep(0.4)
    expect(await store.swap('attempt', 'a', 'one', 'two')).toBe(true)
    expect(await store.peek('attempt', 'a')).toBe('two')
    await sleep(0.8)
    expect(await store.peek('attempt', 'a')).toBeUndefined()
  })

  test('touch sets the time left, longer and shorter', async () => {
    const [store] = await open()
    await store.put('browser_session', 'longer', 'one', 1)
    await store.put('browser_session', 'shorter', 'one', 60)
    await store.touch('browser_session', 'longer', 60)
    await store.touch('browser_session', 'shorter', 0.2)
    await sleep(1.2)
    expect(await store.peek('browser_session', 'longer')).toBe('one')
    expect(await store.peek('browser_session', 'shorter')).toBeUndefined()
  })

  test('touch makes nothing where nothing was, and forgets when no time is left', async () => {
    const [store] = await open()
    await store.touch('browser_session', 'absent', 60)
    expect(await store.peek('browser_session', 'absent')).toBeUndefined()
    await store.put('browser_session', 'a', 'one', 60)
    await store.touch('browser_session', 'a', 0)
    expect(await store.peek('browser_session', 'a')).toBeUndefined()
  })

  test('drop forgets a record and a count, and does not mind their absence', async () => {
    const [store] = await open()
    await store.put('attempt', 'a', 'one', 60)
    await store.count('failed_password', 'a', 60)
    await store.drop('attempt', 'a')
    await store.drop('failed_password', 'a')
    await store.drop('attempt', 'never there')
    expect(await store.take('attempt', 'a')).toBeUndefined()
    expect(await store.count('failed_password', 'a', 60)).toEqual({ count: 1, resetSeconds: 60 })
  })
}

function counts(open: Open, sleep: Sleep) {
  test('count gives 1, 2, 3 and the whole seconds that are left', async () => {
    const [store, other] = await open()
    expect(await store.count('rate_limit', 'a', 60)).toEqual({ count: 1, resetSeconds: 60 })
    expect((await other.count('rate_limit', 'a', 60)).count).toBe(2)
    expect(await store.count('rate_limit', 'a', 60)).toEqual({ count: 3, resetSeconds: 60 })
  })

  test('count gives each of 1 to 100 once to 100 parallel callers', async () => {
    const stores = await open()
    const got = await Promise.all(times(100, (i) => stores[i % 2]!.count('failed_factor', 'a', 60)))
    expect(got.map((c) => c.count).sort((a, b) => a - b)).toEqual(times(100, (i) => i + 1))
  })

  test('count does not move its window, whatever window a later call names', async () => {
    const [store] = await open()
    await store.count('rate_limit', 'a', 1)
    await sleep(0.4)
    expect(await store.count('rate_limit', 'a', 60)).toEqual({ count: 2, resetSeconds: 1 })
    await sleep(0.8)
    expect(await store.count('rate_limit', 'a', 60)).toEqual({ count: 1, resetSeconds: 60 })
  })

  test('count starts a window that ends even when the window is zero', async () => {
    const [store] = await open()
    await store.count('rate_limit', 'a', 0)
    await sleep(0.05)
    expect(await store.counted('rate_limit', 'a')).toBe(0)
  })

  test('uncount takes one back, never below zero, and leaves the window as it is', async () => {
    const [store] = await open()
    await store.uncount('failed_address', 'a')
    expect(await store.counted('failed_address', 'a')).toBe(0)
    await store.count('failed_address', 'a', 60)
    await store.count('failed_address', 'a', 60)
    await store.uncount('failed_address', 'a')
    expect(await store.count('failed_address', 'a', 60)).toEqual({ count: 2, resetSeconds: 60 })
    for (let i = 0; i < 3; i++) await store.uncount('failed_address', 'a')
    expect(await store.counted('failed_address', 'a')).toBe(0)
    expect((await store.count('failed_address', 'a', 60)).count).toBe(1)
  })

  test('uncount takes back exactly one for each of 30 parallel callers', async () => {
    const stores = await open()
    for (let i = 0; i < 40; i++) await stores[0].count('failed_address', 'a', 60)
    await Promise.all(times(30, (i) => stores[i % 2]!.uncount('failed_address', 'a')))
    expect(await stores[0].counted('failed_address', 'a')).toBe(10)
  })

  test('counted tells the count without adding, and 0 where there is none', async () => {
    const [store] = await open()
    expect(await store.counted('failed_address', 'a')).toBe(0)
    await store.count('failed_address', 'a', 60)
    await store.count('failed_address', 'a', 60)
    expect(await store.counted('failed_address', 'a')).toBe(2)
    expect(await store.counted('failed_address', 'a')).toBe(2)
  })

  test('count and counted refuse a record that is no count, and leave it as it is', async () => {
    const [store] = await open()
    await store.put('rate_limit', 'a', 'one', 60)
    await expect(store.count('rate_limit', 'a', 60)).rejects.toMatchObject({ code: 'unavailable' })
    await expect(store.counted('rate_limit', 'a')).rejects.toMatchObject({ code: 'unavailable' })
    expect(await store.peek('rate_limit', 'a')).toBe('one')
  })
}

const WEIRD_IDS = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'a:b',
  'a{b}c',
  'a*?[b]',
  'é',
  'e\u0301',
  '😀',
  'a\0b',
  'a\r\nDEL *\r\n',
  'x'.repeat(1024 * 1024),
  'x'.repeat(1024 * 1024 - 1) + 'y',
]

function lists(open: Open, sleep: Sleep) {
  const SET = ['sessions_of_person', '7'] as const

  test('a set has each member once, for every way to it, and loses those that are taken out', async () => {
    const [store, other] = await open()
    for (const member of ['a', 'b', 'a']) await store.enlist(...SET, member, 60)
    expect((await other.listed(...SET)).sort()).toEqual(['a', 'b'])
    expect(await other.delist(...SET, 'a')).toBe(true)
    expect(await store.delist(...SET, 'a')).toBe(false)
    expect(await store.listed(...SET)).toEqual(['b'])
    expect(await store.listed('sessions_of_person', '8')).toEqual([])
  })

  test('members that are added at the same time are all there, and each is taken out by one caller', async () => {
    const [store, other] = await open()
    await Promise.all(times(20, (i) => (i % 2 ? store : other).enlist(...SET, String(i), 60)))
    expect(await store.listed(...SET)).toHaveLength(20)
    const took = await Promise.all(times(20, (i) => (i % 2 ? store : other).delist(...SET, '7')))
    expect(took.filter(Boolean)).toHaveLength(1)
  })

  test('a set lives as long as its longest member was given, and no longer', async () => {
    const [store] = await open()
    await store.enlist(...SET, 'long', 0.6)
    await store.enlist(...SET, 'short', 0.1)
    await sleep(0.3)
    expect(await store.listed(...SET)).toContain('long')
    await sleep(0.4)
    expect(await store.listed(...SET)).toEqual([])
    await store.enlist(...SET, 'over', 0)
    expect(await store.listed(...SET)).toEqual([])
  })
}

function names(open: Open) {
  test('kinds are key spaces of their own', async () => {
    const [store] = await open()
    await store.put('attempt', 'a', 'one', 60)
    expect(await store.peek('session_token', 'a')).toBeUndefined()
    expect(await store.take('browser_session', 'a')).toBeUndefined()
    await store.drop('session_token', 'a')
    await store.count('rate_limit', 'a', 60)
    expect(await store.counted('failed_address', 'a')).toBe(0)
    expect(await store.take('attempt', 'a')).toBe('one')
  })

  test('ids are taken as they are, whatever they hold, and none is taken for another', async () => {
    const [store, other] = await open()
    for (const [i, id] of WEIRD_IDS.entries()) await store.put('attempt', id, `value ${i}`, 60)
    const got = await Promise.all(WEIRD_IDS.map((id) => other.take('attempt', id)))
    expect(got).toEqual(WEIRD_IDS.map((_, i) => `value ${i}`))
  })
}
