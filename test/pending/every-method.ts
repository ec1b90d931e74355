import { performance } from 'node:perf_hooks'
import { expect } from 'vitest'
import { Problem } from '../../server/errors.ts'
import type { PendingStore } from '../../server/pending/pending-store.ts'

/** Every question that can be asked of a store, by name. */
export const QUESTIONS: Record<
  Exclude<keyof PendingStore, 'close'>,
  (store: PendingStore) => Promise<unknown>
> = {
  put: (store) => store.put('attempt', 'a', 'one', 60),
  putNew: (store) => store.putNew('attempt', 'a', 'one', 60),
  peek: (store) => store.peek('attempt', 'a'),
  take: (store) => store.take('attempt', 'a'),
  swap: (store) => store.swap('attempt', 'a', 'one', 'two'),
  touch: (store) => store.touch('attempt', 'a', 60),
  count: (store) => store.count('rate_limit', 'a', 60),
  uncount: (store) => store.uncount('rate_limit', 'a'),
  counted: (store) => store.counted('rate_limit', 'a'),
  enlist: (store) => store.enlist('sessions_of_person', 'a', 'one', 60),
  listed: (store) => store.listed('sessions_of_person', 'a'),
  delist: (store) => store.delist('sessions_of_person', 'a', 'one'),
  drop: (store) => store.drop('attempt', 'a'),
  ping: (store) => store.ping(),
}

/** Asks everything at once; each must be refused as unavailable, soon. */
export async function expectUnavailable(store: PendingStore, names = Object.keys(QUESTIONS)): Promise<void> {
  const asked = Object.entries(QUESTIONS).filter(([name]) => names.includes(name))
  const start = performance.now()
  const answers = await Promise.all(asked.map(async ([name, ask]) => [name, await ask(store).catch(refusal)]))
  const ms = performance.now() - start
  expect(Object.fromEntries(answers)).toEqual(
    Object.fromEntries(names.map((name) => [name, 'unavailable, again in 5 s'])),
  )
  expect(ms).toBeLessThan(3000)
}

const refusal = (error: unknown) =>
  error instanceof Problem ? `${error.code}, again in ${error.retryAfterSeconds ?? '?'} s` : String(error)

/** Whether the store can keep and give back. */
export async function works(store: PendingStore): Promise<boolean> {
  try {
    await store.put('attempt', 'works', 'yes', 60)
    return (await store.take('attempt', 'works')) === 'yes'
  } catch {
    return false
  }
}
