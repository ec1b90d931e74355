import { describe, expect, test } from 'vitest'
import { workQueue } from '../../server/platform/work-queue.ts'

/** A job that runs until it is told to end. */
function job() {
  let started = false
  let end: (error?: Error) => void = () => undefined
  const work = () =>
    new Promise<string>((resolve, reject) => {
      started = true
      end = (error) => (error ? reject(error) : resolve('done'))
    })
  return { work, started: () => started, end: (error?: Error) => end(error) }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('workQueue', () => {
  test('runs as many jobs as it is wide, the others in the order they came', async () => {
    const queue = workQueue(2, 10)
    const jobs = Array.from({ length: 5 }, job)
    const results = jobs.map(({ work }) => queue.run(work))
    await settled()
    const running = () => jobs.map(({ started }) => started())
    expect(running()).toEqual([true, true, false, false, false])
    expect(queue.waiting).toBe(3)
    jobs[1]!.end()
    await settled()
    expect(running()).toEqual([true, true, true, false, false])
    jobs[0]!.end()
    jobs[2]!.end()
    await settled()
    expect(running()).toEqual([true, true, true, true, true])
    expect(queue.waiting).toBe(0)
    jobs[3]!.end()
    jobs[4]!.end()
    expect(await Promise.all(results)).toEqual(Array(5).fill('done'))
  })

  test('refuses at once, with a time to come back, when as many wait as may', async () => {
    const queue = workQueue(1, 2)
    const jobs = Array.from({ length: 3 }, job)
    const results = jobs.map(({ work }) => queue.run(work))
    const refused = job()
    await expect(queue.run(refused.work)).rejects.toMatchObject({ code: 'busy', retryAfterSeconds: 2 })
    expect(refused.started()).toBe(false)
    for (const { end } of jobs) {
      await settled()
      end()
    }
    await Promise.all(results)
    expect(await queue.run(async () => 'again')).toBe('again')
  })

  test('gives the turn of a job that failed to the next', async () => {
    const queue = workQueue(1, 2)
    const [bad, good] = [job(), job()]
    const [badResult, goodResult] = [queue.run(bad.work), queue.run(good.work)]
    await settled()
    bad.end(new Error('broken'))
    await expect(badResult).rejects.toThrow('broken')
    await settled()
    expect(good.started()).toBe(true)
    good.end()
    expect(await goodResult).toBe('done')
  })

  test('never runs more than its width, however jobs come and go', async () => {
    const queue = workQueue(3, 1000)
    let running = 0
    let most = 0
    await Promise.all(
      Array.from({ length: 300 }, (_, i) =>
        queue.run(async () => {
          most = Math.max(most, ++running)
          if (i % 3 === 0) await settled()
          running--
        }),
      ),
    )
    expect(most).toBe(3)
  })
})
