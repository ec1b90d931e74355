import { join } from 'node:path'
import { newDatabase, startPostgres } from '../../support/postgres.ts'
import { fillDirectory } from '../crowd.ts'
import { viewPages } from '../load.ts'
import { borne, byProcessorTime } from '../measure.ts'
import { startDoorward, startRaw, type Doorward, type House, type Raw } from '../processes.ts'
import type { Figure } from '../report.ts'

const FEW = 1000
const MANY = 100_000
const CONNECTIONS = 4
const ANSWERS = 300
const ROUNDS = 3
const PAGE = 50
const DEEP = 1000
/** What any page of many people may cost of what it costs of few. */
const MOST_GROWTH = 1.3

interface Asked {
  what: string
  path: string
}

/** Pages of `GET /api/1/users`, and one person by name, on both engines: what they cost, and that it does not grow. */
export async function lists(house: House): Promise<Figure[]> {
  const postgres = await startPostgres()
  const raw = await startRaw()
  try {
    const sqlite = await measured(house, raw, 'SQLite', () => undefined)
    return [
      ...sqlite,
      ...(await measured(house, raw, 'PostgreSQL', (name) => newDatabase(postgres.url, name))),
    ]
  } finally {
    raw.stop()
    await postgres.stop()
  }
}

type DatabaseOf = (name: string) => Promise<string> | undefined

async function measured(house: House, raw: Raw, engine: string, databaseOf: DatabaseOf): Promise<Figure[]> {
  const few = await measureOne(house, raw, FEW, await databaseOf('few'))
  const many = await measureOne(house, raw, MANY, await databaseOf('many'))
  return many.map(({ what, pairs }, i) => {
    const before = few[i]!.pairs
    // Processor time is the steadier, but not all of it is ours where the database is a server of its own.
    const byClock = before.perSecond[0] / before.perSecond[1] / (pairs.perSecond[0] / pairs.perSecond[1])
    const growth = engine === 'SQLite' ? before.ratio / pairs.ratio : byClock
    return {
      what: `${what}, ${MANY.toLocaleString('en')} people, ${engine}`,
      ours: `${pairs.ours.toFixed(0)} µs`,
      raw: `bare Express ${pairs.raw.toFixed(0)} µs`,
      ratio: pairs.ratio,
      aim: `<= ${MOST_GROWTH} x that of ${FEW.toLocaleString('en')}`,
      met: growth <= MOST_GROWTH,
      notes: [
        `${growth.toFixed(2)} times what it costs with ${FEW} people (${before.ours.toFixed(0)} µs)`,
        `by the clock ${pairs.perSecond[0].toFixed(0)} /s, with ${FEW} people ${before.perSecond[0].toFixed(0)} /s`,
      ],
    }
  })
}

async function measureOne(house: House, raw: Raw, people: number, databaseUrl: string | undefined) {
  const data = join(house.folder, `lists-${databaseUrl ? 'postgres' : 'sqlite'}-${people}`)
  const env = databaseUrl ? { DATABASE_URL: databaseUrl } : {}
  await fillDirectory(data, env, people)
  const server = await startDoorward(data, `${house.redis.url}/15`, [], env)
  try {
    const headers = { authorization: `bearer:${await server.token()}` }
    const figures = []
    for (const { what, path } of await questions(server, headers, people)) {
      await raw.order({ reply: await replyOf(server.url + path, headers) })
      const load = { connections: CONNECTIONS, amount: ANSWERS, headers }
      const ours = () => viewPages(server.url + path, load)
      const bare = () => viewPages(`${raw.url}/login`, load)
      const pairs = await byProcessorTime(
        ROUNDS,
        () => borne(server, ours),
        () => borne(raw, bare),
      )
      figures.push({ what, pairs })
    }
    return figures
  } finally {
    await server.stop()
  }
}

/** The same for few and many; of few, the last page stands for the thousandth. */
async function questions(
  server: Doorward,
  headers: Record<string, string>,
  people: number,
): Promise<Asked[]> {
  const first = `/api/1/users?limit=${PAGE}`
  const page = Math.min(DEEP, people / PAGE)
  return [
    { what: 'GET users, first page', path: first },
    { what: `GET users, page ${DEEP}`, path: await pageAt(server, headers, page) },
    { what: 'GET users by email', path: `/api/1/users?email=person${people / 2}%40bench.test` },
    { what: 'GET users by username', path: `/api/1/users?username=person${people / 2}` },
  ]
}

async function pageAt(server: Doorward, headers: Record<string, string>, page: number): Promise<string> {
  let cursor = ''
  for (let at = 1; at < page; at++) {
    const answer = await fetch(`${server.url}/api/1/users?limit=${PAGE}&after_cursor=${cursor}`, {
      headers: { ...headers, 'x-forwarded-proto': 'https' },
    })
    const { pagination } = (await answer.json()) as { pagination: { after_cursor: string } }
    cursor = encodeURIComponent(pagination.after_cursor)
  }
  return `/api/1/users?limit=${PAGE}&after_cursor=${cursor}`
}

async function replyOf(url: string, headers: Record<string, string>) {
  const answer = await fetch(url, { headers: { ...headers, 'x-forwarded-proto': 'https' } })
  const body = await answer.text()
  if (answer.status !== 200 || !body.includes('@bench.test')) throw new Error(`no people: ${answer.status}`)
  const skipped = ['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']
  return { body, headers: [...answer.headers].filter(([name]) => !skipped.includes(name)) }
}
