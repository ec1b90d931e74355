import { spawn } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { newDatabase, startPostgres } from '../../support/postgres.ts'
import { crowd } from '../crowd.ts'
import { COMMAND, MASTER_KEY, type House } from '../processes.ts'
import type { Figure } from '../report.ts'

const FEW = 1000
const MANY = 20_000
/** More memory than this for twenty times the people is not bounded: from here on a million take 25 MB more. */
const MOST_GROWTH_MB = 160

/** How many people a second `doorward import` and `doorward export` move, and the memory they take at most. */
export async function bulk(house: House): Promise<Figure[]> {
  const postgres = await startPostgres()
  try {
    return [
      ...(await moved(house, 'SQLite', async () => ({}))),
      ...(await moved(house, 'PostgreSQL', async (name) => ({
        DATABASE_URL: await newDatabase(postgres.url, name),
      }))),
    ]
  } finally {
    await postgres.stop()
  }
}

type EnvOf = (name: string) => Promise<Record<string, string>>

async function moved(house: House, engine: string, envOf: EnvOf): Promise<Figure[]> {
  const runs: { imported: Run; exported: Run }[] = []
  for (const people of [FEW, MANY]) {
    const folder = join(house.folder, `bulk-${engine}-${people}`)
    await mkdir(folder)
    await writeFile(join(folder, 'crowd.json'), crowd(people))
    const env = { DATA_DIR: join(folder, 'data'), MASTER_KEY, ...(await envOf(`bulk${people}`)) }
    const imported = await run(['import', 'crowd.json'], folder, env)
    runs.push({ imported, exported: await run(['export', '-o', 'out.json'], folder, env) })
  }
  return (['imported', 'exported'] as const).map((what) => {
    const [few, many] = runs.map((each) => each[what]) as [Run, Run]
    const growth = many.mb - few.mb
    return {
      what: `people ${what}, ${engine}`,
      ours: `${(MANY / many.seconds).toFixed(0)} /s`,
      raw: `${many.mb.toFixed(0)} MB at most`,
      aim: `< ${MOST_GROWTH_MB} MB more than for ${FEW}`,
      met: growth < MOST_GROWTH_MB,
      notes: [`${MANY} people in ${many.seconds.toFixed(1)} s; ${FEW} took ${few.mb.toFixed(0)} MB at most`],
    }
  })
}

interface Run {
  seconds: number
  mb: number
}

async function run(args: string[], cwd: string, env: Record<string, string>): Promise<Run> {
  const start = performance.now()
  const child = spawn(process.execPath, [COMMAND, ...args], {
    cwd,
    env: { PATH: process.env.PATH, ...env },
    stdio: 'ignore',
  })
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
  let mb = 0
  let code: number | null | undefined
  while (code === undefined) {
    code = await Promise.race([ended, wait(50).then(() => undefined)])
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '')
    mb = Math.max(mb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000)
  }
  if (code !== 0) throw new Error(`doorward ${args.join(' ')} ended with ${code}`)
  return { seconds: (performance.now() - start) / 1000, mb }
}
