import { signInRate } from '../load.ts'
import { interleaved } from '../measure.ts'
import { startRaw, type House } from '../processes.ts'
import type { Figure } from '../report.ts'

const AT_ONCE = 4
const SECONDS = 4
const ROUNDS = 5

/** Signing in by API, beside the one Argon2id computation that it cannot do without. */
export async function login(house: House): Promise<Figure[]> {
  const [server, raw] = [await house.start(), await startRaw()]
  try {
    const target = { url: server.url, token: await server.token() }
    const pairs = await interleaved(
      ROUNDS,
      () => signInRate(target, { atOnce: AT_ONCE, seconds: SECONDS }),
      () => raw.order({ argon2: { ms: SECONDS * 1000, atOnce: AT_ONCE } }),
    )
    return [
      {
        what: `POST /api/1/login/auth, ${AT_ONCE} at once`,
        ours: `${pairs.ours.toFixed(1)} /s`,
        raw: `Argon2id verify ${pairs.raw.toFixed(1)} /s`,
        ratio: pairs.ratio,
        aim: '>= 0.9',
        met: pairs.ratio >= 0.9,
      },
    ]
  } finally {
    raw.stop()
    await server.stop()
  }
}
