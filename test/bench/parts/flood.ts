import { pageTimes, perSecond, signIn } from '../load.ts'
import { median, percentile } from '../measure.ts'
import type { House } from '../processes.ts'
import type { Figure } from '../report.ts'

const IN_FLIGHT = 64
const SECONDS = 4
const ROUNDS = 7
const EVERY_MS = 10

/** The slowest page views while 64 people's passwords are being checked, beside the slowest when nobody signs in. */
export async function flood(house: House): Promise<Figure[]> {
  const server = await house.start()
  try {
    const target = { url: server.url, token: await server.token() }
    const times = () =>
      pageTimes(`${server.url}/login`, { count: ((SECONDS - 1) * 1000) / EVERY_MS, everyMs: EVERY_MS })
    await times()
    const [quiet, flooded]: [number[], number[]] = [[], []]
    let rate = 0
    for (let i = 0; i < ROUNDS; i++) {
      quiet.push(percentile(await times(), 99))
      const signIns = signIn(target, { atOnce: IN_FLIGHT, seconds: SECONDS })
      flooded.push(percentile(await times(), 99))
      rate = perSecond(await signIns)
    }
    const ratios = flooded.map((ms, i) => ms / quiet[i]!)
    const ratio = median(ratios)
    return [
      {
        what: `GET /login, p99 while ${IN_FLIGHT} sign in`,
        ours: `${median(flooded).toFixed(1)} ms`,
        raw: `p99 when quiet ${median(quiet).toFixed(1)} ms`,
        ratio,
        aim: '< 10',
        met: ratio < 10,
        notes: [
          `${rate.toFixed(0)} sign-ins a second beside it; median of ${ROUNDS} ratios, ${Math.min(...ratios).toFixed(1)} to ${Math.max(...ratios).toFixed(1)}`,
        ],
      },
    ]
  } finally {
    await server.stop()
  }
}
