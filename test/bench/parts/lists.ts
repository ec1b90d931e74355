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
const ANSWERS = 150
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
  const few = await filledServer(house, FEW, await databaseOf('few'))
  const many = await filledServer(house, MANY, await databaseOf('many'))
  try {
    const [ofFew, ofMany] = [await questions(few, FEW), await questions(many, MANY)]
    const figures: Figure[] = []
    for (const [i, asked] of ofMany.entries())
      figures.push(await figureOf(raw, engine, { ...asked, server: many }, { ...ofFew[i]!, server: few }))
    return figures
  } finally {
    await Promise.all([few.stop(), many.stop()])
  }
}

type At = Asked & { server: ListServer }

async function figureOf(raw: Raw, engine: string, many: At, few: At): Promise<Figure> {
  const load = ({ server, path }: At) => borne(server, () => viewPages(server.url + path, options(server)))
  const options = ({ headers }: Pick<ListServer, 'headers'>) => ({
    connections: CONNECTIONS,
    amount: ANSWERS,
    headers,
  })
  const sizes = await byProcessorTime(
    ROUNDS,
    () => load(many),
    () => load(few),
  )
  await raw.order({ reply: await replyOf(many.server.url + many.path, many.server.headers) })
  const bare = await byProcessorTime(
    ROUNDS,
    () => load(many),
    () => borne(raw, () => viewPages(`${raw.url}/login`, options({ headers: {} }))),
  )
  // Processor time is the steadier, but not all of it is the server's where the database is another process.
  const growth = engine === 'SQLite' ? 1 / sizes.ratio : sizes.perSecond[1] / sizes.perSecond[0]
  return {
    what: `${many.what}, ${MANY.toLocaleString('en')} people, ${engine}`,
    ours: `${bare.ours.toFixed(0)} µs`,
    raw: `bare Express ${bare.raw.toFixed(0)} µs`,
    ratio: bare.ratio,
    aim: `<= ${MOST_GROWTH} x that of ${FEW.toLocaleString('en')}`,
    met: growth <= MOST_GROWTH,
    notes: [
      `${growth.toFixed(2)} times what it costs with ${FEW.toLocaleString('en')} people (${sizes.raw.toFixed(0)} µs)`,
    ],
  }
}

type ListServer = Doorward & { headers: Record<string, string> }

async function filledServer(
  house: House,
  people: number,
  databaseUrl: string | undefined,
): Promise<ListServer> {
  const data = join(house.folder, `lists-${databaseUrl ? 'postgres' : 'sqlite'}-${people}`)
  const env = databaseUrl ? { DATABASE_URL: databaseUrl } : {}
  await fillDirectory(data, env, people)
  const server = await startDoorward(data, `${house.redis.url}/15`, [], env)
  return { ...server, headers: { authorization: `bearer:${await server.token()}` } }
}

/** The same for few and many; of few, the last page stands for the thousandth. */
async function questions(server: ListServer, people: number): Promise<Asked[]> {
  const first = `/api/1/users?limit=${PAGE}`
  const page = Math.min(DEEP, people / PAGE)
  return [
    { what: 'GET users, first page', path: first },
    { what: `GET users, page ${DEEP}`, path: await pageAt(server, page) },
    { what: 'GET users by email', path: `/api/1/users?email=person${people / 2}%40bench.test` },
    { what: 'GET users by username', path: `/api/1/users?username=person${people / 2}` },
  ]
}

async function pageAt({ url, headers }: ListServer, page: number): Promise<string> {
  let cursor = ''
  for (let at = 1; at < page; at++) {
    const { body } = await replyOf(`${url}/api/1/users?limit=${PAGE}&after_cursor=${cursor}`, headers)
    const { pagination } = JSON.parse(body) as { pagination: { after_cursor: string } }
    cursor = encodeURIComponent(pagination.after_cursor)
  }
  return `/api/1/users?limit=${PAGE}&after_cursor=${cursor}`
}

async function replyOf(url: string, headers: Record<string, string>) {
  const answer = await fetch(url, { headers: { ...headers, 'x-forwarded-proto': 'https' } })
  const body = await answer.text()
  if (answer.status !== 200 || !body.includes('@bench.test'))
    throw new Error(`no people: ${answer.status} ${body}`)
  const skipped = ['date', 'connection', 'keep-alive', 'content-length', 'transfer-encoding']
  return { body, headers: [...answer.headers].filter(([name]) => !skipped.includes(name)) }
}
