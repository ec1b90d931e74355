import { median } from '../measure.ts'
import type { House } from '../processes.ts'
import type { Figure } from '../report.ts'

const ROUNDS = 5

/** From the start of the process to its first page, with a thousand people in the directory. */
export async function start(house: House): Promise<Figure[]> {
  const times: number[] = []
  for (let i = 0; i < ROUNDS; i++) {
    const server = await house.start()
    times.push(server.startedMs)
    await server.stop()
  }
  const ms = median(times)
  return [
    {
      what: 'start to first page, 1,000 people',
      ours: `${ms.toFixed(0)} ms`,
      raw: '',
      aim: '< 1000 ms',
      met: ms < 1000,
      notes: [`${ROUNDS} starts, ${Math.min(...times).toFixed(0)} to ${Math.max(...times).toFixed(0)} ms`],
    },
  ]
}
