import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startApp, type TestApp } from '../support/app.ts'
import { browser } from '../support/html.ts'
import type { DirectoryDocument } from '../../server/directory/document.ts'
import { company, PASSWORDS } from '../support/people.ts'
import { median, medianGap, rankSumP } from '../support/statistics.ts'

/** A person whom the directory knows without a password. */
const NO_PASSWORD = {
  id: 20,
  email: 'nopass@acme.test',
  username: 'nopass',
  firstname: 'No',
  lastname: 'Pass',
  status: 1 as const,
}
const LOCKED_BY_HAND = {
  ...NO_PASSWORD,
  id: 21,
  email: 'held@acme.test',
  username: 'held',
  status: 3 as const,
}

function people(): DirectoryDocument {
  const document = company()
  return {
    ...document,
    users: [...document.users!, NO_PASSWORD, { ...LOCKED_BY_HAND, password: PASSWORDS.gus }],
  }
}

/** Everybody who does not get in with a wrong password. */
const FAILING: [who: string, login: string][] = [
  ['a person who does not exist', 'nobody@acme.test'],
  ['another person who does not exist', 'someone.else@acme.test'],
  ['a person with a wrong password', 'bob@acme.test'],
  ['a person with a factor', 'ada@acme.test'],
  ['a suspended person', 'eve@acme.test'],
  ['a person without a password', 'nopass@acme.test'],
  ['a person whom an administrator has locked', 'held@acme.test'],
]

interface Seen {
  status: number
  headers: Record<string, string>
  body: string
}

/** What is left once it is taken away what may differ: the reference, the time, the name that was typed, tokens of the form. */
function comparable(status: number, headers: Headers, body: string, login: string): Seen {
  const ids = ['x-request-id', 'date', 'x-ratelimit-remaining', 'set-cookie', 'etag']
  return {
    status,
    headers: Object.fromEntries([...headers].filter(([name]) => !ids.includes(name))),
    body: body
      .replaceAll(headers.get('x-request-id') ?? '\0', 'REFERENCE')
      .replaceAll(login, 'LOGIN')
      .replace(/(name="_csrf" value=")[^"]*/g, '$1CSRF'),
  }
}

const WRONG = 'not-the-password-of-anyone'

async function byApi(app: TestApp, token: string, login: string, password = WRONG): Promise<Seen> {
  const body = { username_or_email: login, password, subdomain: 'acme' }
  const reply = await app.post('/api/1/login/auth', body, token)
  return comparable(reply.status, reply.headers, reply.text, login)
}

async function bySaml(app: TestApp, token: string, login: string): Promise<Seen> {
  const body = { username_or_email: login, password: WRONG, subdomain: 'acme', app_id: 500 }
  const reply = await app.post('/api/2/saml_assertion', body, token)
  return comparable(reply.status, reply.headers, reply.text, login)
}

async function byPage(app: TestApp, login: string, password = WRONG): Promise<Seen> {
  const tab = browser({ now: app.clock.now }).tab()
  await tab.open(`${app.url}/login`)
  const page = await tab.page.form().fill({ login, password }).submit()
  const headers = new Headers(page.headers)
  headers.delete('content-length') // the name that was typed is shown again
  return comparable(page.status, headers, page.body, login)
}

