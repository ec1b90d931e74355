import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openSqlite } from '../../server/platform/database/sqlite-dialect.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { IDS, PASSWORDS } from '../support/people.ts'
import { startRedis, type RedisServer } from '../support/redis.ts'
import { until } from '../support/server-process.ts'

const LOGIN = { username_or_email: 'bob', password: PASSWORDS.bob, subdomain: 'acme' }
const UNAVAILABLE = {
  error: true,
  code: 503,
  type: 'Service Unavailable',
  message: 'The service is not available right now. Try again later',
}
const status = async (app: TestApp, path: string) => (await app.call('GET', path)).status

async function loginForm(app: TestApp) {
  const tab = app.browser().tab()
  await tab.open(`${app.url}/login`)
  return tab.page.form().fill({ login: 'bob', password: PASSWORDS.bob })
}

/** What an answer must not tell. */
const DETAILS = /sqlite|redis|ECONN|database|\bat \S+ \(|\.ts:|select |insert |update /i

async function expectUnavailable(app: TestApp, token: string): Promise<void> {
  const page = await (await loginForm(app)).submit()
  expect([page.status, page.headers.get('retry-after')]).toEqual([503, '5'])
  expect(page.text).toMatch(/This is not available right now.*Please try again in 5 seconds/)
  expect(page.body).not.toMatch(DETAILS)
  for (const path of ['/api/1/login/auth', '/api/1/saml_assertion']) {
    const reply = await app.post(path, { ...LOGIN, app_id: 500 }, token)
    expect([reply.status, reply.headers.get('retry-after')]).toEqual([503, '5'])
    expect(reply.json).toEqual({ status: UNAVAILABLE })
  }
  const v2 = await app.post('/api/2/saml_assertion', { ...LOGIN, app_id: 500 }, token)
  expect([v2.status, v2.json.statusCode]).toEqual([503, 503])
}

async function expectWorks(app: TestApp, token: string): Promise<void> {
  const reply = await app.post('/api/1/login/auth', LOGIN, token)
  expect(reply.json.data[0].status).toBe('Authenticated')
  app.sink.learn(reply.json.data[0].session_token)
  const page = await (await loginForm(app)).submit()
  expect([page.status, page.url.pathname]).toEqual([200, '/'])
}

describe('without Redis', () => {
  let redis: RedisServer
  let app: TestApp
  beforeAll(async () => {
    redis = await startRedis()
    app = await startApp({ env: { REDIS_URL: redis.url } })
  })
  afterAll(async () => {
    await app.close()
    await redis.stop()
  })

  test('signing in answers 503 and says so, pages are shown, and all works again once Redis is back', async () => {
    const token = await app.token()
    await expectWorks(app, token)
    expect(await status(app, '/readyz')).toBe(200)
    await redis.stop('SIGKILL')
    await expectUnavailable(app, token)
    expect([await status(app, '/healthz'), await status(app, '/login')]).toEqual([200, 200])
    const ready = await app.call('GET', '/readyz')
    expect([ready.status, ready.json]).toEqual([
      503,
      { status: 'unavailable', database: true, pending: false },
    ])
    expect((await app.ctx.users.find(IDS.bob))!.invalidLoginAttempts).toBe(0)
    await redis.start()
    await until('ready again', async () => (await status(app, '/readyz')) === 200)
    await expectWorks(app, token)
  })

  test('a browser session that cannot be looked up is no session, and no error of ours', async () => {
    const browser = app.browser()
    const tab = browser.tab()
    await tab.open(`${app.url}/login`)
    expect((await tab.page.form().fill({ login: 'bob', password: PASSWORDS.bob }).submit()).status).toBe(200)
    await redis.stop('SIGKILL')
    for (const path of ['/', '/apps/500/launch', '/login']) {
      const page = await tab.open(`${app.url}${path}`)
      expect([path, page.status]).toEqual([path, 503])
      expect(page.body).not.toMatch(DETAILS)
      expect(page.body).not.toContain('SAMLResponse')
    }
    await redis.start()
    await until('ready again', async () => (await status(app, '/readyz')) === 200)
    const after = await tab.open(`${app.url}/`)
    expect(after.url.pathname).toBe('/login') // Redis came back empty: signed out, nothing else lost
  })

  test('many requests at once while Redis goes away are all answered, none with a fault', async () => {
    const token = await app.token()
    const replies = Array.from({ length: 60 }, () => app.post('/api/1/login/auth', LOGIN, token))
    await redis.stop('SIGKILL')
    const codes = (await Promise.all(replies)).map((reply) => reply.status)
    expect(codes.filter((code) => ![200, 401, 503].includes(code))).toEqual([])
    await redis.start()
    await until('ready again', async () => (await status(app, '/readyz')) === 200)
  })
})

describe('with a SQLite file', () => {
  let app: TestApp
  beforeAll(async () => {
    app = await startApp()
    await sql`pragma busy_timeout = 50`.execute(app.ctx.db)
  })
  afterAll(() => app.close())

  test('that somebody else holds, signing in answers 503 without details, and works once it is free', async () => {
    const token = await app.token()
    const other = openSqlite(app.ctx.config.DATABASE_URL.replace('sqlite:', ''))
    other.exec('begin immediate')
    await expectUnavailable(app, token)
    expect([
      await status(app, '/healthz'),
      await status(app, '/login'),
      await status(app, '/readyz'),
    ]).toEqual([200, 200, 200])
    other.exec('rollback')
    other.close()
    await expectWorks(app, token)
  })

  test('that cannot be written, signing in answers 503 without details, and works once it can', async () => {
    const token = await app.token()
    await sql`pragma query_only = on`.execute(app.ctx.db)
    await expectUnavailable(app, token)
    expect(await status(app, '/login')).toBe(200)
    await sql`pragma query_only = off`.execute(app.ctx.db)
    await expectWorks(app, token)
  })
})
