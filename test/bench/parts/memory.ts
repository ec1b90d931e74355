import { signInRate } from '../load.ts'
import type { House } from '../processes.ts'
import type { Figure } from '../report.ts'

const SIGN_INS = 10_000
const STEPS = 4
const AT_ONCE = 4
const MOST_MB = 150
/** More growth than this after the first quarter is a leak. */
const FLAT_MB = 15

/** Resident memory over ten thousand sign-ins, each with a real Argon2id. */
export async function memory(house: House): Promise<Figure[]> {
  const server = await house.start()
  try {
    const target = { url: server.url, token: await server.token() }
    const seen = [await server.residentMb()]
    for (let i = 0; i < STEPS; i++) {
      await signInRate(target, { atOnce: AT_ONCE, amount: SIGN_INS / STEPS })
      seen.push(await server.residentMb())
    }
    const [first = 0, quarter = 0] = seen
    const last = seen.at(-1)!
    return [
      {
        what: `memory after ${SIGN_INS} sign-ins`,
        ours: `${last.toFixed(0)} MB`,
        raw: `at start ${first.toFixed(0)} MB`,
        aim: `< ${MOST_MB} MB, flat`,
        met: last < MOST_MB && last - quarter < FLAT_MB,
        notes: [`MB after each ${SIGN_INS / STEPS}: ${seen.map((mb) => mb.toFixed(0)).join(', ')}`],
      },
    ]
  } finally {
    await server.stop()
  }
}
