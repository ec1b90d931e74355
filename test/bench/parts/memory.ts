import { signIn } from '../load.ts'
import type { House } from '../processes.ts'
import type { Figure } from '../report.ts'

const SIGN_INS = 10_000
const STEP = 500
const LONGEST_MS = 400_000
const AT_ONCE = 4
const MOST_MB = 150
/** More growth than this after the first quarter is a leak. */
const FLAT_MB = 15

/** Resident memory over ten thousand sign-ins, each with a real Argon2id; fewer where the machine takes too long. */
export async function memory(house: House): Promise<Figure[]> {
  const server = await house.start()
  try {
    const target = { url: server.url, token: await server.token() }
    const began = performance.now()
    const seen = [await server.residentMb()]
    const count = () => (seen.length - 1) * STEP
    while (count() < SIGN_INS && performance.now() - began < LONGEST_MS) {
      await signIn(target, { atOnce: AT_ONCE, amount: STEP })
      seen.push(await server.residentMb())
    }
    const last = seen.at(-1)!
    const quarter = seen[Math.ceil((seen.length - 1) / 4)]!
    const met = count() === SIGN_INS && last < MOST_MB && last - quarter < FLAT_MB
    return [
      {
        what: `memory after ${count()} sign-ins`,
        ours: `${last.toFixed(0)} MB`,
        raw: `at start ${seen[0]!.toFixed(0)} MB`,
        aim: `< ${MOST_MB} MB, flat`,
        met,
        notes: [
          `MB after each ${STEP}: ${seen.map((mb) => mb.toFixed(0)).join(', ')}`,
          ...(count() < SIGN_INS
            ? [`the machine was too slow for ${SIGN_INS} in ${LONGEST_MS / 1000} s`]
            : []),
        ],
      },
    ]
  } finally {
    await server.stop()
  }
}
