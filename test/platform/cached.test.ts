import { describe, expect, test } from 'vitest'
import { cached } from '../../server/platform/cached.ts'
import { movableClock } from '../support/clock.ts'

describe('cached', () => {
  test('loads once for all who ask meanwhile, and again when the time is over', async () => {
    const clock = movableClock()
    let loads = 0
    const get = cached(clock.now, 5000, async () => ++loads)
    expect(await Promise.all([get(), get(), get()])).toEqual([1, 1, 1])
    clock.advance(4.999)
    expect(await get()).toBe(1)
    clock.advance(0.001)
    expect(await Promise.all([get(), get()])).toEqual([2, 2])
  })

  test('does not keep a failure', async () => {
    const clock = movableClock()
    let broken = true
    const get = cached(clock.now, 5000, async () => {
      if (broken) throw new Error('broken')
      return 'whole'
    })
    await expect(Promise.all([get(), get()])).rejects.toThrow('broken')
    broken = false
    expect(await get()).toBe('whole')
  })

  test('keeps what came after a load that failed late', async () => {
    const clock = movableClock()
    const loads: { resolve(value: string): void; reject(error: Error): void }[] = []
    const get = cached(
      clock.now,
      1000,
      () => new Promise<string>((resolve, reject) => loads.push({ resolve, reject })),
    )
    const late = get()
    clock.advance(1)
    const next = get()
    loads[1]!.resolve('fresh')
    await next
    loads[0]!.reject(new Error('late'))
    await expect(late).rejects.toThrow('late')
    expect(await get()).toBe('fresh')
    expect(loads).toHaveLength(2)
  })

  test('does not stay for ever after the clock was set back', async () => {
    const clock = movableClock()
    let loads = 0
    const get = cached(clock.now, 5000, async () => ++loads)
    await get()
    clock.advance(-3600)
    expect(await get()).toBe(2)
  })
})
