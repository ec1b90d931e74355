import { request } from 'node:http'
import { Redis } from 'ioredis'
import { viewPages } from '../load.ts'
import { borne, byProcessorTime } from '../measure.ts'
import { PROXIED, startRaw, type House } from '../processes.ts'
import type { FixedReply } from '../raw.ts'
import type { Figure } from '../report.ts'

const CONNECTIONS = 8
const SECONDS = 1
const ROUNDS = 15
const WARM_UP = 10_000

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
    for (const { url } of [server, raw])
      await viewPages(`${url}/login`, { connections: CONNECTIONS, amount: WARM_UP }) // compiled by then
    const pairs = await byProcessorTime(
      ROUNDS,
      () => borne(server, () => viewPages(`${server.url}/login`, load)),
      () => borne(raw, () => viewPages(`${raw.url}/login`, load)),
    )
    const [views, replies] = pairs.perSecond
    const commands = difference(before, await commandCalls(redis))
    return [
      {
        what: `GET /login, ${CONNECTIONS} at once`,
        ours: `${pairs.ours.toFixed(0)} µs`,
        raw: `bare Express ${pairs.raw.toFixed(0)} µs`,
        ratio: pairs.ratio,
        aim: '>= 0.5',
        met: pairs.ratio >= 0.5,
        notes: [
          `${reply.body.length} bytes and ${reply.headers.length} headers in both`,
          'processor time of one page, all threads of the server',
          `by the clock ${views.toFixed(0)} /s, bare Express ${replies.toFixed(0)} /s`,
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
