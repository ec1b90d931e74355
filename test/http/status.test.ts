import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openLogin, signIn } from '../signin/portal.ts'
import { startApp, type TestApp } from '../support/app.ts'
import { startRedis } from '../support/redis.ts'
import { raw } from './raw-request.ts'

let app: TestApp
beforeAll(async () => {
  app = await startApp({ env: { TRUST_PROXY: 'loopback' } })
})
afterAll(() => app.close())

test.each([
  ['/healthz', { status: 'ok' }],
  ['/readyz', { status: 'ok', database: true, pending: true }],
])('%s says that all is well, is kept by nobody and sets no cookie', async (path, body) => {
  const reply = await app.call('GET', path)
  expect([reply.status, reply.json]).toEqual([200, body])
  expect([reply.headers.get('cache-control'), reply.headers.getSetCookie()]).toEqual(['no-store', []])
})

test('/readyz says what is gone, while /healthz goes on', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  const here = await startApp({ env: { REDIS_URL: redis.url } })
  onTestFinished(() => here.close())
  expect((await here.call('GET', '/readyz')).status).toBe(200)
  await redis.stop('SIGKILL')
  const reply = await here.call('GET', '/readyz')
  expect([reply.status, reply.json]).toEqual([503, { status: 'unavailable', database: true, pending: false }])
  expect((await here.call('GET', '/healthz')).status).toBe(200)
})

describe('/metrics', () => {
  const from = (address: string) => app.call('GET', '/metrics', { headers: { 'x-forwarded-for': address } })

  test.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.9.9',
    '192.168.7.7',
    '::1',
    'fd00::1',
    '::ffff:10.0.0.1',
  ])('answers %s, which is near', async (address) => {
    await signIn(app, 'bob')
    const reply = await from(address)
    expect([reply.status, reply.headers.get('cache-control')]).toEqual([200, 'no-store'])
    expect(reply.text).toContain('doorward_sign_ins_total{door="portal",outcome="done"}')
    expect(reply.text).not.toMatch(/bob|acme/)
  })

  test.each([
    '8.8.8.8',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.1.1',
    '100.64.0.1',
    '2001:db8::1',
    'fe80::1',
    'x',
    '10.x',
  ])('does not exist for %s', async (address) => {
    const reply = await from(address)
    expect([reply.status, reply.text.includes('doorward_sign_ins_total')]).toEqual([404, false])
  })
})

describe('static files', () => {
  const addresses = async (): Promise<string[]> => {
    const { $ } = await openLogin(app)
    return $('link[href^="/"], script[src], img[src]')
      .toArray()
      .map((element) => String($(element).attr('href') ?? $(element).attr('src')))
  }

  test('of a page are all there, may be kept for ever, and set no cookie', async () => {
    const all = await addresses()
    expect(all.length).toBeGreaterThan(4)
    for (const address of all) {
      const reply = await app.call('GET', address)
      expect([
        address,
        reply.status,
        reply.headers.get('cache-control'),
        reply.headers.getSetCookie(),
      ]).toEqual([address, 200, 'public, max-age=31536000, immutable', []])
      expect(reply.headers.get('x-content-type-options')).toBe('nosniff')
      expect(reply.headers.get('content-type')).toMatch(/^(text\/(css|javascript)|image\/svg\+xml)/)
    }
  })

  test('set no cookie for people who are signed in either', async () => {
    const browser = app.browser()
    await signIn(app, 'bob', browser)
    for (const address of await addresses())
      expect((await browser.tab().open(app.url + address)).headers.getSetCookie()).toEqual([])
  })

  test('answer to no address that they do not have', async () => {
    const [sheet = ''] = (await addresses()).filter((address) => address.includes('/css/'))
    const [brand = ''] = (await addresses()).filter((address) => address.startsWith('/brand/'))
    for (const path of [
      '/static/css/doorward.css',
      '/static/',
      '/static',
      '/static/../package.json',
      '/static/..%2fpackage.json',
      '/static/%2e%2e/package.json',
      '/static/%2e%2e%2fpackage.json',
      '/static/css/..%2f..%2f..%2fpackage.json',
      '/static/..\\package.json',
      '/static/css/%00',
      '/static/%',
      '/static//etc/passwd',
      '/static/brand/../../data/master.key',
      '/static/__proto__',
      '/static/constructor',
      `${sheet}/`,
      `${sheet}.map`,
      sheet.replace('.css', '.js'),
      sheet.toUpperCase(),
      '/brand/acme.css',
      '/brand/acme.000000000000.css',
      '/brand/../package.json',
      '/brand/%2e%2e',
      brand.replace('acme', 'northwind'),
      brand.replace('acme', '__proto__'),
    ]) {
      const reply = await raw(app, { method: 'GET', path })
      expect([path, [303, 400, 404].includes(reply.status), reply.headers['cache-control']]).toEqual([
        path,
        true,
        'no-store',
      ])
      expect(reply.text).not.toMatch(/"dependencies"|root:/)
    }
    expect(app.log()).not.toContain('"level":50')
  })
})

test('a page that is not there says so and nothing of the software', async () => {
  for (const path of [
    '/nowhere',
    '/%',
    '/%ff',
    '/a'.repeat(2000),
    '/.env',
    '/.git/config',
    '/server/main.ts',
    '/index.html',
  ]) {
    const reply = await app.call('GET', path)
    expect([path.slice(0, 20), [400, 404].includes(reply.status)]).toEqual([path.slice(0, 20), true])
    expect(reply.text).toContain('Reference for support')
    expect(reply.text).not.toMatch(/node_modules|Express|at \w+ \(/)
    expect(reply.headers.get('x-powered-by')).toBeNull()
  }
})
