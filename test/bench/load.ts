import autocannon from 'autocannon'
import { Agent, get } from 'node:http'
import { people } from './company.ts'
import { PROXIED } from './processes.ts'

type Result = Awaited<ReturnType<typeof autocannon>>

/** What was answered and how long that took. */
export interface Load {
  answers: number
  seconds: number
}
export const perSecond = ({ answers, seconds }: Load): number => answers / seconds

/** @throws when any answer was not a success: a bench must not measure refusals. */
function answered(result: Result): Load {
  const { non2xx, errors, timeouts, duration } = result
  if (non2xx + errors + timeouts > 0)
    throw new Error(`${non2xx} answers refused, ${errors} errors, ${timeouts} timeouts`)
  return { answers: result['2xx'], seconds: duration }
}

/** Page views over `connections` that stay open. */
export async function viewPages(
  url: string,
  options: { connections: number; seconds?: number; amount?: number; headers?: Record<string, string> },
): Promise<Load> {
  const { connections, seconds, amount, headers } = options
  const result = await autocannon({
    url,
    connections,
    headers: { ...PROXIED, ...headers },
    ...(seconds !== undefined && { duration: seconds }),
    ...(amount !== undefined && { amount }),
  })
  return answered(result)
}

/** Sign-ins, each of the `atOnce` connections as a person of its own. */
export async function signIn(
  server: { url: string; token: string },
  options: { atOnce: number; seconds?: number; amount?: number },
): Promise<Load> {
  const { atOnce, seconds, amount } = options
  let next = 0
  const result = await autocannon({
    url: `${server.url}/api/1/login/auth`,
    method: 'POST',
    connections: atOnce,
    timeout: 30,
    headers: { ...PROXIED, 'content-type': 'application/json', authorization: `bearer:${server.token}` },
    setupClient(client) {
      const { login, password } = people[next++ % people.length]!
      client.setBody(JSON.stringify({ username_or_email: login, password, subdomain: 'bench' }))
    },
    ...(seconds !== undefined && { duration: seconds }),
    ...(amount !== undefined && { amount }),
  })
  return answered(result)
}

/**
 * How long each of `count` page views took, ms, one begun every `everyMs` whether the one before it was answered or not:
 * a server that stands still is not asked less.
 */
export async function pageTimes(url: string, { count, everyMs }: { count: number; everyMs: number }) {
  const agent = new Agent({ keepAlive: true })
  const start = performance.now()
  const times = Array.from({ length: count }, async (_, i) => {
    const due = start + i * everyMs
    await new Promise((resolve) => setTimeout(resolve, due - performance.now()))
    const began = performance.now()
    await view(url, agent)
    return performance.now() - began
  })
  try {
    return await Promise.all(times)
  } finally {
    agent.destroy()
  }
}

const view = (url: string, agent: Agent): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = get(url, { agent, headers: PROXIED, timeout: 30_000 }, (response) => {
      response.resume()
      response.once('end', () => (response.statusCode === 200 ? resolve() : reject(new Error('no page'))))
    })
    request.once('timeout', () => request.destroy(new Error('no answer in 30 s')))
    request.once('error', reject)
  })
