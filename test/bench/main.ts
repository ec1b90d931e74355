/**
 * Measures each figure beside the raw primitive it rests on, in turn and in the same run, and prints one table.
 * `npm run bench` runs all of it in less than twelve minutes, most of them for ten thousand sign-ins; `npm run bench -- login page` runs parts.
 */
import { availableParallelism } from 'node:os'
import { broker } from './parts/broker.ts'
import { flood } from './parts/flood.ts'
import { bulk } from './parts/import.ts'
import { lists } from './parts/lists.ts'
import { login } from './parts/login.ts'
import { memory } from './parts/memory.ts'
import { page } from './parts/page.ts'
import { signing } from './parts/signing.ts'
import { start } from './parts/start.ts'
import { openHouse, type House } from './processes.ts'
import { table, type Figure } from './report.ts'

const PARTS: Record<string, (house: House) => Promise<Figure[]>> = {
  login,
  signing,
  broker,
  page,
  flood,
  start,
  memory,
  lists,
  import: bulk,
}
const names = Object.keys(PARTS)
const LONGEST_MS = 12 * 60_000

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !names.includes(name))
if (unknown.length > 0)
  throw new Error(`There is no part ${unknown.join(', ')}; there are ${names.join(', ')}`)

const figures: Figure[] = []
const print = () => {
  console.log(
    `\nNode ${process.version}, ${availableParallelism()} cores; medians of pairs measured in turn\n`,
  )
  console.log(table(figures))
}
setTimeout(() => {
  print()
  console.error('The rest took too long on this machine; the bench ends itself.')
  process.exit(1) // takes every process it started with it
}, LONGEST_MS).unref()

const house = await openHouse()
try {
  for (const name of asked.length > 0 ? asked : names) {
    console.error(`measuring ${name} …`)
    figures.push(...(await PARTS[name]!(house)))
  }
} finally {
  await house.close()
}
print()
