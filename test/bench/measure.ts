export const median = (values: readonly number[]): number => percentile(values, 50)

/** The value that `share` percent of all values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((share / 100) * sorted.length) - 1)] ?? Number.NaN
}

/** Two things measured in turn, so that whatever else the machine does falls on both. */
export interface Pairs {
  ours: number
  raw: number
  /** Median of the ratios of the pairs; of ratios and not of medians, so that a slow minute cancels out. */
  ratio: number
}

/** A B A B …: each is measured once before anything counts, then `rounds` times. */
export async function interleaved(
  rounds: number,
  ours: () => Promise<number>,
  raw: () => Promise<number>,
): Promise<Pairs> {
  await ours()
  await raw()
  const pairs: [ours: number, raw: number][] = []
  for (let i = 0; i < rounds; i++) pairs.push([await ours(), await raw()])
  return {
    ours: median(pairs.map(([a]) => a)),
    raw: median(pairs.map(([, b]) => b)),
    ratio: median(pairs.map(([a, b]) => a / b)),
  }
}

/** A load that a process has borne: answers, how long it took, and processor time of all the threads of that process. */
export interface Borne {
  answers: number
  seconds: number
  cpuSeconds: number
}

/** Bears a load and tells what that took of the process's processor time. */
export async function borne(
  server: { cpuSeconds(): Promise<number> },
  load: () => Promise<Omit<Borne, 'cpuSeconds'>>,
): Promise<Borne> {
  const before = await server.cpuSeconds()
  const done = await load()
  return { ...done, cpuSeconds: (await server.cpuSeconds()) - before }
}

/**
 * Two servers under the same load, in turn, by the processor time of an answer: that is what a core can give, and
 * neither whoever sends the load nor whatever else runs on the machine is part of it.
 */
export async function byProcessorTime(
  rounds: number,
  ours: () => Promise<Borne>,
  raw: () => Promise<Borne>,
): Promise<Pairs & { perSecond: [ours: number, raw: number] }> {
  const speeds: [number[], number[]] = [[], []]
  const cost = (of: () => Promise<Borne>, speed: number[]) => async () => {
    const { answers, seconds, cpuSeconds } = await of()
    speed.push(answers / seconds)
    return (cpuSeconds / answers) * 1e6
  }
  const pairs = await interleaved(rounds, cost(ours, speeds[0]), cost(raw, speeds[1]))
  return { ...pairs, ratio: 1 / pairs.ratio, perSecond: [median(speeds[0]), median(speeds[1])] }
}

/** How often a second `run` runs when nothing else does. */
export function rateOf(run: () => void, ms: number): number {
  const start = performance.now()
  let done = 0
  while (performance.now() - start < ms) {
    run()
    done++
  }
  return done / ((performance.now() - start) / 1000)
}
