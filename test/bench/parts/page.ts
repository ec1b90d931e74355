import { request } from 'node:http'
import { Redis } from 'ioredis'
import { pageRate } from '../load.ts'
import { interleaved, median } from '../measure.ts'
import { PROXIED, startRaw, type House } from '../processes.ts'
import type { FixedReply } from '../raw.ts'
import type { Figure } from '../report.ts'

const CONNECTIONS = 8
const SECONDS = 3
const ROUNDS = 5

/** What Node or Express write themselves. */
const WRITTEN_BY_NODE = ['date', 'connection', 'keep-alive', 'content-length']

/** The sign-in page as a first visitor gets it: no cookie, so a new CSRF secret, cookie and token each time. */
export async function page(house: House): Promise<Figure[]> {
  const [server, raw] = [await house.start(), await startRaw()]
  const redis = new Redis(house.redis.url)
  try {
    const reply = await replyOf(`${server.url}/login`)
    await raw.order({ reply })
    await sameReply(`${raw.url}/login`, reply)
    const load = { connections: CONNECTIONS, seconds: SECONDS }
    const before = await commandCalls(redis)
    const [oursCpu, rawCpu]: [number[], number[]] = [[], []]
    const pairs = await interleaved(
      ROUNDS,
      () => costed(server, oursCpu, () => pageRate(`${server.url}/login`, load)),
      () => costed(raw, rawCpu, () => pageRate(`${raw.url}/login`, load)),
    )
    const [oursUs, rawUs] = [median(oursCpu.slice(1)), median(rawCpu.slice(1))]
    const commands = difference(before, await commandCalls(redis))
    return [
      {
        what: `GET /login, ${CONNECTIONS} at once`,
        ours: `${pairs.ours.toFixed(0)} /s`,
        raw: `bare Express ${pairs.raw.toFixed(0)} /s`,
        ratio: pairs.ratio,
        aim: '>= 0.5',
        met: pairs.ratio >= 0.5,
        notes: [
          `${reply.body.length} bytes and ${reply.headers.length} headers in both`,
          // Says the same on a machine that is busy with other things.
          `processor time ${oursUs.toFixed(0)} µs, bare Express ${rawUs.toFixed(0)} µs: ${(rawUs / oursUs).toFixed(2)}`,
        ],
      },
      {
        what: 'Redis commands of all these pages',
        ours: commands.length === 0 ? 'none' : commands.join(', '),
        raw: '',
        aim: 'none',
        met: commands.length === 0,
        notes: ["by Redis' own INFO commandstats, before and after"],
      },
    ]
  } finally {
    redis.disconnect()
    raw.stop()
    await server.stop()
  }
}

/** Measures a rate, and keeps the processor time of one page beside it, µs. */
async function costed(
  server: { cpuSeconds(): Promise<number> },
  keep: number[],
  rate: () => Promise<number>,
): Promise<number> {
  const before = await server.cpuSeconds()
  const perSecond = await rate()
  keep.push((((await server.cpuSeconds()) - before) * 1e6) / (perSecond * SECONDS))
  return perSecond
}

const replyOf = (url: string): Promise<FixedReply> =>
  new Promise((resolve, reject) => {
    const asked = request(url, { headers: PROXIED }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (text: string) => (body += text))
      response.once('end', () => {
        const headers = Object.entries(response.headers).filter(([name]) => !WRITTEN_BY_NODE.includes(name))
        resolve({ headers: headers as FixedReply['headers'], body })
      })
    })
    asked.once('error', reject)
    asked.end()
  })

async function sameReply(url: string, wanted: FixedReply): Promise<void> {
  const got = await replyOf(url)
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error('the bare reply is not the same reply')
}

type Calls = Map<string, number>

async function commandCalls(redis: Redis): Promise<Calls> {
  const stats = await redis.info('commandstats')
  return new Map(
    [...stats.matchAll(/^cmdstat_(\S+?):calls=(\d+)/gm)].map(([, name, calls]) => [name!, Number(calls)]),
  )
}

/** Every command that ran in between, but for our own question. */
const difference = (before: Calls, after: Calls): string[] =>
  [...after]
    .map(([name, calls]) => ({ name, calls: calls - (before.get(name) ?? 0) }))
    .filter(({ name, calls }) => calls > 0 && name !== 'info')
    .map(({ name, calls }) => `${name} ${calls}`)