describe('a failed sign-in', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp({
      document: people(),
      policy: { max_invalid_attempts: 5, max_failures_per_address: 1_000_000 },
    })
    app.sink.learn(WRONG)
  })
  afterAll(() => app.close())

  const DOORS: [door: string, see: (login: string) => Promise<Seen>][] = [
    ['the sign-in page', (login) => byPage(app, login)],
    ['POST /api/1/login/auth', async (login) => byApi(app, await app.token(), login)],
    ['POST /api/2/saml_assertion', async (login) => bySaml(app, await app.token(), login)],
  ]
  for (const [door, see] of DOORS) {
    test(`looks the same for everybody at ${door}`, async () => {
      const expected = await see('not-the-first@acme.test')
      expect(expected.status).toBe(401)
      for (const [who, login] of FAILING) expect({ who, ...(await see(login)) }).toEqual({ who, ...expected })
      await app.advance(25 * 3600)
    })
  }

  test('looks the same while a lock is on, whether there is a person behind it or not', async () => {
    const token = await app.token()
    for (const [, login] of FAILING) for (let i = 0; i < 6; i++) await byApi(app, token, login)
    const expected = await byApi(app, token, FAILING[0]![1])
    expect(expected.body).toContain('User is locked')
    for (const [who, login] of FAILING)
      expect({ who, ...(await byApi(app, token, login)) }).toEqual({ who, ...expected })
    const locked = await byPage(app, 'bob@acme.test', PASSWORDS.bob)
    const unlocked = await byPage(app, 'not-locked@acme.test')
    expect(locked).toEqual(unlocked)
    await app.advance(25 * 3600)
  })

  test('passes from wrong to locked at the same try, whether there is a person or not', async () => {
    const token = await app.token()
    for (const [who, login] of FAILING.filter(([, name]) => name !== LOCKED_BY_HAND.email)) {
      const bodies: boolean[] = []
      for (let i = 0; i < 7; i++)
        bodies.push((await byApi(app, token, login)).body.includes('User is locked'))
      expect({ who, bodies }).toEqual({ who, bodies: [false, false, false, false, false, true, true] })
    }
    await app.advance(25 * 3600)
  })

  test('tells nothing by the password: empty, long and odd ones are refused alike for everybody', async () => {
    for (const password of [
      '',
      ' ',
      'x'.repeat(4000),
      'x'.repeat(5000),
      '\0',
      'ä'.repeat(600),
      '{"$gt":""}',
    ]) {
      const token = await app.token()
      const nobody = await byApi(app, token, 'nobody@acme.test', password)
      expect(await byApi(app, token, 'bob@acme.test', password)).toEqual(nobody)
      await app.advance(25 * 3600)
    }
  })
})

describe('the time of a failed sign-in', () => {
  const PAIRS = 200
  let app: TestApp
  beforeAll(async () => {
    const policy = { max_invalid_attempts: 100, max_failures_per_address: 1_000_000 }
    app = await startApp({ document: people(), policy, passwordCost: 'real' })
    app.sink.learn(WRONG)
  }, 60_000)
  afterAll(() => app.close())

  async function timed(work: () => Promise<unknown>): Promise<number> {
    const start = performance.now()
    await work()
    return performance.now() - start
  }

  /** Wrong passwords of two people in turn; every lock and counter is far away. */
  async function measured(names: [string, string]) {
    const ms: [number[], number[]] = [[], []]
    let token = await app.token()
    for (let i = 0; i < PAIRS; i++) {
      const order = i % 2 === 0 ? ([0, 1] as const) : ([1, 0] as const)
      for (const side of order) ms[side].push(await timed(() => refused(token, names[side])))
      if (i % 45 < 44) continue
      await app.advance(25 * 3600)
      token = await app.token()
    }
    await app.advance(25 * 3600)
    return { p: rankSumP(...ms), gapMs: medianGap(...ms), medianMs: median(ms[0]) }
  }

  async function refused(token: string, login: string): Promise<void> {
    const { body } = await byApi(app, token, login)
    if (!body.includes('Invalid user credentials')) throw new Error(`answered ${body}`)
  }

  const known: [what: string, login: string][] = [
    ['a wrong password', 'bob@acme.test'],
    ['a suspended person', 'eve@acme.test'],
    ['a person without a password', 'nopass@acme.test'],
  ]
  for (const [what, login] of known) {
    test(`tells nobody apart: ${what} or nobody, by API`, { timeout: 180_000, retry: 1 }, async () => {
      await refused(await app.token(), 'nobody@acme.test')
      const { p, gapMs, medianMs } = await measured(['nobody@acme.test', login])
      const figures = `median ${medianMs.toFixed(1)} ms, difference ${gapMs.toFixed(2)} ms, p = ${p.toFixed(3)}`
      console.info(`${what} ./. nobody: ${figures}`)
      expect(p > 0.01 || Math.abs(gapMs) < 3, figures).toBe(true)
    })
  }
})
