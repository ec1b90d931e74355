import { signIn, type Load } from '../load.ts'
import { borne, byProcessorTime } from '../measure.ts'
import { startRaw, type House, type Raw } from '../processes.ts'
import type { Figure } from '../report.ts'

const AT_ONCE = 4
const SECONDS = 2
const ROUNDS = 9
const WARMED_UP = 5000

/** Signing in by API, beside the one Argon2id computation that it cannot do without. */
export async function login(house: House): Promise<Figure[]> {
  const [server, raw] = [await house.start(), await startRaw()]
  try {
    const target = { url: server.url, token: await server.token() }
    await signIn(target, { atOnce: AT_ONCE, amount: WARMED_UP }) // until then V8 still compiles, 0.3 ms a sign-in
    const pairs = await byProcessorTime(
      ROUNDS,
      () => borne(server, () => signIn(target, { atOnce: AT_ONCE, seconds: SECONDS })),
      () => borne(raw, () => checkPasswords(raw)),
    )
    const [signIns, checks] = pairs.perSecond
    return [
      {
        what: `POST /api/1/login/auth, ${AT_ONCE} at once`,
        ours: `${(pairs.ours / 1000).toFixed(2)} ms`,
        raw: `Argon2id verify ${(pairs.raw / 1000).toFixed(2)} ms`,
        ratio: pairs.ratio,
        aim: '>= 0.9',
        met: pairs.ratio >= 0.9,
        notes: [
          'processor time of one answer, all threads of the server; Redis and the client have their own',
          `by the clock ${signIns.toFixed(0)} /s, Argon2id verify ${checks.toFixed(0)} /s`,
        ],
      },
    ]
  } finally {
    raw.stop()
    await server.stop()
  }
}

async function checkPasswords(raw: Raw): Promise<Load> {
  const start = performance.now()
  const answers = await raw.order({ argon2: { ms: SECONDS * 1000, atOnce: AT_ONCE } })
  return { answers, seconds: (performance.now() - start) / 1000 }
}
